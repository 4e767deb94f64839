"""The rows beside the log: whether what pages, boards and exports are made from says what the log says.

Theory of operation. The chain and its signatures (audit) show that the log was not changed; that alone leaves a verdict that somebody wrote
into the table of judgements by hand. So the log is folded to what each row has to say (told), and every row is held against it, both
ways: rows that say something else, rows that the log never told of, rows that are gone. Both are read from one consistent state, so it
can be done beside a running server. What the log does not tell (compiler output, streams, seats) is not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from app.core.contest_data import contest_data
from app.core.ids import ContestId, SubmissionId
from app.core.judgement import Judgement
from app.ports.store import Store, StoredRun, SubmissionFilter, View
from app.services.accounts import account_data
from app.services.control import team_data
from app.services.package_tasks import problem_data
from app.services.taking import submission_data
from app.services.told import KINDS, LogFold, Name, Told, ToldJudgement, run_mark

_BATCH = 2000
_MOST = 100
"""So many differences are named; a table that was exchanged as a whole would fill the screen."""


def rows_against_log(store: Store, progress: Callable[[int], None] = lambda _: None) -> Sequence[str]:
    """One sentence for each difference, none when all rows say what the log says. `progress` hears the number of each entry read."""
    fold = LogFold()
    with store.read() as view:
        last = 0
        while events := view.events_after(last, _BATCH, KINDS):
            for event in events:
                fold.take(event)
            last = events[-1].seq
            progress(last)
        found = _differences(view, fold)
        named = list(islice(found, _MOST))
        more = sum(1 for _ in found)
    if more:
        named.append(f"{more} further differences are not listed.")
    return named


def _differences(view: View, fold: LogFold) -> Iterator[str]:
    for seq in fold.unreadable:
        yield f"Entry {seq} of the log has a shape that is not known here."
    yield from _settled(view, fold)
    for contest in view.contests():
        yield from _submissions(view, fold, contest.id)
    # Whatever was met has been taken out.
    for submission_id, told in sorted(fold.submissions.items()):
        yield f"Submission {submission_id} is gone: entry {told.seq} of the log tells of it."
    for number, judgement in sorted(fold.judgements.items()):
        yield f"Judgement {number} of submission {judgement.submission_id} is gone: entry {judgement.seq} of the log tells of it."


def _settled(view: View, fold: LogFold) -> Iterator[str]:
    for name, row in _settled_rows(view):
        told = fold.settled.pop(name, None)
        if told is None:
            yield f"The log never told of the {name[0]} {name[2]}, which is kept."
        else:
            yield from _unequal(f"The {name[0]} {name[2]}", row, told.data, told.seq)
    for name, told in fold.settled.items():
        yield f"The {name[0]} {name[2]} is gone: entry {told.seq} of the log tells of it."


def _settled_rows(view: View) -> Iterator[tuple[Name, Mapping[str, Any]]]:
    for contest in view.contests():
        yield ("contest", "", contest.id), {**contest_data(contest), "contest_id": contest.id}
        for team in view.teams(contest.id):
            yield ("team", "", team.id), {**team_data(team), "contest_id": contest.id}
        for problem in view.problems(contest.id):
            yield ("problem", contest.id, problem.id), {**problem_data(problem), "contest_id": contest.id}
    for account in view.accounts(None):
        yield ("account", "", account.id), {**account_data(account), "contest_id": account.contest_id}


def _submissions(view: View, fold: LogFold, contest_id: ContestId) -> Iterator[str]:
    before: SubmissionId | None = None
    while page := view.submissions(SubmissionFilter(contest_id, before_id=before, limit=_BATCH)):
        before = page[-1].id
        for submission in page:
            told = fold.submissions.pop(submission.id, None)
            if told is None:
                yield f"The log never told of submission {submission.id}, which is kept."
            else:
                row = submission_data(submission, view.sources(submission.id))
                yield from _unequal_submission(submission.id, {**row, "contest_id": contest_id}, told)
            for judgement in view.judgements(submission.id):
                yield from _judgement(view, fold, judgement)


def _unequal_submission(submission_id: SubmissionId, row: Mapping[str, Any], told: Told) -> Iterator[str]:
    what = f"Submission {submission_id}"
    yield from _unequal(what, {**row, "sources": ""}, {**told.data, "sources": ""}, told.seq)
    if row["sources"] != told.data.get("sources"):
        names = ", ".join(one["name"] for one in told.data.get("sources", ()))
        yield f"{what}: its source is not what was sent ({names}; entry {told.seq} has the hash)."


def _judgement(view: View, fold: LogFold, judgement: Judgement) -> Iterator[str]:
    what = f"Judgement {judgement.id} of submission {judgement.submission_id}"
    told = fold.judgements.pop(judgement.id, None)
    if told is None:
        yield f"The log never told of judgement {judgement.id} of submission {judgement.submission_id}, which is kept."
        return
    row = {
        "submission_id": judgement.submission_id,
        "contest_id": judgement.contest_id,
        "package_version": judgement.package_version,
        "valid": judgement.valid,
        "verdict": judgement.verdict.value if judgement.verdict is not None else None,
        "tests_passed": judgement.tests_passed,
        "cpu_us": round(judgement.cpu_seconds * 1_000_000),
        "memory_bytes": judgement.memory_bytes,
        "score_millionths": judgement.score_millionths,
    }
    yield from _unequal(what, row, told.said, told.seq)
    yield from _runs(what, [one for one in view.runs(judgement.id) if one.counted], told)


def _runs(what: str, stored: Sequence[StoredRun], told: ToldJudgement) -> Iterator[str]:
    runs = [one.run for one in stored]
    marks = [
        run_mark(run.number, run.verdict.value, round(run.cpu_seconds * 1_000_000), run.memory_bytes) for run in runs
    ]
    expected = told.runs.tolist()
    if marks == expected:
        return
    unknown = [run.number for run, mark in zip(runs, marks, strict=True) if mark not in set(expected)]
    if unknown:
        yield f"{what}: the run of test {unknown[0]} is not the one that the log tells of."
    else:
        yield f"{what}: {len(runs)} runs count, but the log tells of {len(expected)}, or of another order."


def _unequal(what: str, row: Mapping[str, Any], told: Mapping[str, Any], seq: int) -> Iterator[str]:
    for name, said in told.items():
        if name in row and row[name] != said:
            yield f"{what} is kept with {_words(name)} {_shown(row[name])}; entry {seq} of the log says {_shown(said)}."


def _words(name: str) -> str:
    return "the mark «counts»" if name == "valid" else name.replace("_", " ")


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
