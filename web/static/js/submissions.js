// Verdicts that arrive: said once, by a toast that screen readers read too. The rows themselves are merged by regions.js.
import { text, toast } from "./texts.js";

export function startVerdicts() {
  for (const region of document.querySelectorAll("[data-announce]")) {
    const known = new Map();
    const note = () => { for (const row of region.querySelectorAll("[data-verdict]")) known.set(row.dataset.key, row.dataset.verdict); };
    note();
    region.addEventListener("merged", () => {
      for (const row of region.querySelectorAll("[data-verdict]")) {
        const before = known.get(row.dataset.key);
        if (row.dataset.verdict && before !== undefined && before !== row.dataset.verdict) say(row);
      }
      note();
      const head = region.closest("table")?.tHead;
      if (head) head.classList.toggle("unseen", !region.querySelector("[data-verdict]"));
    });
  }
}

function say(row) {
  const chip = row.querySelector(".chip")?.cloneNode(true);
  const words = document.createElement("span");
  words.textContent = row.dataset.said ?? text("sent");
  const message = document.createDocumentFragment();
  if (chip) {
    chip.querySelector(".unseen")?.remove();
    chip.classList.remove("glow");
    message.append(chip);
  }
  message.append(words);
  toast(message);
}
