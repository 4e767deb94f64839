"""The verdict chip: letters, sign and tint of a submission's state, never colour alone (LOOK 3, 5)."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.verdict import Verdict
from app.services.answers import SubmissionView
from web.pages.speech import translated as _

_LOOKS = {
    Verdict.AC: ("good", "check"),
    Verdict.WA: ("bad", "x"),
    Verdict.TLE: ("slow", "clock"),
    Verdict.MLE: ("heavy", "layers"),
    Verdict.OLE: ("heavy", "layers"),
    Verdict.RTE: ("broken", ""),
    Verdict.CE: ("quiet", "braces"),
    Verdict.NO: ("quiet", "circle-off"),
    Verdict.JE: ("quiet", "hourglass"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """How a state is drawn. `icon` "" is the exclamation mark; `progress` is 0–100 while tests run, else None."""

    tint: str
    icon: str
    letters: str
    meaning: str
    progress: int | None = None
    settled: bool = False


def chip_of(view: SubmissionView) -> Chip:
    """The chip of a submission as its caller may see it."""
    if view.status == "DONE" and view.verdict is not None:
        tint, icon = _LOOKS[view.verdict]
        return Chip(tint, icon, view.verdict.value, meaning_of(view.verdict), settled=True)
    if view.status == "COMPILING":
        return Chip("waiting", "ellipsis", _("COMPILING"), _("being compiled"))
    if view.status == "RUNNING" and view.tests_total:
        passed = view.tests_passed or 0
        said = _("%(passed)s of %(total)s tests passed so far", passed=passed, total=view.tests_total)
        return Chip("waiting", "ellipsis", f"{passed}/{view.tests_total}", said, 100 * passed // view.tests_total)
    return Chip("waiting", "ellipsis", _("PENDING"), _("waits for a judge"))


def meaning_of(verdict: Verdict) -> str:
    """A verdict in words."""
    return {
        Verdict.AC: _("Accepted"),
        Verdict.WA: _("Wrong answer"),
        Verdict.TLE: _("Time limit exceeded"),
        Verdict.MLE: _("Memory limit exceeded"),
        Verdict.OLE: _("Output limit exceeded"),
        Verdict.RTE: _("Run-time error"),
        Verdict.CE: _("Compile error"),
        Verdict.NO: _("No output"),
        Verdict.JE: _("Judging error"),
    }[verdict]


def advice_of(verdict: Verdict) -> str:
    """What a verdict says about the program, for whoever reads it the first time."""
    return {
        Verdict.AC: _("The program solved every test."),
        Verdict.WA: _("The program ran, but its output is not right."),
        Verdict.TLE: _("The program did not finish within the time that the problem allows."),
        Verdict.MLE: _("The program used more memory than the problem allows."),
        Verdict.OLE: _("The program wrote far too much."),
        Verdict.RTE: _("The program crashed or ended with an exit code other than 0."),
        Verdict.CE: _("The source did not compile. The compiler’s words are below."),
        Verdict.NO: _("The program ended without writing anything."),
        Verdict.JE: _("The judge itself failed; the organiser looks into it."),
    }[verdict]
