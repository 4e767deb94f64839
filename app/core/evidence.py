"""What is kept of runs that do not count, and where it contradicts what does (DESIGN 4.6, 6).

Theory of operation. Of each test the first accepted run counts. What comes later, from another attempt or another machine, or from a lease
that is over, is evidence: the jury has to see it, but a machine that has gone mad must not fill the disk with it. So a judgement keeps
at most MOST_OF_A_TEST runs of evidence for a test, and at most MOST_TEXT characters of what they said; past that the facts are
kept without the words. A run that is known already, word for word or without its words, is not kept again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.core.judgement import Run
from app.core.verdict import Verdict

MOST_OF_A_TEST = 4
MOST_TEXT = 256 * 1024
_LEFT_OUT = "(Its words were left out: this judgement has much evidence already.)"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two runs of one test with different verdicts: the one that counts, and one that is evidence."""

    counted: Run
    other: Run


class EvidenceRoom:
    """What a judgement has heard of its tests, and how much more evidence it may keep."""

    def __init__(self) -> None:
        self._known: set[tuple[object, ...]] = set()
        self._numbers: set[int] = set()
        self._kept: dict[int, int] = {}
        self._text = 0
        self.counted: dict[int, Run] = {}

    def remember(self, attempt: int, run: Run, *, counts: bool) -> None:
        """A run that is stored already, or that is being stored as the first of its test."""
        self._known.add(_key(attempt, run))
        self._numbers.add(run.number)
        if counts:
            self.counted[run.number] = run
        else:
            self._kept[run.number] = self._kept.get(run.number, 0) + 1
            self._text += _length(run)

    def knows(self, attempt: int, run: Run) -> bool:
        """Whether this attempt has said the same of this test before."""
        return _key(attempt, run) in self._known

    def numbers(self) -> set[int]:
        """The tests of which anything is known."""
        return self._numbers

    def take(self, attempt: int, run: Run) -> Run | None:
        """The run as it is to be kept as evidence, perhaps without its words; None where it is known or there is too much already."""
        if self.knows(attempt, run) or self._kept.get(run.number, 0) >= MOST_OF_A_TEST:
            return None
        if self._text + _length(run) > MOST_TEXT:
            run = replace(run, message=_LEFT_OUT, stdout_head="", stderr_head="", transcript="")
        self.remember(attempt, run, counts=False)
        return run


def differences(counted: Mapping[int, Run], evidence: Iterable[Run]) -> tuple[Difference, ...]:
    """Where evidence says something else than the run that counts, in test order. A fault of the sandbox (JE) says nothing."""
    found = []
    for run in evidence:
        first = counted.get(run.number)
        if first is not None and Verdict.JE not in (run.verdict, first.verdict) and run.verdict is not first.verdict:
            found.append(Difference(first, run))
    return tuple(sorted(found, key=lambda one: one.counted.number))


def _key(attempt: int, run: Run) -> tuple[object, ...]:
    """What a run measured: two runs that agree in all of it are one that was told twice."""
    return (
        attempt,
        run.number,
        run.verdict,
        run.cpu_seconds,
        run.wall_seconds,
        run.memory_bytes,
        run.exit_code,
        run.signal,
        run.limit,
        run.node,
    )


def _length(run: Run) -> int:
    return sum(len(text) for text in (run.message, run.stdout_head, run.stderr_head, run.transcript))
