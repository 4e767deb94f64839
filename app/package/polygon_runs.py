"""How often a Polygon problem runs its solutions, and which of these runs are dialogues with its interactor.

Written are `run-count` at <judging>, or the tag run-twice in older packages, and <runs> inside <interactor>, which names the runs that
are dialogues: without it only the first one is, with it and no numbers all are.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from app.core.errors import Refusal

_FILE = "problem.xml"
_MOST_RUNS = 16


@dataclass(frozen=True, slots=True)
class Runs:
    """`talks` are numbers of runs, from 1; empty where there is no interactor."""

    count: int
    talks: tuple[int, ...]

    @property
    def kinds(self) -> list[str]:
        """The words of 2025-09's `type` for this."""
        return [*(["interactive"] if self.talks else []), *(["multi-pass"] if self.count > 1 else [])]


def read_runs(root: Xml.Element) -> Runs:
    """The runs. Refusal(422) for a number that is none, or too many."""
    judging, interactor = root.find("judging"), root.find("assets/interactor/source")
    written = "" if judging is None else judging.get("run-count", "").strip()
    tagged = not written and any(tag.get("value") == "run-twice" for tag in root.findall("tags/tag"))
    if written and not (
        written.isascii() and written.isdecimal() and len(written) <= 2 and 0 < int(written) <= _MOST_RUNS
    ):
        raise Refusal(422, f"{_FILE}: run-count is a number from 1 to {_MOST_RUNS}, not {written[:20]!r}.")
    count = int(written) if written else 2 if tagged else 1
    if interactor is None:
        return Runs(count, ())
    named = root.find("assets/interactor/runs")
    if named is None:
        return Runs(count, tuple(range(1, count + 1)) if tagged else (1,))
    numbers = {(one.text or "").strip() for one in named.findall("run")} or {str(one) for one in range(1, count + 1)}
    talks = tuple(run for run in range(1, count + 1) if str(run) in numbers)
    if not talks:
        raise Refusal(422, f"{_FILE}: <runs> of the interactor names none of the {count} runs.")
    return Runs(count, talks)
