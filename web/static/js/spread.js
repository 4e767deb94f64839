// The whole hall hears of news in one moment. The server says how long its pages should spread what they ask for then.
const LEAST_MS = 300;
let spread = LEAST_MS;

// After a restart the first to come back are told of a small hall: what was known before fades only by and by.
export function setSpread(milliseconds) {
  spread = Math.max(LEAST_MS, Number(milliseconds) || 0, spread / 2);
}

// A moment of this page's own, in milliseconds from now.
export function ownMoment() {
  return Math.random() * spread;
}
