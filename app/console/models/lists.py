"""Problems, teams and the log as tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from app.console.models.table import Column, TableModel
from app.console.words import limit_text, retold, size_text
from app.console.words import tr as _
from app.wire.admin_v1 import LogLine, ProblemState, TeamRow

_DIGITS = re.compile(r"(\d+)")


def package_word(state: str) -> str:
    """The state of a problem's package for people."""
    return {"ready": _("Ready"), "unchecked": _("Not checked yet"), "refused": _("Refused")}.get(state, state)


def package_text(row: ProblemState) -> str:
    """The state of a problem's package, and the most important thing that is missing or unchecked."""
    word = package_word(row.package_state)
    return f"{word}: {row.package_notes[0]}" if row.package_notes else word


def solutions_text(row: ProblemState) -> str:
    """How far a problem's jury solutions are, or that a version is on trial."""
    if row.solutions_wrong:
        words = _("{n} not as promised", n=row.solutions_wrong)
    elif not row.solutions:
        words = _("none")
    elif row.solutions_judged:
        words = _("{n} of {all} judged", n=row.solutions_judged, all=row.solutions)
    else:
        words = _("not judged yet")
    if row.trial_stopped:
        return f"{words} · {_('trial stopped')}"
    return f"{words} · {_('on trial')}" if row.on_trial else words


def _note_text(row: ProblemState) -> str:
    return retold(row.solution_note)


class ProblemTable(TableModel[ProblemState]):
    """The contest's problems."""

    def __init__(self) -> None:
        columns = (
            Column[ProblemState]("problem", _("Problem"), lambda row: f"{row.label} {row.title}", 260, stretch=True),
            Column[ProblemState](
                "limit", _("CPU limit, s"), lambda row: limit_text(row.cpu_seconds), 100, lambda row: row.cpu_seconds, right=True
            ),
            Column[ProblemState](
                "memory", _("Memory limit"), lambda row: size_text(row.memory_bytes), 112, lambda row: row.memory_bytes, right=True
            ),
            Column[ProblemState](
                "tests", _("Tests"), lambda row: str(row.test_count), 64, lambda row: row.test_count, right=True
            ),
            Column[ProblemState](
                "package", _("Package"), package_text, 260, lambda row: row.package_state, tip=lambda row: "\n".join(row.package_notes)
            ),
            Column[ProblemState](
                "solutions", _("Jury solutions"), solutions_text, 180, lambda row: -row.solutions_wrong, tip=_note_text
            ),
            Column[ProblemState]("id", _("Id"), lambda row: row.id, 110),
        )  # fmt: skip
        super().__init__(columns, lambda row: (len(row.label), row.label, row.id))


@dataclass(frozen=True, slots=True)
class TeamEntry:
    """A team, with its password while the organiser shows them."""

    team: TeamRow
    password: str = ""


class TeamTable(TableModel[TeamEntry]):
    """Teams and their accounts."""

    def __init__(self) -> None:
        columns = (
            Column[TeamEntry](
                "team", _("Team"), lambda row: row.team.name, 240, lambda row: natural(row.team.name), stretch=True
            ),
            Column[TeamEntry]("organization", _("Organisation"), lambda row: row.team.organization, 200, stretch=True),
            Column[TeamEntry]("username", _("User name"), lambda row: row.team.username, 140),
            Column[TeamEntry]("password", _("Password"), lambda row: row.password, 180),
            Column[TeamEntry]("account", _("Account"), _account_text, 100),
        )
        super().__init__(columns, lambda row: (natural(row.team.name), row.team.id))


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts `Team 9` before `Team 10`."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in _DIGITS.split(text) if part)


def _account_text(row: TeamEntry) -> str:
    if not row.team.username:
        return _("None")
    return _("Active") if row.team.enabled else _("Closed")


class LogTable(TableModel[LogLine]):
    """The event log in words, newest first."""

    def __init__(self) -> None:
        columns = (
            Column[LogLine]("seq", _("Number"), lambda row: str(row.seq), 80, lambda row: row.seq),
            Column[LogLine]("at", _("Time"), lambda row: at_text(row.at), 90, lambda row: row.at),
            Column[LogLine]("kind", _("Kind"), lambda row: kind_word(row.kind), 130),
            Column[LogLine]("sentence", _("What happened"), lambda row: retold(row.sentence), 420, stretch=True),
        )
        super().__init__(columns, lambda row: row.seq, newest_first=True)


def kind_word(kind: str) -> str:
    """The kind of an entry of the log, in a word."""
    return {
        "contest": _("contest"),
        "problem": _("problem"),
        "team": _("team"),
        "account": _("account"),
        "submission": _("submission"),
        "judgement": _("judgement"),
        "runs": _("runs"),
        "verdict": _("verdict"),
        "desk": _("desk"),
        "difference": _("difference"),
        "node": _("machine"),
        "lease": _("lease"),
        "clock": _("clock"),
        "server": _("server"),
        "setting": _("setting"),
    }.get(kind, kind.replace("_", " "))


def at_text(iso: str) -> str:
    """An ISO time as this laptop's time of day."""
    try:
        return datetime.fromisoformat(iso).astimezone().strftime("%H:%M:%S")
    except ValueError:
        return iso
