// Waiting for news (DESIGN 3): one tab of a browser waits at the server, the others listen to it.
//
// Theory of operation. Tabs talk over a BroadcastChannel (it works on plain http, locks do not). The leader tells "here" every two seconds;
// who hears none for five asks for the lead with its own random number, and leads after half a second when nobody with a smaller number
// or an older right objects. Tabs tell the leader which topics they want, with the counters that they have seen; the leader waits for the
// union and passes news on. A counter that differs is news, whichever way: after a restart it may count from another number. While a wait
// lasts, short questions (/live/ping) tell that the server is alive; one without an answer ends the wait, and the page says how old it is.
import { setSpread } from "./spread.js";
import { text } from "./texts.js";

const HERE_MS = 2000;
const SILENT_MS = 5000;
const STALE_MS = 10000;
const LONGEST_PAUSE_MS = 15000;
const LONGEST_WAIT_MS = 28000;
const PING_MS = 5000;
const PONG_MS = 4000;

export function startLive(onNews, onBack) {
  const me = crypto.getRandomValues(new Uint32Array(2)).join("-");
  const seen = new Map((document.body.dataset.topics ?? "").split(" ").filter(Boolean).map((pair) => {
    const at = pair.lastIndexOf("=");
    return [pair.slice(0, at), Number(pair.slice(at + 1))];
  }));
  if (!seen.size) return;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("contestbox-live") : null;
  const wanted = new Map([[me, seen]]);
  const heard = new Map();
  let leading = false, claimed = 0, leaderAt = performance.now(), waiting = null, failures = 0, lastGood = performance.now(), stopped = false;

  const send = (message) => channel?.postMessage({ ...message, from: me });
  const here = () => send({ kind: "here", failing: failures > 0, age: performance.now() - lastGood });

  function take(news, spread) {
    setSpread(spread);
    const topics = new Set();
    for (const [topic, counter] of Object.entries(news)) {
      if (seen.has(topic) && counter !== seen.get(topic)) { seen.set(topic, counter); topics.add(topic); }
    }
    if (topics.size) onNews(topics);
  }

  function good(at = performance.now()) {
    if (failures && performance.now() - lastGood > STALE_MS) onBack();
    failures = 0;
    lastGood = at;
    showStale();
  }

  async function lead() {
    leading = true;
    here();
    let least = 0;
    while (leading && !stopped) {
      if (failures) {
        await pause(least);
        if (!await ping()) { failures += 1; continue; }
        good();
      }
      least = await once();
    }
  }

  // Asked while a wait lasts, and after a failure before the next wait, which would tell only at its end that the server is back.
  async function ping() {
    try {
      return (await fetch("/live/ping", { signal: AbortSignal.timeout(PONG_MS), credentials: "omit", cache: "no-store" })).ok;
    } catch {
      return false;
    }
  }

  async function watch(wait) {
    if (document.hidden && !heard.size) return;
    if (await ping()) { if (waiting === wait) lastGood = performance.now(); } else wait.abort("silent");
  }

  // One wait. Gives the least time to pause after a failure, in milliseconds.
  async function once() {
    const union = new Map();
    for (const topics of wanted.values()) {
      for (const [topic, counter] of topics) union.set(topic, Math.min(counter, union.get(topic) ?? Infinity));
    }
    const names = [...union.keys()];
    const query = new URLSearchParams({ topics: names.join(","), after: names.map((name) => `${name}:${union.get(name)}`).join(",") });
    const wait = waiting = new AbortController();
    const limit = setTimeout(() => wait.abort("late"), LONGEST_WAIT_MS);
    const pings = setInterval(() => watch(wait), PING_MS);
    try {
      const answer = await fetch(`/live?${query}`, { signal: wait.signal, credentials: "same-origin", cache: "no-store" });
      if (answer.status === 200) {
        const { news, spread_ms: spread } = await answer.json();
        for (const topics of wanted.values()) {
          for (const [topic, counter] of Object.entries(news)) if (topics !== seen && topics.has(topic)) topics.set(topic, counter);
        }
        send({ kind: "news", news, spread });
        good();
        take(news, spread);
      } else if (answer.status === 204) {
        good();
        here();
      } else if (answer.status === 401 || answer.status === 403) {
        send({ kind: "out" });
        signedOut();
      } else {
        failures += 1;
        return 1000 * Number(answer.headers.get("Retry-After") ?? 0);
      }
    } catch {
      if (wait.signal.reason === "changed") return 0;
      // A connection that breaks was good until now; one that only stays silent was not.
      if (!failures && !wait.signal.aborted) lastGood = performance.now();
      failures += 1;
    } finally {
      clearTimeout(limit);
      clearInterval(pings);
    }
    return 0;
  }

  function pause(least) {
    const most = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures);
    return new Promise((resolve) => setTimeout(resolve, Math.max(least, most / 2 + Math.random() * most / 2)));
  }

  function showStale() {
    const bar = document.querySelector("[data-stale]");
    if (!bar || stopped) return;
    const silence = performance.now() - lastGood;
    bar.hidden = !(failures && silence > STALE_MS);
    if (!bar.hidden) bar.textContent = text("behind", { n: Math.round(silence / 1000) });
  }

  function signedOut() {
    stopped = true;
    leading = false;
    const bar = document.querySelector("[data-stale]");
    if (!bar) return;
    const link = document.createElement("a");
    link.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = text("signIn");
    bar.replaceChildren(text("signedOut"), link);
    bar.hidden = false;
  }

  function hear({ data }) {
    if (data.kind === "here") {
      leaderAt = performance.now();
      claimed = 0;
      if (leading && data.from < me) { leading = false; waiting?.abort("changed"); }
      if (!leading) {
        const at = performance.now() - (data.age ?? 0);
        if (data.failing) { failures = Math.max(1, failures); lastGood = at; } else good(at);
      }
      send({ kind: "want", topics: [...seen] });
    } else if (data.kind === "claim") {
      if (leading) here();
      else if (claimed && me < data.from) send({ kind: "claim" });
      else { claimed = 0; leaderAt = performance.now(); }
    } else if (data.kind === "want") {
      heard.set(data.from, performance.now());
      const before = wanted.get(data.from);
      wanted.set(data.from, new Map(data.topics));
      if (leading && !(before && data.topics.every(([topic]) => before.has(topic)))) waiting?.abort("changed");
    } else if (data.kind === "news") {
      leaderAt = performance.now();
      good();
      take(data.news, data.spread);
    } else if (data.kind === "bye") {
      wanted.delete(data.from);
      heard.delete(data.from);
      if (data.led) leaderAt = performance.now() - SILENT_MS + Math.random() * 300;
    } else if (data.kind === "out") signedOut();
  }

  function beat() {
    if (stopped) return;
    if (leading) {
      here();
      for (const [tab, at] of heard) if (performance.now() - at > 3 * SILENT_MS) { heard.delete(tab); wanted.delete(tab); }
    } else if (performance.now() - leaderAt > SILENT_MS && !claimed) claim();
  }

  function claim() {
    claimed = performance.now();
    send({ kind: "claim" });
    setTimeout(() => { if (claimed && !leading && !stopped) { claimed = 0; lead(); } }, 500);
  }

  if (channel) {
    channel.onmessage = hear;
    addEventListener("pagehide", () => { send({ kind: "bye", led: leading }); leading = false; stopped = true; });
    send({ kind: "want", topics: [...seen] });
    claim();
  } else lead();
  setInterval(beat, HERE_MS);
  setInterval(showStale, 1000);
}
