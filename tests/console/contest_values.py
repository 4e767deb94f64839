"""A contest in values of admin_v1, as a server would tell it: for tests and pictures of the console."""

from __future__ import annotations

import random

from app.wire.admin_v1 import (
    ContestState,
    DeskItem,
    Doing,
    LogLine,
    Machine,
    PendingJoin,
    ProblemState,
    RunRow,
    ServerState,
    State,
    SubmissionDetail,
    SubmissionRow,
    TeamRow,
)

NOW_MS = 1_795_000_000_000
HOUR_MS = 3_600_000
_PROBLEMS = (
    ("A", "Avalanche Airlift", "#E5484D", 1.0),
    ("B", "Bergfahrt", "#2B7FE0", 2.0),
    ("C", "Cable Cars", "#F5D547", 2.0),
    ("D", "Dairy Queue", "#2E9E5B", 2.0),
    ("E", "Echo Valley", "#F08C1A", 1.0),
    ("F", "Funicular", "#7C4DDB", 3.0),
    ("G", "Glacier Retreat", "#A5E3F5", 2.0),
    ("H", "Hut to Hut", "#8B5E3C", 3.0),
    ("I", "Ibex Census", "#F2A0C0", 1.0),
    ("J", "Jodel Score", "#FFFFFF", 1.0),
    ("K", "Karst Maze", "#15181B", 4.0),
)
_TEAMS = (
    "Two Pointers, One Yodel",
    "Modulo Müsli",
    "Heap of Hay",
    "Segment Orchard",
    "Binary Bergbahn",
    "Greedy Goats",
)
_LANGUAGES = ("cpp", "java", "python3", "c")
_MEMORY = 256 * 1024 * 1024


def contest(phase: str = "running") -> ContestState:
    start = None if phase == "not_scheduled" else NOW_MS - round(2.31 * HOUR_MS)
    if phase == "before":
        start = NOW_MS + 2_530_000
    if phase in ("over", "final"):
        start = NOW_MS - 6 * HOUR_MS
    if phase == "frozen":
        start = NOW_MS - round(4.4 * HOUR_MS)
    end = None if start is None else start + 5 * HOUR_MS
    return ContestState(
        id="alpine",
        name="Alpine Collegiate Contest 2026",
        phase=phase,
        now="2026-11-18T10:26:40.000Z",
        now_ms=NOW_MS,
        start_ms=start,
        end_ms=end,
        duration_ms=5 * HOUR_MS,
        freeze_ms=HOUR_MS,
        contest_time_ms=None if start is None else NOW_MS - start,
        remaining_ms=None if end is None else max(0, end - NOW_MS),
        show_progress=True,
        all_tests=False,
    )


def problems(package_state: str = "ready") -> list[ProblemState]:
    return [
        ProblemState(
            id=f"p-{label.lower()}",
            label=label,
            title=title,
            rgb=rgb,
            cpu_seconds=limit,
            memory_bytes=_MEMORY,
            test_count=12 + 3 * place,
            package_state=package_state,
        )
        for place, (label, title, rgb, limit) in enumerate(_PROBLEMS)
    ]


def desk_items(count: int = 5) -> list[DeskItem]:
    items = [
        DeskItem(
            key="join:r1", kind="join", urgency=90, title="judge-b14 wants to judge",
            detail="Compare: its own screen has to show KWMX-ARTZ.", since_ms=NOW_MS - 60_000, action="approve", target="r1",
        ),
        DeskItem(
            key="judging_error:7", kind="judging_error", urgency=80, title="Submission 1488 could not be judged",
            detail="Two machines reported a fault of the sandbox: the control group could not be made.",
            since_ms=NOW_MS - 120_000, action="again", target="7",
        ),
        DeskItem(
            key="problem:p-f", kind="problem", urgency=75, title="Problem F, Funicular",
            detail="Its package was refused.", since_ms=NOW_MS - 540_000, target="p-f",
        ),
        DeskItem(
            key="backup", kind="backup", urgency=70, title="The backup is old",
            detail="The newest good copy is 12 min old; look at its disk.", since_ms=NOW_MS - 720_000,
        ),
        DeskItem(
            key="machine:m3", kind="machine", urgency=65, title="judge-03 is held back",
            detail="A fault was reported: no cgroup. It works again when its self-test passes.",
            since_ms=NOW_MS - 30_000, target="m3",
        ),
    ]  # fmt: skip
    return items[:count]


def server(**changes: object) -> ServerState:
    values: dict[str, object] = {
        "server_id": "7f3a91d055e8c219", "version": "0.1.0", "started_ms": NOW_MS - 15_120_000,
        "people_url": "http://10.4.0.10:8080", "node_url": "https://10.4.0.10:8443", "data": "/home/mira/alpine",
        "store_bytes": 412 * 1024**2, "commit_ms": 3.1, "backup_age_ms": 38_000, "queue": 7, "oldest_wait_ms": 1800,
        "machines_ready": 5, "wall_drift_ms": 4, "free_bytes": 118 * 1024**3,
    }  # fmt: skip
    return ServerState.model_validate({**values, **changes})


def state(phase: str = "running", *, desk: int = 5, seq: int = 1, submissions: int = 1497, **changes: object) -> State:
    chance = random.Random(3)
    return State(
        seq=seq,
        contest=contest(phase),
        problems=problems(),
        server=server(**changes),
        desk=desk_items(desk),
        submission_count=submissions,
        team_count=84,
        verdict_seconds=[round(0.6 + chance.random() ** 6 * 3, 2) for _ in range(200)] if submissions else [],
    )


def machine(number: int, now: str = "judging", *, slots: int = 4) -> Machine:
    chance = random.Random(number)
    busy = chance.randint(1, slots) if now == "judging" else 0
    doing = [
        Doing(submission_id=1497 - number, problem=chance.choice("ABCDEH"), phase="running", test=1 + place, tests=23, seconds=0.8 + place)
        for place in range(busy)
    ]  # fmt: skip
    sentences = {
        "ready": "It waits for work.",
        "judging": "It is judging.",
        "held": "No cgroup. It works again when its self-test passes.",
        "paused": "You paused it; it gets no new work.",
        "away": "It was last heard 40 s ago; look whether it is switched on and connected.",
    }
    return Machine(
        id=f"m{number}",
        name=f"judge-{number:02d}",
        state=now,
        state_sentence=sentences[now],
        address=f"10.4.1.{20 + number}",
        slots=slots,
        busy=busy,
        doing=doing,
        facts={"os": "Debian 12", "kernel": "6.12", "cpu": "Ryzen 5 5600", "cores": 6, "memory_bytes": 16 * 1024**3},
        languages=[
            {"id": one, "fingerprint": f"{chance.getrandbits(64):016x}"} for one in ("c", "cpp", "java", "python3")
        ],
        seen_ms=NOW_MS - 400,
        judged=chance.randint(20, 400),
        load=[min(10 * slots, max(0, 20 + chance.randint(-9, 12))) for _ in range(60)],
    )


def pending(expires_ms: int = NOW_MS + 252_000) -> PendingJoin:
    return PendingJoin(
        request_id="r1",
        name="judge-b14",
        address="10.4.2.114",
        code="KWMX-ARTZ",
        facts={"os": "Debian 12", "cpu": "Ryzen 7 5700", "cores": 8, "memory_bytes": 16 * 1024**3},
        since_ms=NOW_MS - 60_000,
        expires_ms=expires_ms,
    )


def row(number: int, *, status: str = "DONE", verdict: str | None = "AC") -> SubmissionRow:
    chance = random.Random(number)
    label, _title, _rgb, limit = chance.choice(_PROBLEMS)
    tests = 12 + 3 * "ABCDEFGHIJK".index(label)
    cpu = round(chance.random() * limit, 2)
    letters, passed = "." * tests, tests
    if status == "RUNNING":
        passed = chance.randint(0, tests - 1)
        letters = "." * passed + ">" + "-" * (tests - passed - 1)
    elif status != "DONE" or verdict == "CE":
        passed, letters, cpu = 0, "-" * tests, 0.0
    elif verdict not in ("AC", None):
        passed = chance.randint(1, tests - 1)
        letters = "." * passed + str(verdict)[0] + "-" * (tests - passed - 1)
        cpu = round(limit * 1.08, 2) if verdict == "TLE" else cpu
    return SubmissionRow(
        id=number,
        contest_time_ms=number * 5_550,
        team=f"{number % 84 + 1} {_TEAMS[number % len(_TEAMS)]}",
        team_id=f"t{number % 84 + 1}",
        problem=label,
        language=chance.choice(_LANGUAGES),
        status=status,
        verdict=verdict if status == "DONE" else None,
        tests=letters,
        test_count=tests,
        tests_passed=passed,
        cpu_seconds=cpu,
        cpu_limit_seconds=limit,
        memory_bytes=41 * 1024**2,
        memory_limit_bytes=_MEMORY,
        machine=f"judge-{number % 5 + 1:02d}",
    )


def rows(count: int = 1497) -> list[SubmissionRow]:
    verdicts = ("AC", "WA", "AC", "TLE", "RTE", "MLE", "CE", "WA", "NO", "OLE", "AC")
    made = [row(number, verdict=verdicts[number * 7 % len(verdicts)]) for number in range(1, count + 1)]
    for place, status in (
        (-1, "PENDING"),
        (-2, "COMPILING"),
        (-3, "RUNNING"),
        (-4, "RUNNING"),
        (-6, "RUNNING"),
        (-9, "DESK"),
    ):
        if count > 12:
            made[place] = row(made[place].id, status=status, verdict=None)
    return made


SOURCE = """#include <bits/stdc++.h>
using namespace std;
// Fewest pylons so that no cable sags below the trees.
struct Pylon { int pos, height; };
bool clears(Pylon a, Pylon b, const vector<int> &trees) {
    for (int x = a.pos + 1; x < b.pos; ++x) {
        double t = double(x - a.pos) / (b.pos - a.pos);
        double sag = 0.08 * t * (1 - t) * (b.pos - a.pos);
        if (a.height + t * (b.height - a.height) - sag <= trees[x]) return false;
    }
    return true;
}

int main() {
    int n, m, used = 1, last = 0;
    scanf("%d %d", &n, &m);  /* as in the
       statement */
    vector<Pylon> p(n);
    for (auto &q : p) scanf("%d %d", &q.pos, &q.height);
    printf("%d\\n", used);
}
"""


def detail(number: int = 1491, verdict: str = "WA") -> SubmissionDetail:
    one = row(number, verdict=verdict).model_copy(update={"language": "cpp"})
    runs = []
    for place, letter in enumerate(one.tests, start=1):
        if letter in "->":
            continue
        failed = letter != "."
        runs.append(
            RunRow(
                number=place,
                test=f"secret/{place:02d}-long-chain",
                verdict=verdict if failed else "AC",
                cpu_seconds=round(one.cpu_limit_seconds * (0.94 if failed else 0.1 + 0.01 * place), 2),
                wall_seconds=round(one.cpu_limit_seconds, 2),
                memory_bytes=(40 + place) * 1024**2,
                exit_code=0,
                signal=None,
                limit="",
                message="line 3, token 2: 18 expected, 17 found" if failed else "",
                stdout_head="4\nimpossible\n7 17 23\n12\n31\n",
                stderr_head="",
                repeats=[round(one.cpu_limit_seconds * share, 2) for share in (0.92, 0.94, 0.95)] if failed else [],
                flaky=False,
                counted=True,
                machine="judge-02",
                attempt=1,
            )
        )
    return SubmissionDetail(
        row=one,
        files=[{"name": "cable.cpp", "text": SOURCE}],
        compile_output="cable.cpp: In function 'int main()':\ncable.cpp:15:12: warning: unused variable 'm'\n",
        runs=runs,
        judgements=[
            {"id": 1502, "state": "done", "valid": True, "verdict": verdict, "tests_passed": one.tests_passed,
             "test_count": one.test_count, "started": "2026-11-18T10:26:40.000Z"},
        ],
    )  # fmt: skip


def teams(count: int = 84) -> list[TeamRow]:
    return [
        TeamRow(
            id=f"t{number}",
            name=f"{_TEAMS[number % len(_TEAMS)]} {number}",
            organization="University of Testing",
            username=f"team{number:03d}",
            enabled=number % 17 != 0,
        )
        for number in range(1, count + 1)
    ]


def log_lines(count: int = 300) -> list[LogLine]:
    return [
        LogLine(
            seq=number,
            at=f"2026-11-18T10:{number // 60 % 60:02d}:{number % 60:02d}.000Z",
            kind=("submission", "judgement", "runs", "verdict")[number % 4],
            sentence=f"Submission {number} (C, Greedy Goats) is judged.",
            data={},
        )
        for number in range(1, count + 1)
    ]
