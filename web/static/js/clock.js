// The clock at the head: runs by the machine's steady clock and is set right by the server, never by the wall clock.
import { ownMoment } from "./spread.js";
import { text } from "./texts.js";

const FOLLOW_MS = 60000;
const RETRY_MS = 2000;
const YOUNG_MS = 3000;

const two = (n) => String(n).padStart(2, "0");

export function clockText(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function startClock() {
  let face = null, at = 0, asked = false, soon = 0, phase = document.body.dataset.phase;

  async function follow() {
    if (asked) return;
    asked = true;
    const sent = performance.now();
    try {
      const answer = await fetch("/clock.json", { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok) { setTimeout(follow, RETRY_MS * (0.5 + Math.random())); return; }
      const next = await answer.json();
      if (face && (face.duration_ms === null) !== (next.duration_ms === null)) { location.reload(); return; }
      const arrived = performance.now();
      // The hall shares what was drawn a moment ago.
      at = (sent + arrived) / 2 - Number(answer.headers.get("Contestbox-Age-Ms") ?? 0);
      face = next;
      sayDrift(Date.now() - (arrived - at) - next.now_ms);
      draw();
      changed(next.phase);
    } catch {
      // The shown time goes on by itself until the server answers again.
    } finally {
      asked = false;
    }
  }

  function changed(next) {
    if (next === phase) return;
    phase = next;
    document.body.dataset.phase = next;
    // The page itself is another one now (problems open, submitting ends): unless somebody is just typing, show it. Not the whole hall in
    // one moment; and a shared page may be older than the change, so a young one waits before it asks again.
    const young = Math.max(0, YOUNG_MS - performance.now());
    setTimeout(() => { if (!document.querySelector(".submit-card.ready")) location.reload(); }, young + ownMoment());
  }

  function draw() {
    if (!face) return;
    const passed = performance.now() - at;
    const shown = face.counts_to ? face.shown_ms - passed : face.shown_ms;
    each("[data-clock-state]", (one) => { one.textContent = face.state; });
    each("[data-clock-flake]", (one) => { one.hidden = face.phase !== "frozen"; });
    each("[data-clock-time]", (one) => { one.textContent = clockText(shown); });
    const freeze = face.freeze_in_ms === null ? null : face.freeze_in_ms - passed;
    const note = freeze !== null ? text("freezes", { time: clockText(freeze) }) : face.note;
    each("[data-clock-note]", (one) => { one.textContent = note; });
    if (face.duration_ms) {
      const done = face.counts_to === "end" ? 1000 * (1 - Math.max(0, shown) / face.duration_ms) : face.done_mark;
      each("[data-clock-done]", (one) => one.setAttribute("width", done.toFixed(1)));
    }
    each("[data-clock-freeze]", (one) => {
      one.setAttribute("visibility", face.freeze_mark === null ? "hidden" : "visible");
      one.setAttribute("x", face.freeze_mark ?? 0);
    });
    if ((face.counts_to && shown <= 0) || (freeze !== null && freeze <= 0)) soon ||= setTimeout(() => { soon = 0; follow(); }, ownMoment());
  }

  follow();
  setInterval(draw, 250);
  setInterval(follow, FOLLOW_MS);
  addEventListener("visibilitychange", () => { if (!document.hidden) follow(); });
  return { follow };
}

function sayDrift(drift) {
  const seconds = Math.round(Math.abs(drift) / 1000);
  each("[data-clock]", (one) => { one.title = seconds > 5 ? text("drift", { n: seconds }) : ""; });
}

function each(selector, act) {
  document.querySelectorAll(selector).forEach(act);
}
