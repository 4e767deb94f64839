// Starts the live parts of a page. Everything works without them, only not by itself.
import { startClock } from "./clock.js";
import { startCopying } from "./copy.js";
import { startLive } from "./live.js";
import { startRegions } from "./regions.js";
import { ownMoment } from "./spread.js";
import { startSubmitting } from "./submit.js";
import { startVerdicts } from "./submissions.js";
import { startBoard } from "./board.js";

const clock = startClock();
const regions = startRegions();
startVerdicts();
startBoard();
startCopying();
startSubmitting(regions);
startLive((topics) => {
  regions.refresh(topics);
  if (topics.has("public")) setTimeout(clock.follow, ownMoment());
}, () => { regions.refresh(); setTimeout(clock.follow, ownMoment()); });

// A page that comes back from the browser's memory may belong to somebody who signed out since.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
