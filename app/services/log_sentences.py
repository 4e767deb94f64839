"""The event log in words: one sentence for each kind of entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from app.core.clock import Instant, iso
from app.core.events import Event, Kind


class Names(Protocol):
    """How things are called for people."""

    def team(self, team_id: str | None) -> str:
        """A team's name, or what stands for it."""
        ...

    def problem(self, problem_id: str) -> str:
        """A problem's letter."""
        ...

    def machine(self, node_id: str) -> str:
        """A judge machine's name."""
        ...

    def submission(self, submission_id: int) -> str:
        """`submission 17 (C, Team Nine)`."""
        ...


Data = Mapping[str, Any]


def sentence_of(event: Event, names: Names) -> str:
    """One sentence about an event; an entry of an older version with fewer keys still gives one."""
    try:
        return _SENTENCES[event.kind](event.data, names)
    except (KeyError, TypeError, ValueError):
        return f"An entry of the kind {event.kind.value}."


def _contest(data: Data, names: Names) -> str:
    start = data["start"]
    when = f"starts at {iso(Instant(start))}" if start is not None else "is not scheduled"
    freeze = data["freeze_ms"]
    frozen = f", frozen for the last {freeze // 60_000} min" if freeze else ""
    return f"{data['name']} {when} and lasts {data['duration_ms'] // 60_000} min{frozen}."


def _problem(data: Data, names: Names) -> str:
    if data.get("trial"):
        return f"Problem {data['label']}, {data['title']}: another version of its package is on trial."
    if data.get("cpu_limit_us"):
        return (
            f"Problem {data['label']}, {data['title']}: its time limit is {data['cpu_limit_us'] / 1_000_000:g} s now."
        )
    tests = data["test_count"]
    return f"Problem {data['label']}, {data['title']}: {tests} test{'' if tests == 1 else 's'}."


def _team(data: Data, names: Names) -> str:
    of = f" of {data['organization']}" if data.get("organization") else ""
    return f"Team {data['name']}{of}{', hidden' if data.get('hidden') else ''}."


def _account(data: Data, names: Names) -> str:
    return f"The account {data['username']} ({data['role']}) is {'open' if data['enabled'] else 'closed'}."


def _submission(data: Data, names: Names) -> str:
    late = ", stored more than 5 s after it arrived" if data.get("late_commit") else ""
    problem, team = names.problem(data["problem_id"]), names.team(data["team_id"])
    return f"Submission {data['id']} by {team} for {problem} in {data['language']}{late}."


def _judgement(data: Data, names: Names) -> str:
    state = {"queued": "waits for a machine", "leased": "is being judged", "done": "is judged", "desk": "needs you"}
    what = f"{names.submission(data['submission_id'])} {state[data['state']]}."
    return what[0].upper() + what[1:]


def _runs(data: Data, names: Names) -> str:
    counted, evidence = len(data["counted"]), len(data["evidence"])
    more = f", {evidence} kept as evidence only" if evidence else ""
    if data.get("late"):
        return f"{names.machine(data['node'])} reported {evidence} run{'' if evidence == 1 else 's'} too late: kept as evidence only."
    return f"{names.machine(data['node'])} reported {counted} run{'' if counted == 1 else 's'}{more}."


def _verdict(data: Data, names: Names) -> str:
    kept = "" if data["valid"] else " (not counted)"
    what = f"{names.submission(data['submission_id'])}: {data['verdict']}{kept}, {data['tests_passed']} tests passed."
    return what[0].upper() + what[1:]


def _desk(data: Data, names: Names) -> str:
    return f"Judgement {data['judgement_id']} is a judging error: {data['reason']}"


def _difference(data: Data, names: Names) -> str:
    what = names.submission(data["submission_id"])
    tests = ", ".join(
        f"test {one['number']} {one['counted']} and {one['other']}" if one["number"] else "the compiler"
        for one in data["tests"][:5]
    )
    return f"{what[0].upper()}{what[1:]} was judged twice with different results: {tests}."


def _node(data: Data, names: Names) -> str:
    if data.get("kind") == "console":
        allowed = {"approved": "may command this contest", "paused": "is paused"}
        return f"The console on {data['name']} {allowed.get(data['state'], 'is unpaired')}."
    words = {"pending": "asks to join", "approved": "works for this contest", "paused": "is paused"}
    return f"The machine {data['name']} {words.get(data['state'], 'is unpaired')}."


def _lease(data: Data, names: Names) -> str:
    words = {
        "granted": "took task {task}",
        "shared": "took task {task} from test {first} on",
        "cut": "lent what comes after test {last} of task {task}",
        "ended": "is through with its part of task {task}",
        "expired": "vanished with task {task}",
        "given_back": "gave task {task} back",
        "faulted": "reported a fault on task {task}",
    }
    what = "shared" if data["what"] == "granted" and "first" in data else data["what"]
    first, last = data.get("first", 1), data.get("last", 1)
    return f"{names.machine(data['node'])} {words[what].format(task=data['task_id'], first=first, last=last)}, attempt {data['attempt']}."


def _clock(data: Data, names: Names) -> str:
    if data["what"] == "extended":
        return f"The contest lasts {data['minutes']} min longer."
    words = {
        "finalized": "The results are final.",
        "thawed": "The board shows the freeze to everybody.",
        "paused": "The contest's clock stands still.",
        "resumed": "The contest's clock goes on.",
    }
    return words[data["what"]]


def _server(data: Data, names: Names) -> str:
    words = {
        "started": "The server started.",
        "stopped": "The server stopped.",
        "clock_jumped": "The machine's clock jumped; contest time went on undisturbed.",
    }
    return words[data["what"]]


def _setting(data: Data, names: Names) -> str:
    return f"The setting {data['name']} is now {data['value']}."


_SENTENCES: Mapping[Kind, Callable[[Data, Names], str]] = {
    Kind.CONTEST: _contest,
    Kind.PROBLEM: _problem,
    Kind.TEAM: _team,
    Kind.ACCOUNT: _account,
    Kind.SUBMISSION: _submission,
    Kind.JUDGEMENT: _judgement,
    Kind.RUNS: _runs,
    Kind.VERDICT: _verdict,
    Kind.DESK: _desk,
    Kind.DIFFERENCE: _difference,
    Kind.NODE: _node,
    Kind.LEASE: _lease,
    Kind.CLOCK: _clock,
    Kind.SERVER: _server,
    Kind.SETTING: _setting,
}
