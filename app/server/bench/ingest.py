"""`bench ingest`: durable submissions a second over HTTP, beside the empty page.

Each round sends distinct sources of 1.5 KB by the accounts in turn, over 64 connections, and asks the empty page in between; the answers
count only after their sync (the server runs with synchronous=FULL as always). At last an open loop at half of the measured rate shows the
times that a contest would see.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.server.bench.crowd import Crowd, Measured
from app.server.bench.figures import median_of, percentile_ms
from app.server.bench.place import PROBLEM, Server, Visitor, ask_empty_page, empty_page, open_contest, served

LANES = 64
SOURCE_BYTES = 1500
A_MINUTE = 25
"""Submissions of one account in all rounds together: under the limit of 30 a minute."""
HALF_SECONDS = 5


def measure(root: Path, rounds: int, submissions: int) -> dict[str, Any]:
    """The figures of DESIGN 9. `submissions` in each round; `root` is an empty folder."""
    half = submissions * 3 // 2
    folder, visitors = open_contest(root, -(-(submissions * (rounds + 1) + half) // A_MINUTE))
    full: list[Measured] = []
    empty: list[Measured] = []
    with empty_page() as page, served(folder) as server, Crowd(server.target, LANES) as crowd:
        ask_empty_page(page, 500)
        crowd.run(requests_of(server, visitors, submissions // 4, 0)).only(202, "A submission")
        for number in range(rounds):
            requests = requests_of(server, visitors, submissions, submissions * (number + 1))
            full.append(crowd.run(requests).only(202, "A submission"))
            empty.append(ask_empty_page(page))
        rate = median_of([one.per_second for one in full])
        calm = crowd.run(requests_of(server, visitors, half, submissions * (rounds + 1)), pace=rate / 2)
        calm.only(202, "A submission")
    return {
        "accepted_per_second": rate,
        "empty_page_per_second": median_of([one.per_second for one in empty]),
        "ratio": median_of([one.per_second / other.per_second for one, other in zip(full, empty, strict=True)], 2),
        **{name: median_of([percentile_ms(one.times, share) for one in full], 2) for name, share in _SHARES},
        "half_rate": {name: percentile_ms(calm.times, share) for name, share in _SHARES},
        "submissions": submissions,
        "rounds": rounds,
        "client_core_share": median_of([one.cpu_seconds / one.seconds for one in full], 2),
        "empty_page_client_core_share": median_of([one.cpu_seconds / one.seconds for one in empty], 2),
    }


_SHARES = (("p50_ms", 0.5), ("p99_ms", 0.99), ("p999_ms", 0.999))


def requests_of(server: Server, visitors: Sequence[Visitor], count: int, first: int) -> list[bytes]:
    """Submissions by the visitors in turn, made before the clock runs: each with a source of its own."""
    numbers = range(first, first + count)
    return [submission_request(server, visitors[number % len(visitors)], source_of(number)) for number in numbers]


def source_of(number: int) -> str:
    """A program of 1.5 KB that nobody else sends."""
    filler = secrets.token_hex((SOURCE_BYTES - 60) // 2)
    return f"# {number} {filler}\nprint(sum(map(int, input().split())))\n"


def submission_request(server: Server, visitor: Visitor, code: str) -> bytes:
    """A submission by REST, ready to be sent."""
    body = json.dumps({"problem_id": PROBLEM, "language": "python3", "code": code}).encode()
    return server.post_json("/api/v1/submissions", body, f"Authorization: Bearer {visitor.bearer}")
