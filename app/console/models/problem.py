"""What one problem consists of, as tables: its tests, its jury solutions on each machine, its report, what another version would change."""

from __future__ import annotations

from dataclasses import dataclass

from app.console.models.table import Column, TableModel
from app.console.widgets.chip import Chip, verdict_chip
from app.console.words import retold, size_text
from app.console.words import tr as _
from app.wire.admin_packages_v1 import ImportLine, JurySolutionState, ProblemTest, SolutionRun, TrialDifference

LEVELS = {"error": ("bad", "x"), "warning": ("slow", "triangle-alert"), "note": ("quiet", "info")}


@dataclass(frozen=True, slots=True)
class SolutionRow:
    """A jury solution on one machine; `run` None: on none yet."""

    place: int
    solution: JurySolutionState
    run: SolutionRun | None

    @property
    def key(self) -> tuple[int, str]:
        """Its place, and the machine."""
        return self.place, self.run.machine if self.run is not None else ""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A line of an import's report, with its place and the package that it is about ("" where there is only one)."""

    place: int
    line: ImportLine
    package: str = ""


def level_word(level: str) -> str:
    """The kind of a line of a report."""
    return {"error": _("Error"), "warning": _("Warning"), "note": _("Note")}.get(level, level)


def level_chip(level: str) -> Chip:
    """The chip of a line of a report."""
    role, icon = LEVELS.get(level, ("quiet", "info"))
    return Chip(role, icon, level_word(level))


def expected_text(solution: JurySolutionState) -> str:
    """What the package promises of a solution."""
    words = "/".join(solution.expected) or _("nothing")
    if solution.score is None:
        return words
    least, most = (f"{score / 1_000_000:g}" for score in solution.score)
    return f"{words}, {least}" + (f"–{most}" if least != most else "")


def actual_chip(row: SolutionRow) -> Chip:
    """What a solution ended as, or how far it is."""
    if row.run is not None and row.solution.state not in ("waiting", "judging"):
        return verdict_chip(row.run.verdict)
    return {
        "waiting": Chip("waiting", "ellipsis", _("Waits")),
        "judging": Chip("waiting", "ellipsis", _("Judging")),
    }.get(row.solution.state, Chip("quiet", "circle-dashed", _("Not judged")))


def agreement_text(row: SolutionRow) -> str:
    """Whether a solution ended as promised, and what it says where it did not."""
    if row.run is None:
        return ""
    if row.run.ok:
        return _("as promised")
    where = f"{row.run.failing_test}: " if row.run.failing_test else ""
    return _("not as promised") + (f" – {where}{retold(row.run.message)}" if row.run.message else "")


def _time_text(row: SolutionRow) -> str:
    return f"{row.run.cpu_seconds:.2f}" if row.run is not None else ""


def _score_text(row: SolutionRow) -> str:
    score = row.run.score_millionths if row.run is not None else None
    return "" if score is None else f"{score / 1_000_000:g}"


class SolutionTable(TableModel[SolutionRow]):
    """Jury solutions, one row for each machine."""

    def __init__(self) -> None:
        columns = (
            Column[SolutionRow]("name", _("Solution"), lambda row: row.solution.name, 220, stretch=True, tip=lambda row: row.solution.name),
            Column[SolutionRow]("expected", _("Expected"), lambda row: expected_text(row.solution), 96),
            Column[SolutionRow]("actual", _("Actual"), lambda row: actual_chip(row).letters, 112),
            Column[SolutionRow]("score", _("Score"), _score_text, 64, right=True),
            Column[SolutionRow](
                "time", _("Slowest, s"), _time_text, 150, lambda row: row.run.cpu_seconds if row.run else -1.0, right=True
            ),
            Column[SolutionRow]("machine", _("Machine"), lambda row: row.run.machine if row.run else "", 96),
            Column[SolutionRow]("agrees", _("Agreement"), agreement_text, 240, stretch=True, tip=agreement_text),
        )  # fmt: skip
        super().__init__(columns, lambda row: row.key)

    def take(self, solutions: list[JurySolutionState]) -> None:
        """Takes a problem's solutions."""
        rows = []
        for place, solution in enumerate(solutions):
            runs: list[SolutionRun | None] = [*solution.runs] or [None]
            rows += [SolutionRow(place, solution, run) for run in runs]
        self.replace(rows)


class TestTable(TableModel[ProblemTest]):
    """The tests in judging order."""

    __test__ = False

    def __init__(self) -> None:
        columns = (
            Column[ProblemTest]("number", _("Number"), lambda row: str(row.number), 80, lambda row: row.number, right=True),
            Column[ProblemTest]("name", _("Test"), lambda row: row.name, 320, stretch=True),
            Column[ProblemTest]("sample", _("Sample"), lambda row: _("sample") if row.sample else "", 90),
            Column[ProblemTest](
                "input", _("Input"), lambda row: size_text(row.input_bytes), 100, lambda row: row.input_bytes, right=True
            ),
            Column[ProblemTest](
                "answer", _("Answer"), lambda row: size_text(row.answer_bytes), 100, lambda row: row.answer_bytes, right=True
            ),
        )  # fmt: skip
        super().__init__(columns, lambda row: row.number)


class ReportTable(TableModel[ReportRow]):
    """An import's report, the worst first."""

    def __init__(self) -> None:
        columns = (
            Column[ReportRow]("level", _("Kind"), lambda row: level_word(row.line.level), 110),
            Column[ReportRow]("file", _("File"), _file_text, 200, tip=_file_text),
            Column[ReportRow](
                "sentence", _("What was found"), _found_text, 320, stretch=True, tip=_found_text
            ),
            Column[ReportRow]("advice", _("What to do"), lambda row: retold(row.line.advice), 280, stretch=True, tip=_found_text),
        )  # fmt: skip
        super().__init__(columns, lambda row: row.place)

    def take(self, lines: list[ImportLine]) -> None:
        """Takes the lines of one package."""
        self.replace(ReportRow(place, line) for place, line in enumerate(lines))


def _file_text(row: ReportRow) -> str:
    return " · ".join(part for part in (row.package, row.line.file) if part) or _("the whole package")


def _found_text(row: ReportRow) -> str:
    return retold(row.line.sentence)


class DifferenceTable(TableModel[TrialDifference]):
    """What another version would change."""

    def __init__(self) -> None:
        columns = (
            Column[TrialDifference](
                "id", _("Submission"), lambda row: f"#{row.submission_id}", 110, lambda row: row.submission_id
            ),
            Column[TrialDifference]("team", _("Team"), lambda row: row.team_id or _("Jury"), 220, stretch=True),
            Column[TrialDifference]("before", _("Now"), lambda row: result_text(row.before, row.score_before), 160),
            Column[TrialDifference]("after", _("With it"), lambda row: result_text(row.after, row.score_after), 160),
        )
        super().__init__(columns, lambda row: row.submission_id, newest_first=True)


def result_text(verdict: str | None, score: int | None) -> str:
    """A verdict with its points."""
    word = verdict or _("no verdict")
    return word if score is None else f"{word}, {score / 1_000_000:g}"
