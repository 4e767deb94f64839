"""A paired node at work: from its hello until it is stopped or unpaired.

Theory of operation. Threads, each with a connection of its own:

    leaser    (the caller's thread) says hello, and asks for a task while a slot is free; a request waits at the server for 20 to 25 s
    slot-N    judges: fetches blobs, compiles, runs (slot.py)
    reporter  sends what the slots find (reporting.py)
    renewer   every two seconds asks for a new term for every lease that is not yet answered for; what the server calls
              cancelled is stopped, and what it had found is told as evidence (reporting.py)

A lease is ours from its grant until the reporter's last message about it was answered, which may be after its slot took the next task.
Nothing here gives up for a server that is away: every thread tries again with jitter, the lease's fate is the server's to decide by its
clock. A server that was restarted answers 409 and gets its hello again; 401 means that the organiser unpaired us: the shift ends.

The end: `close` may be called while the leaser still hangs in a request. Jobs are stopped, their slots give them back, the
reporter gets two seconds to say so; a task granted at the last moment is given back by the leaser itself.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from app.core.errors import Fault, Refusal
from app.core.spans import Span
from app.lan.asking import LinkDown
from app.wire.judge_v1 import (
    RENEW_SECONDS,
    SHARES_TESTS,
    GiveBack,
    Hello,
    LanguageOffer,
    LeaseRequest,
    RenewRequest,
    TaskGrant,
)
from judge_node.backoff import Backoff
from judge_node.cache import BlobCache
from judge_node.forgetting import Forgetting
from judge_node.health import Memory, facts
from judge_node.pipeline.converting import can_convert
from judge_node.reporting import Outbox, Reporter
from judge_node.scouting import Scouting
from judge_node.selftest import SelftestResult
from judge_node.server_link import Endpoint, ServerLink
from judge_node.settings import DataFolder, NodeSettings
from judge_node.slot import Slot, Work
from judge_node.toolroom import Toolroom

log = logging.getLogger("contestbox.judge.shift")

_SLOT_SECONDS = 3.0
_REPORT_SECONDS = 2.0
_LOOK_AROUND_AFTER = 4
_SELFTEST_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""After a self-test that did not pass: trouble that goes by soon costs little, lasting trouble little work."""
SENTENCE_CHARS = 200
_FREE_SECONDS = 0.5
_ORDERS = ("selftest", "forget")
"""Kinds that are no leases."""


class Shift:
    """One stretch of work for one server."""

    def __init__(
        self,
        *,
        settings: NodeSettings,
        endpoint: Endpoint,
        folder: DataFolder,
        cache: BlobCache,
        forgetting: Forgetting,
        toolroom: Toolroom,
        memory: Memory,
        selftest: SelftestResult,
        stop: threading.Event,
        scouting: Scouting,
        on_ready: Callable[[], None],
        on_moved: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._endpoint = endpoint
        self._home = endpoint.url
        """Where the server last proved who it is."""
        self._folder = folder
        self._forgetting = forgetting
        self._toolroom = toolroom
        self._memory = memory
        self.selftest = selftest
        self._stop = stop
        self._scouting = scouting
        self._on_ready = on_ready
        self._on_moved = on_moved
        self._ready = False
        self._hello_due = True
        self._selftests_failed = 0
        self._ending = threading.Event()
        self._renewed_enough = threading.Event()
        self.unpaired = False
        self._free = threading.Semaphore(settings.slots)
        self._busy = 0
        self._count = threading.Condition()
        self._backoff = Backoff()
        self._link = ServerLink(endpoint)
        self._reporter = Reporter(ServerLink(endpoint), self._over, self._unpair)
        self._renewer = threading.Thread(target=self._renew, name="renewer", daemon=True)
        self._work: queue.Queue[Work | None] = queue.Queue()
        self._slots = [
            Slot(
                number,
                work=self._work,
                link=ServerLink(endpoint),
                reporter=self._reporter,
                cache=cache,
                folder=folder,
                toolroom=toolroom,
                on_free=self._slot_free,
            )
            for number in range(settings.slots)
        ]

    def work(self) -> None:
        """Works until stopped or unpaired."""
        self._reporter.start()
        self._renewer.start()
        for slot in self._slots:
            slot.start()
        try:
            self._lease_all()
        finally:
            self._link.close()

    def _lease_all(self) -> None:
        while not self._is_over():
            try:
                self._next()
                self._backoff.reset()
            except LinkDown as down:
                self._away(down.sentence)
            except Refusal as refusal:
                self._refused(refusal)

    def close(self) -> None:
        """Stops all jobs, gives their leases back, ends the threads: a few seconds at most. Safe to call twice, from any thread."""
        self._ending.set()
        for box in self._reporter.boxes():
            box.stop.set()
        for _ in self._slots:
            self._work.put(None)
        for slot in self._slots:
            slot.join(_SLOT_SECONDS)
        for box in self._reporter.boxes():
            # A slot that hangs in a compiler ends with the process; its lease need not wait for that.
            if not box.ended:
                self._reporter.end(box, GiveBack(lease_id=box.lease_id, reason="The node stops."))
        self._reporter.close(_REPORT_SECONDS)
        self._renewed_enough.set()

    def _is_over(self) -> bool:
        return self._stop.is_set() or self._ending.is_set() or self.unpaired

    def _next(self) -> None:
        """One hello, or one task."""
        if self._hello_due:
            self._say_hello()
        self._forget_validators()
        if not self._reporter.faults_told(_FREE_SECONDS) or not self._free.acquire(timeout=_FREE_SECONDS):
            return
        if self._is_over():
            self._free.release()
            return
        grant = None
        try:
            wish = LeaseRequest(
                free_slots=1, free_memory_bytes=self._memory.free_bytes(), forgotten=self._forgetting.stamp
            )
            grant = self._link.lease(wish)
            if grant is not None and grant.kind not in _ORDERS:
                self._take(grant)
        finally:
            if grant is None or grant.kind in _ORDERS:
                self._free.release()
        if grant is not None and grant.kind == "forget":
            self._forgetting.obey(grant.forget)
        if grant is not None and grant.kind == "selftest":
            self._test_again()

    def _forget_validators(self) -> None:
        """After an order to forget, as soon as no job uses one: only this thread begins jobs."""
        with self._count:
            if self._busy or not self._forgetting.validators_due:
                return
        self._toolroom.forget_validators()
        self._forgetting.validators_due = False

    def _take(self, grant: TaskGrant) -> None:
        if self._is_over():
            self._free.release()
            self._link.give_back(GiveBack(lease_id=grant.lease_id, reason="The node stops."))
            return
        if grant.transient:
            self._forgetting.validators_due = True
        limits = grant.limits
        self._memory.reserve(grant.lease_id, limits.memory_bytes if limits is not None else 0)
        with self._count:
            self._busy += 1
        span = Span(grant.first, grant.last)
        self._work.put((grant, self._reporter.open(grant.lease_id, grant.attempt, span)))

    def _slot_free(self, grant: TaskGrant) -> None:
        # Before the end is reported: the next wish, which may be there sooner, has to know of this memory.
        self._memory.release(grant.lease_id)
        with self._count:
            self._busy -= 1
            self._count.notify_all()
        self._free.release()

    def _over(self, box: Outbox) -> None:
        self._memory.release(box.lease_id)

    def _unpair(self) -> None:
        self.unpaired = True

    def _say_hello(self) -> None:
        offers = [
            LanguageOffer(id=name, fingerprint=self._toolroom.toolchains[name].fingerprint)
            for name in sorted(self.selftest.good)
        ]
        welcome = self._link.hello(
            Hello(
                facts={**facts(), "slots": self._settings.slots},
                slots=self._settings.slots,
                languages=offers,
                abilities=["judge", SHARES_TESTS, "package", *(["pandoc"] if can_convert() else [])],
                selftest_passed=self.selftest.passed,
                trouble=self.selftest.trouble[:SENTENCE_CHARS],
                free_memory_bytes=self._memory.most_bytes,
            )
        )
        self._hello_due = False
        self._forgetting.obey(welcome.forget)
        if self._endpoint.url != self._home:
            self._home = self._endpoint.url
            self._on_moved(self._home)
        log.info(
            "working for server %s as %s%s", welcome.server_id, welcome.name, " (paused)" if welcome.paused else ""
        )
        if not self._ready:
            self._ready = True
            self._on_ready()

    def _test_again(self) -> None:
        """The server holds us back, or wants a node that has just proved itself: with no job beside."""
        with self._count:
            self._count.wait_for(lambda: self._busy == 0 or self._is_over())
        if self._is_over():
            return
        try:
            self.selftest = self._toolroom.selftest(self._stop)
        except Fault as fault:
            log.error("%s", fault.sentence)
            self.selftest = SelftestResult(frozenset(), {"sandbox": fault.sentence}, passed=False)
        self._hello_due = True
        self._say_hello()
        if self.selftest.passed:
            self._selftests_failed = 0
            return
        pause = _SELFTEST_PAUSES[min(self._selftests_failed, len(_SELFTEST_PAUSES) - 1)]
        self._selftests_failed += 1
        self._stop.wait(pause)

    def _renew(self) -> None:
        link = ServerLink(self._endpoint)
        try:
            self._renew_all(link)
        finally:
            link.close()

    def _renew_all(self, link: ServerLink) -> None:
        backoff, pause = Backoff(cap_seconds=0.5), RENEW_SECONDS
        # Not ended by `stop` or `_ending`: leases that are being given back must live until that was said.
        while not self._renewed_enough.wait(pause):
            lease_ids = self._reporter.lease_ids()
            pause = RENEW_SECONDS
            if not lease_ids:
                continue
            try:
                answer = link.renew(RenewRequest(lease_ids=lease_ids))
                self._reporter.lose(answer.cancelled)
                self._reporter.cut(answer.last)
                backoff.reset()
            except LinkDown:
                pause = backoff.next_seconds()
            except Refusal as refusal:
                log.warning("%s", refusal.sentence)
                if refusal.code == 401:
                    self._unpair()
                    return

    def _away(self, sentence: str) -> None:
        """The server does not answer: wait with jitter, say hello when it is back, and look around in case that it moved."""
        if self._backoff.failures == 0:
            log.warning("%s It is tried again until it answers.", sentence)
        self._hello_due = True
        self._stop.wait(self._backoff.next_seconds())
        if self._settings.server or self._is_over() or self._backoff.failures % _LOOK_AROUND_AFTER:
            return
        if self._endpoint.url != self._home:
            # Anybody can announce our server's id: what was heard is tried, and then the place where it was last.
            self._endpoint.move(self._home)
            return
        try:
            url = self._scouting.where(self._endpoint.server_id)
        except Fault as fault:
            log.info("%s", fault.sentence)
            return
        if url is not None and url != self._endpoint.url:
            log.info("the server may be at %s now", url)
            self._endpoint.move(url)

    def _refused(self, refusal: Refusal) -> None:
        if refusal.code == 401:
            self._unpair()
        elif refusal.code == 409:
            self._hello_due = True
        else:
            log.error("the server refuses: %s", refusal.sentence)
            self._stop.wait(self._backoff.next_seconds())
