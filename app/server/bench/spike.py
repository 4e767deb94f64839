"""`bench ingest --spike`: the last five minutes of a large contest. 50,000 submissions of 3,200 accounts at an even pace, and somebody
who looks at pages all the while; two machines are held busy, so nearly all of them wait in the queue.

A smaller `scale` takes so much less of submissions, accounts and time: the pace stays. Afterwards the store is opened again and compared
with what was answered: each acknowledged submission is there with its own source, none was lost or doubled, and numbers follow arrival.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.core.errors import Fault
from app.core.ids import SubmissionId, parse_submission_id
from app.core.submission import Submission
from app.server.bench.crowd import Crowd
from app.server.bench.figures import percentile_ms
from app.server.bench.ingest import LANES, source_of, submission_request
from app.server.bench.machines import BusyMachines
from app.server.bench.place import Server, Visitor, open_contest, served
from app.server.bench.target import settings
from app.server.bench.wake import Browser
from app.server.folder import Folder
from app.server.wiring import build

SUBMISSIONS, ACCOUNTS, SECONDS = 50_000, 3200, 300.0
MACHINES = 2
PAUSE_SECONDS = 0.05
"""Between two pages."""
_QUEUE_MARK = b'data-key="queue"'


def measure(root: Path, scale: float) -> dict[str, Any]:
    """The times of answers and pages. `root` is an empty folder. Raises Fault when a submission was lost, doubled or out of order."""
    count, accounts = max(1, round(SUBMISSIONS * scale)), max(1, round(ACCOUNTS * scale))
    folder, visitors = open_contest(root, accounts)
    sources = [source_of(number) for number in range(count)]
    with served(folder) as server, Crowd(server.target, LANES) as crowd, BusyMachines(server, MACHINES) as machines:
        requests = [
            submission_request(server, visitors[number % accounts], source) for number, source in enumerate(sources)
        ]
        browser = Browser(server, visitors[0], PAUSE_SECONDS)
        with browser:
            taken = crowd.run(requests, pace=SUBMISSIONS / SECONDS, keep_bodies=True).only(202, "A submission")
            machines.check()
        with Crowd(server.target, 1) as team:
            shown = _shows_the_queue(team, server, visitors[0])
    _compare(folder, [_number(body) for body in taken.bodies], sources)
    return {
        "accepted_per_second": round(taken.per_second, 1),
        "p50_ms": percentile_ms(taken.times, 0.5),
        "p99_ms": percentile_ms(taken.times, 0.99),
        "p999_ms": percentile_ms(taken.times, 0.999),
        "page_p99_ms": percentile_ms(browser.times, 0.99),
        "pages": len(browser.times),
        "submissions": count,
        "accounts": accounts,
        "lost": 0,
        "queue_is_shown": int(shown),
        "machines": MACHINES,
        "judged": machines.judged,
        "client_core_share": round(taken.cpu_seconds / taken.seconds, 2),
    }


def _shows_the_queue(team: Crowd, server: Server, visitor: Visitor) -> bool:
    page = team.run([server.get("/", server.cookie(visitor))]).only(200, "The first page")
    return _QUEUE_MARK in page.last_body


def _number(body: bytes) -> SubmissionId:
    number = parse_submission_id(str(json.loads(body)["submission_id"]))
    if number is None:
        raise Fault("bench", f"A submission was answered without its number: {body[:100]!r}.")
    return number


def _compare(folder: Folder, answered: Sequence[SubmissionId], sources: Sequence[str]) -> None:
    with build(folder, settings()) as house, house.store.read() as view:
        kept: Mapping[SubmissionId, Submission] = {
            one.id: one for one in view.intake.read_after(SubmissionId(0), len(answered) + 1)
        }
        texts = {view.sources(number)[0].data.decode() for number in kept}
    if len(set(answered)) != len(answered) or set(answered) != set(kept) or texts != set(sources):
        raise Fault("bench", f"{len(answered)} submissions were acknowledged, but the store holds {len(kept)} others.")
    arrivals = [kept[number].arrived for number in sorted(kept)]
    if arrivals != sorted(arrivals):
        raise Fault("bench", "The numbers of the submissions do not follow their arrival.")
