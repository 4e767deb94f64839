// Live regions: elements with data-live (where their content comes from) and data-on (the topics that change it). News of others come to a
// whole hall at once: data-calm is how often they are fetched at most, in milliseconds, and each page picks a moment of its own. The team's
// own news are fetched at once. News of everything together mean a restart or a new phase: then nobody hurries.
import { merge } from "./merge.js";
import { ownMoment } from "./spread.js";

const RETRY_MS = 2000;
const OWN_MS = 3000;

export function startRegions() {
  const regions = [...document.querySelectorAll("[data-live]")].map((element) => ({ element, etag: "", busy: false, again: false, at: -Infinity, ownAt: -Infinity, timer: 0 }));

  async function load(region) {
    if (region.busy) { region.again = true; return; }
    region.busy = true;
    region.at = performance.now();
    clearTimeout(region.timer);
    region.timer = 0;
    try {
      const headers = region.etag ? { "If-None-Match": region.etag } : {};
      const answer = await fetch(region.element.dataset.live, { headers, credentials: "same-origin", cache: "no-store" });
      if (answer.status === 200) {
        const html = await answer.text();
        region.etag = answer.headers.get("ETag") ?? "";
        const added = merge(region.element, html);
        region.element.dispatchEvent(new CustomEvent("merged", { detail: { added }, bubbles: true }));
      } else if (answer.status >= 500) later(region, RETRY_MS * (1 + Math.random()));
    } catch {
      // The server is away: live.js says so, and refreshes everything when it is back.
    } finally {
      region.busy = false;
      if (region.again) { region.again = false; load(region); }
    }
  }

  function later(region, milliseconds) {
    region.timer ||= setTimeout(() => { region.timer = 0; load(region); }, milliseconds);
  }

  function calmly(region, everybody) {
    const calm = Number(region.element.dataset.calm ?? 0);
    // The board follows the team's own verdict by half a second: that one is not kept waiting.
    const own = performance.now() - region.ownAt < OWN_MS;
    if (own) region.ownAt = -Infinity;
    if (own || (!calm && !everybody)) { load(region); return; }
    later(region, Math.max(0, region.at + calm - performance.now()) + ownMoment());
  }

  // A topic is "team:7", "board", …; data-on names it without the id.
  function refresh(topics) {
    const everybody = !topics || topics.has("public");
    for (const region of regions) {
      const wanted = region.element.dataset.on.split(" ");
      const kinds = topics ? [...topics].map((topic) => topic.split(":")[0]) : ["board"];
      if (kinds.includes("team") && wanted.includes("team") && !everybody) {
        region.ownAt = performance.now();
        load(region);
      } else if (!topics || kinds.some((kind) => wanted.includes(kind))) calmly(region, everybody);
    }
  }

  // A large board: the page carries its beginning, the rest comes now.
  for (const region of regions) if ("partial" in region.element.dataset) load(region);
  return { refresh };
}
