"""Lending a part of a long judgement to a machine that would do nothing else.

Theory of operation. A machine asks for work, no submission waits, and there is no package or trial for it either. Then a machine that runs
tests may give away the tail of its span (core/spans). How much: so many tests that both end at the same moment, given how fast the one
goes and that the other compiles first. Neither less than LEAST_SECONDS and a compilation are worth, nor more than MOST_SECONDS, since the
next submission should not wait for long; who is done early asks again. Cutting a span makes its tail an open part of the task, which is
then claimed like any other task: what happens when a machine vanishes, fails or gives back is the same for a part and for a whole.

Lent is only what went well so far, between machines with the same toolchain, so that the same program is run; each compiles for itself.
A problem with a grader of the package's own stays with one machine, which has to ask that grader between the tests.
"""

from __future__ import annotations

from dataclasses import replace

from app.core.clock import Clock
from app.core.ids import NodeId
from app.core.scoring.legacy_groups import LegacyGrading
from app.core.spans import Span
from app.ports.leases import Lease, Task, TaskKind, TaskState
from app.ports.store import Transaction
from app.services.fitting import Choice
from app.services.gradings import Gradings
from app.services.live_work import LiveLease, LiveWork, Pace
from app.services.presence import Presence, Present
from app.services.returned_tasks import lease_event
from app.wire.judge_v1 import SHARES_TESTS

LEAST_SECONDS = 1.0
MOST_SECONDS = 5.0
"""As long as a submission may wait for a machine at most."""
_QUICKEST_SECONDS = 0.001


def how_many_to_lend(left: int, pace: Pace) -> int:
    """How many of `left` tests another machine should take, 0 where it is not worth it.

    It takes x where compile + x·t = (left - x)·t, with t for one test.
    """
    per_test = pace.seconds / pace.ran if pace.ran else 0.0
    if per_test < _QUICKEST_SECONDS:
        return 0
    least, most = max(LEAST_SECONDS, pace.compile_seconds), max(MOST_SECONDS, pace.compile_seconds)
    count = min(int((left - pace.compile_seconds / per_test) / 2), max(1, int(most / per_test)))
    return count if count * per_test >= least else 0


def has_to_lend(lease: LiveLease, pace: Pace) -> bool:
    """Whether a lease has tests for another machine, by what is in memory: the store may know of fewer."""
    left = min(lease.span.last, lease.tests) - lease.span.first + 1 - pace.ran
    return not lease.trial and not lease.alone and how_many_to_lend(left, pace) > 0


class Lending:
    """Finds what may be lent, and cuts it off."""

    def __init__(self, clock: Clock, work: LiveWork, presence: Presence, gradings: Gradings) -> None:
        self._clock = clock
        self._work = work
        self._presence = presence
        self._gradings = gradings

    def has_any(self, present: Present) -> bool:
        """Whether asking the store for a part is worth it for this machine. From memory."""
        return any(self._alike(live.node_id, present, live.language) for live, _ in self._able())

    def cut(self, tx: Transaction, choice: Choice) -> LiveLease | None:
        """Opens the tail of the span that has most to give to this machine: the lease with what it keeps, None where nothing is lent."""
        if tx.leases.waiting(TaskKind.JUDGE)[0]:
            return None
        for live, pace in self._able():
            held = tx.leases.lease(live.lease_id)
            if held is None or not self._suits(*held, choice):
                continue
            tail = self._tail(tx, *held, pace)
            if tail is not None:
                task, lease = held
                lease = replace(lease, span=Span(lease.span.first, tail.first - 1))
                tx.leases.hold(lease.id, lease.span)
                tx.leases.change(replace(task, state=TaskState.QUEUED))
                lease_event(tx, task, lease, "cut", self._clock.now())
                return replace(live, span=lease.span)
        return None

    def _able(self) -> list[tuple[LiveLease, Pace]]:
        """Who has tests to give away, the longest first."""
        paces = [one for one in self._work.paces(self._clock.monotonic_seconds()) if has_to_lend(*one)]
        return sorted(paces, key=lambda one: (one[0].tests - one[1].ran) * one[1].seconds / one[1].ran, reverse=True)

    def _suits(self, task: Task, lease: Lease, choice: Choice) -> bool:
        alike = self._alike(lease.node_id, choice.present, task.language)
        return task.kind is TaskKind.JUDGE and task.untroubled and alike and choice.fits(task)

    def _alike(self, node_id: NodeId, present: Present, language: str) -> bool:
        """Whether both machines run spans, of the same program."""
        donor = self._presence.of(node_id)
        if donor is None or any(SHARES_TESTS not in one.hello.abilities for one in (donor, present)):
            return False
        return donor.fingerprint(language) == present.fingerprint(language)

    def _tail(self, tx: Transaction, task: Task, lease: Lease, pace: Pace) -> Span | None:
        judgement = tx.judgement(task.judgement_id) if task.judgement_id is not None else None
        if judgement is None:
            return None
        rules = self._gradings.rules(tx, judgement)
        if isinstance(rules.grading, LegacyGrading) and rules.grading.custom:
            return None
        results = {one.run.number: one.run for one in tx.runs(judgement.id) if one.counted}
        left = len(rules.unknown(results, lease.span))
        # Something that counts shows that this program can be compiled: a machine that cannot is then known to be broken.
        return rules.tail(results, lease.span, how_many_to_lend(left, pace)) if results else None
