"""Judgements: what the runs of a submission say, and how the server folds them into the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.clock import Instant
from app.core.ids import ContestId, JudgementId, PackageVersion, SubmissionId
from app.core.verdict import Verdict


class State(StrEnum):
    """Where a judgement is. DESK: waits for the organiser as a judging error; teams see PENDING."""

    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Run:
    """One test case's run: facts and its verdict by DESIGN 6's order.

    `number` counts tests from 1 in test order; memory in bytes; `stdout_head` and friends are text with replacement, at most 8 KiB;
    `repeats` are CPU seconds of further measurements of a near run, `flaky` a spread over 5 %.
    """

    number: int
    test: str
    verdict: Verdict
    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    exit_code: int | None = None
    signal: int | None = None
    limit: str = ""
    processes: int = 0
    message: str = ""
    stdout_head: str = ""
    stderr_head: str = ""
    repeats: tuple[float, ...] = ()
    near_limit: bool = False
    flaky: bool = False
    disturbed: bool = False
    node: str = ""
    score_millionths: int | None = None
    """Its points; None where the problem has no scores."""
    transcript: str = ""
    """What submission and validator said to each other, with times; for the jury, at most 8 KiB."""
    stdout_bytes: int | None = None
    """How much it wrote to stdout, also what was thrown away; None where an older machine did not say."""

    @property
    def whole_stdout(self) -> bytes | None:
        """All that it wrote, where `stdout_head` is that to the last byte; None where more, or other bytes than text, were written."""
        head = self.stdout_head.encode()
        return head if len(head) == self.stdout_bytes and "\ufffd" not in self.stdout_head else None


@dataclass(frozen=True, slots=True)
class CompileResult:
    """What the compiler said. `output` is bounded text for the team; ok False is CE."""

    ok: bool
    output: str = ""
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judging of one submission by one immutable package version. A submission can have many; one is valid."""

    id: JudgementId
    contest_id: ContestId
    submission_id: SubmissionId
    package_version: PackageVersion
    state: State
    valid: bool
    verdict: Verdict | None = None
    test_count: int = 0
    tests_passed: int = 0
    cpu_seconds: float = 0.0
    """Largest CPU time of a test."""
    memory_bytes: int = 0
    """Largest peak of a test."""
    compile_output: str = ""
    attempt: int = 0
    score_millionths: int | None = None
    started: Instant | None = None
    ended: Instant | None = None
    failing_test: int | None = None
    grades: str = ""
    """What the package's own grader said of its groups, as app.services.reported_grades writes it; "" where it has none."""


def fold_runs(test_count: int, runs: Mapping[int, Run], *, all_tests: bool) -> Verdict | None:
    """The verdict that the runs decide, or None while they don't (DESIGN 6).

    The verdict is the first failing test in test order, whatever order they ran in: so a failing test decides only when all
    tests before it are known. `runs` maps a test's number (from 1) to its run. With all_tests every test must be known.
    A run of verdict JE never decides for a team; it is given back as JE.
    """
    if any(run.verdict is Verdict.JE for run in runs.values()):
        return Verdict.JE
    first_failing: Verdict | None = None
    for number in range(1, test_count + 1):
        run = runs.get(number)
        if run is None:
            return None
        if run.verdict is not Verdict.AC and first_failing is None:
            first_failing = run.verdict
            if not all_tests:
                return first_failing
    return first_failing or Verdict.AC


def count_passed(runs: Sequence[Run]) -> int:
    """How many tests passed."""
    return sum(1 for run in runs if run.verdict is Verdict.AC)
