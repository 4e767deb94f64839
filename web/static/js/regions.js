// Live regions: elements with data-live (where their content comes from) and data-on (the topics that change it).
import { merge } from "./merge.js";

export function startRegions() {
  const regions = [...document.querySelectorAll("[data-live]")].map((element) => ({ element, etag: "", busy: false, again: false }));

  async function load(region) {
    if (region.busy) { region.again = true; return; }
    region.busy = true;
    try {
      const headers = region.etag ? { "If-None-Match": region.etag } : {};
      const answer = await fetch(region.element.dataset.live, { headers, credentials: "same-origin", cache: "no-store" });
      if (answer.status === 200) {
        const html = await answer.text();
        region.etag = answer.headers.get("ETag") ?? "";
        const added = merge(region.element, html);
        region.element.dispatchEvent(new CustomEvent("merged", { detail: { added }, bubbles: true }));
      }
    } catch {
      // The server is away: live.js says so, and refreshes everything when it is back.
    } finally {
      region.busy = false;
      if (region.again) { region.again = false; load(region); }
    }
  }

  // A topic is "team:7", "board", …; data-on names it without the id.
  function refresh(topics) {
    for (const region of regions) {
      const wanted = region.element.dataset.on.split(" ");
      if (!topics || [...topics].some((topic) => wanted.includes(topic.split(":")[0]))) load(region);
    }
  }

  // A large board: the page carries its beginning, the rest comes now.
  for (const region of regions) if ("partial" in region.element.dataset) load(region);
  return { refresh };
}
