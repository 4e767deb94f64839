// Copy buttons. On plain http browsers give no clipboard API, so the text is selected and copied the old way.
import { text } from "./texts.js";

export function startCopying() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const done = await copyText(source.textContent) || copySelected(source);
    const before = button.dataset.before ??= button.textContent;
    button.textContent = done ? text("copied") : text("notCopied");
    clearTimeout(Number(button.dataset.timer));
    button.dataset.timer = setTimeout(() => { button.textContent = before; }, 1600);
  });
}

async function copyText(value) {
  if (!navigator.clipboard) return false;
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    return false;
  }
}

function copySelected(element) {
  const area = document.createElement("textarea");
  area.value = element.textContent;
  area.readOnly = true;
  area.className = "unseen";
  document.body.append(area);
  const before = document.activeElement;
  area.select();
  let done = false;
  try { done = document.execCommand("copy"); } catch { done = false; }
  area.remove();
  before?.focus?.({ preventScroll: true });
  if (!done) getSelection().selectAllChildren(element);
  return done;
}
