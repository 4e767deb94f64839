// The whole hall hears of news in one moment. The server says how long its pages should spread what they ask for then.
const LEAST_MS = 300;
let spread = LEAST_MS;

export function setSpread(milliseconds) {
  spread = Math.max(LEAST_MS, Number(milliseconds) || 0);
}

// A moment of this page's own, in milliseconds from now.
export function ownMoment() {
  return Math.random() * spread;
}
