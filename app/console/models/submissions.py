"""The live list of submissions."""

from __future__ import annotations

from collections.abc import Callable

from app.console.models.table import Column, TableModel
from app.console.widgets.chip import chip_of
from app.console.words import clock_text, limit_text
from app.console.words import tr as _
from app.wire.admin_v1 import ProblemState, SubmissionRow

LANGUAGES = {
    "c": "C",
    "cpp": "C++",
    "java": "Java",
    "python3": "Python 3",
    "pypy3": "PyPy 3",
    "kotlin": "Kotlin",
    "rust": "Rust",
    "go": "Go",
}


def language_name(language: str) -> str:
    """A language for people; an unknown id stays as it is."""
    return LANGUAGES.get(language, language)


class Problems:
    """The contest's problems by their letter, for names and colours in every table."""

    def __init__(self) -> None:
        self._by_label: dict[str, ProblemState] = {}

    def take(self, problems: list[ProblemState]) -> None:
        """Takes the problems of a state."""
        self._by_label = {problem.label: problem for problem in problems}

    def title(self, label: str) -> str:
        """A problem's title, "" when it isn't known."""
        problem = self._by_label.get(label)
        return problem.title if problem else ""

    def rgb(self, label: str) -> str:
        """A problem's balloon colour, grey when it isn't known."""
        problem = self._by_label.get(label)
        return problem.rgb if problem else "#C4CBD2"


class Submissions(TableModel[SubmissionRow]):
    """All submissions that the console keeps, newest first."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(_columns(problems.title), lambda row: row.id, newest_first=True)
        self.problems = problems


def _columns(title: Callable[[str], str]) -> tuple[Column[SubmissionRow], ...]:
    return (
        Column("id", _("Id"), lambda row: str(row.id), 64, lambda row: row.id),
        Column("time", _("Time"), lambda row: clock_text(row.contest_time_ms), 70, lambda row: row.contest_time_ms),
        Column("team", _("Team"), lambda row: row.team or _("Jury"), 196, stretch=True),
        Column("problem", _("Problem"), lambda row: f"{row.problem} {title(row.problem)}", 164, stretch=True),
        Column("language", _("Language"), lambda row: language_name(row.language), 84),
        Column("verdict", _("Verdict"), verdict_text, 122),
        Column("tests", _("Tests"), _tests_text, 160, lambda row: row.tests_passed),
        Column("cpu", _("CPU, s of limit"), _cpu_text, 166, _cpu_share),
        Column("machine", _("Machine"), lambda row: row.machine, 84),
    )


def verdict_text(row: SubmissionRow) -> str:
    """The chip's letters."""
    return chip_of(row.status, row.verdict, row.tests_passed, row.test_count).letters


def _tests_text(row: SubmissionRow) -> str:
    return f"{row.tests_passed}/{row.test_count}" if row.test_count else ""


def _cpu_text(row: SubmissionRow) -> str:
    if not row.cpu_seconds:
        return ""
    return f"{row.cpu_seconds:.2f} / {limit_text(row.cpu_limit_seconds)}"


def _cpu_share(row: SubmissionRow) -> float:
    return row.cpu_seconds / row.cpu_limit_seconds if row.cpu_limit_seconds else 0.0
