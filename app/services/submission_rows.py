"""Submissions as the console shows them: everything that the jury may see, in the shapes of wire/admin_v1."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

from app.core.clock import iso
from app.core.contest import Contest
from app.core.evidence import differences
from app.core.ids import JudgementId, NodeId
from app.core.judgement import Judgement, Run, State
from app.core.scoring.groups import decimal
from app.core.submission import Submission
from app.core.verdict import Verdict
from app.ports.store import StoredRun, View
from app.services.contest_book import ContestBook
from app.services.gradings import Gradings
from app.services.live_work import Progress
from app.services.outputs import RunOutputs
from app.wire.admin_v1 import GroupRow, RunRow, SubmissionDetail, SubmissionRow

_FINISHED, _MISSING, _RUNNING = ".", "-", ">"


class RowReader:
    """Makes rows from one view. `progress_of` tells how far a judgement is that a machine works on."""

    def __init__(
        self, book: ContestBook, progress_of: Callable[[JudgementId], Progress | None], gradings: Gradings
    ) -> None:
        self._book = book
        self._gradings = gradings
        self._progress_of = progress_of

    def rows(self, view: View, contest: Contest, submissions: Sequence[Submission]) -> list[SubmissionRow]:
        """One row for each submission, in the given order."""
        valid = view.valid_judgements([one.id for one in submissions])
        machines = self._working(view)
        rows = []
        for submission in submissions:
            judgement = valid.get(submission.id)
            runs = _counted(view.runs(judgement.id)) if judgement is not None else {}
            rows.append(self._row(contest, submission, judgement, runs, machines))
        return rows

    def detail(self, view: View, contest: Contest, submission: Submission) -> SubmissionDetail:
        """One submission with sources, runs and evidence of its valid judgement, and all its judgements."""
        judgement = view.valid_judgements([submission.id]).get(submission.id)
        stored = view.runs(judgement.id) if judgement is not None else ()
        outputs = None if judgement is None else RunOutputs(view, judgement.id)
        row = self._row(contest, submission, judgement, _counted(stored), self._working(view))
        return SubmissionDetail(
            row=row,
            files=[
                {"name": file.name, "text": file.data.decode("utf-8", "replace")}
                for file in view.sources(submission.id)
            ],
            compile_output=judgement.compile_output if judgement is not None else "",
            runs=run_rows(stored, outputs),
            judgements=[_judgement_data(one) for one in view.judgements(submission.id)],
            groups=self._groups(view, judgement),
            differences=[*_differences(stored), *(outputs.remarks() if outputs is not None else ())],
        )

    def _groups(self, view: View, judgement: Judgement | None) -> list[GroupRow]:
        if judgement is None or judgement.score_millionths is None:
            return []
        return [
            GroupRow(
                name=one.name,
                verdict=None if one.verdict is None else one.verdict.value,
                score=decimal(one.score_millionths),
                max_score=None if one.most_millionths is None else decimal(one.most_millionths),
            )
            for one in self._gradings.groups(view, judgement.package_version, judgement.id)
        ]

    def _working(self, view: View) -> Mapping[JudgementId, str]:
        """Which machines work on which judgement, in the order in which they came to it."""
        names: dict[NodeId, str] = {}
        working: dict[JudgementId, str] = {}
        for task, lease in view.leases.live():
            if task.judgement_id is None:
                continue
            if lease.node_id not in names:
                node = view.node(lease.node_id)
                names[lease.node_id] = node.name if node is not None else lease.node_id
            before = working.get(task.judgement_id, "")
            working[task.judgement_id] = _and(before, names[lease.node_id])
        return working

    def _row(
        self,
        contest: Contest,
        submission: Submission,
        judgement: Judgement | None,
        runs: Mapping[int, Run],
        working: Mapping[JudgementId, str],
    ) -> SubmissionRow:
        team = self._book.team(submission.team_id)
        problem = self._book.problem(submission.contest_id, submission.problem_id)
        progress = self._progress_of(judgement.id) if judgement is not None else None
        status = _status(judgement, progress)
        machine = working.get(judgement.id, "") if judgement is not None else ""
        return SubmissionRow(
            id=submission.id,
            contest_time_ms=contest.contest_time_ms(submission.arrived) if contest.start is not None else 0,
            team=team.name if team is not None else "Jury",
            team_id=submission.team_id,
            problem=problem.label if problem is not None else submission.problem_id,
            language=submission.language,
            status=status,
            verdict=judgement.verdict.value if judgement is not None and judgement.verdict is not None else None,
            tests=_squares(judgement, runs, running=status == "RUNNING"),
            test_count=judgement.test_count if judgement is not None else 0,
            tests_passed=sum(1 for run in runs.values() if run.verdict is Verdict.AC),
            cpu_seconds=max((run.cpu_seconds for run in runs.values()), default=0.0),
            memory_bytes=max((run.memory_bytes for run in runs.values()), default=0),
            cpu_limit_seconds=problem.cpu_seconds if problem is not None else 0.0,
            memory_limit_bytes=problem.memory_bytes if problem is not None else 0,
            score=None if judgement is None else _decimal(judgement.score_millionths),
            machine=machine or reduce(_and, (runs[number].node for number in sorted(runs)), ""),
        )


def _and(names: str, name: str) -> str:
    """Several machines by their names, each once."""
    return name if not names else names if name in names.split(", ") else f"{names}, {name}"


def _counted(stored: Sequence[StoredRun]) -> dict[int, Run]:
    return {one.run.number: one.run for one in stored if one.counted}


def _status(judgement: Judgement | None, progress: Progress | None) -> str:
    if judgement is None:
        return "PENDING"
    if judgement.state is State.DONE:
        return "DONE"
    if judgement.state is State.DESK:
        return "DESK"
    if progress is None or progress.phase == "fetching":
        return "PENDING"
    return "COMPILING" if progress.phase == "compiling" else "RUNNING"


def _squares(judgement: Judgement | None, runs: Mapping[int, Run], *, running: bool) -> str:
    if judgement is None:
        return ""
    letters = []
    for number in range(1, judgement.test_count + 1):
        run = runs.get(number)
        if run is not None:
            letters.append(_FINISHED if run.verdict is Verdict.AC else run.verdict.value[0])
        elif running:
            letters.append(_RUNNING)
            running = False
        else:
            letters.append(_MISSING)
    return "".join(letters)


def run_rows(stored: Sequence[StoredRun], outputs: RunOutputs | None) -> list[RunRow]:
    """The runs of a judgement in test order, the one that counts before the others of its test."""
    counted = _counted(stored)
    ordered = sorted(stored, key=lambda one: (one.run.number, not one.counted, one.at_ms))
    return [_run_row(one, counted, outputs) for one in ordered]


def _differences(stored: Sequence[StoredRun]) -> list[str]:
    found = differences(_counted(stored), (one.run for one in stored if not one.counted))
    return [
        f"Test {one.counted.number}: {one.counted.verdict.value} on {one.counted.node} counts,"
        f" {one.other.verdict.value} on {one.other.node} does not."
        for one in found
    ]


def _run_row(stored: StoredRun, counted: Mapping[int, Run], outputs: RunOutputs | None) -> RunRow:
    run = stored.run
    return RunRow(
        number=run.number,
        test=run.test,
        verdict=run.verdict.value,
        cpu_seconds=run.cpu_seconds,
        wall_seconds=run.wall_seconds,
        memory_bytes=run.memory_bytes,
        exit_code=run.exit_code,
        signal=run.signal,
        limit=run.limit,
        message=run.message,
        stdout_head=run.stdout_head,
        stderr_head=run.stderr_head,
        repeats=list(run.repeats),
        flaky=run.flaky,
        counted=stored.counted,
        machine=run.node,
        attempt=stored.attempt,
        score=_decimal(run.score_millionths),
        transcript=run.transcript,
        stdout_bytes=run.stdout_bytes,
        output_bytes=outputs.size(stored) if outputs is not None else None,
        output_note=outputs.note(stored) if outputs is not None else "",
        differs=not stored.counted and bool(differences(counted, (run,))),
    )


def _decimal(millionths: int | None) -> str | None:
    return None if millionths is None else decimal(millionths)


def _judgement_data(judgement: Judgement) -> dict[str, Any]:
    return {
        "id": judgement.id,
        "state": judgement.state.value,
        "valid": judgement.valid,
        "verdict": judgement.verdict.value if judgement.verdict is not None else None,
        "package_version": judgement.package_version,
        "attempt": judgement.attempt,
        "tests_passed": judgement.tests_passed,
        "test_count": judgement.test_count,
        "started": iso(judgement.started) if judgement.started is not None else None,
        "ended": iso(judgement.ended) if judgement.ended is not None else None,
    }
