"""Judge machines, those that want to join among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.console.link import Room
from app.console.models.table import Column, TableModel
from app.console.words import number, retold, size_text, span_text
from app.console.words import tr as _
from app.wire.admin_v1 import Doing, Machine, PendingJoin

STATES = {
    "ready": ("circle", "quiet"),
    "judging": ("play", "quiet"),
    "paused": ("circle-pause", "quiet"),
    "held": ("triangle-alert", "slow"),
    "away": ("wifi-off", "slow"),
    "unpaired": ("unplug", "quiet"),
    "console": ("monitor", "quiet"),
    "joining": ("handshake", "waiting"),
    "console joining": ("monitor", "waiting"),
}
"""Icon and colour role of each state."""


@dataclass(frozen=True, slots=True)
class MachineRow:
    """A paired machine, or one that wants to join (then `machine` is None)."""

    key: str
    name: str
    state: str
    machine: Machine | None = None
    join: PendingJoin | None = None

    @property
    def is_console(self) -> bool:
        """Whether it is a console on another machine, not a judge."""
        known = self.machine or self.join
        return known is not None and known.kind == "console"

    @property
    def address(self) -> str:
        """Where it is."""
        return (self.machine.address if self.machine else self.join.address if self.join else "") or ""


def machine_rows(room: Room) -> list[MachineRow]:
    """The rows of the table: machines that are still paired, then those at the door."""
    paired = [
        MachineRow(f"1 {one.name} {one.id}", one.name, one.state, machine=one)
        for one in room.machines
        if one.state != "unpaired"
    ]
    return paired + [
        MachineRow(f"2 {one.since_ms} {one.request_id}", one.name, _joining(one), join=one) for one in room.pending
    ]


def _joining(join: PendingJoin) -> str:
    return "console joining" if join.kind == "console" else "joining"


def state_word(state: str) -> str:
    """A machine's state in a word or three."""
    return {
        "ready": _("Ready"),
        "judging": _("Judging"),
        "paused": _("Paused"),
        "held": _("Held back"),
        "away": _("Away"),
        "unpaired": _("Unpaired"),
        "console": _("Console"),
        "joining": _("Wants to join"),
        "console joining": _("Console joins"),
    }.get(state, state)


def doing_head(doing: Doing) -> str:
    """`#1496 D`, or what of a problem it is at."""
    if doing.kind == "solution":
        return _("Jury solution {label}", label=doing.problem)
    if doing.kind == "package":
        return _("Package {label}", label=doing.problem)
    return f"#{doing.submission_id} {doing.problem}"


def doing_rest(doing: Doing) -> str:
    """`test 7/23`, `compiling`, `fetching`."""
    if doing.phase == "compiling":
        return _("compiling")
    if doing.tests and doing.test:
        return _("test {test}/{tests}", test=doing.test, tests=doing.tests)
    return _("fetching") if doing.phase == "fetching" else doing.phase


def facts_line(facts: dict[str, Any]) -> str:
    """What is known of a machine in one line: system, kernel, processor, memory. Unknown keys are left out."""
    parts = [
        str(facts[key]) for key in ("os", "system", "distribution", "kernel", "cpu", "cpu_model") if facts.get(key)
    ]
    cores = facts.get("cores") or facts.get("cpu_count")
    if cores:
        parts.append(_("{n} cores", n=cores))
    memory = facts.get("memory_bytes") or facts.get("total_memory_bytes")
    if isinstance(memory, int | float):
        parts.append(size_text(memory))
    return " · ".join(parts)


class Machines(TableModel[MachineRow]):
    """The room's machines."""

    def __init__(self) -> None:
        columns = (
            Column[MachineRow]("machine", _("Machine"), lambda row: f"{row.name} {row.address}", 140, stretch=True),
            Column[MachineRow]("state", _("State"), lambda row: state_word(row.state), 128),
            Column[MachineRow]("doing", _("Doing"), doing_text, 150, stretch=True),
            Column[MachineRow](
                "slots", _("Slots"), slots_text, 84, lambda row: row.machine.busy if row.machine else -1
            ),
            Column[MachineRow]("judged", _("Judged"), judged_text, 72, _judged, right=True),
            Column[MachineRow]("load", _("Last 10 min"), lambda row: "", 104),
        )
        super().__init__(columns, lambda row: row.key)


def doing_text(row: MachineRow) -> str:
    """What a machine is doing, or the code of one that wants to join."""
    if row.join is not None:
        return row.join.code
    if row.machine is None:
        return ""
    if row.machine.doing:
        first = row.machine.doing[0]
        return f"{doing_head(first)} {doing_rest(first)}, {first.seconds:.1f} s"
    return retold(row.machine.state_sentence)


def slots_text(row: MachineRow) -> str:
    """`3/4`."""
    return f"{row.machine.busy}/{row.machine.slots}" if row.machine and not row.is_console else ""


def judged_text(row: MachineRow) -> str:
    """How many submissions it judged since the server started."""
    return number(row.machine.judged) if row.machine and not row.is_console else ""


def _judged(row: MachineRow) -> int:
    return row.machine.judged if row.machine else -1


def seen_text(machine: Machine, now_ms: int) -> str:
    """How long ago a machine was heard."""
    if machine.seen_ms is None:
        return _("not heard since the server started")
    return _("heard {span} ago", span=span_text(now_ms - machine.seen_ms))
