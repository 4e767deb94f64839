"""Which paired machines are here, what they offer, and what they did in the last ten minutes. In memory; any thread."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, replace

from app.core.clock import Clock, Instant
from app.core.ids import NodeId
from app.wire.judge_v1 import Hello

AWAY_SECONDS = 30
"""A node's longest silence is a waiting lease request of 25 s."""
_BUCKET_MS = 10_000
_BUCKETS = 60


@dataclass(frozen=True, slots=True)
class Present:
    """What is known of one machine.

    `free_memory_bytes` is what it last had for work while it did nothing; `held` is the sentence of its fault, "" when it may work; `fresh`
    whether it did nothing since its last self-test; `since` when it said hello; `leaving` whether it gave work back since: then its request
    that still waits for work must not be handed the same work again.
    """

    hello: Hello
    since: Instant
    seen: Instant
    free_memory_bytes: int
    held: str = ""
    fresh: bool = False
    leaving: bool = False
    judged: int = 0

    def offers(self, language: str) -> bool:
        """Whether it can judge a language."""
        return any(one.id == language for one in self.hello.languages)

    def fingerprint(self, language: str) -> str | None:
        """Of its toolchain for a language; None where it has none."""
        return next((one.fingerprint for one in self.hello.languages if one.id == language), None)

    def can_hold(self, language: str, memory_bytes: int) -> bool:
        """Whether it could judge such a task if it did nothing else."""
        return self.offers(language) and memory_bytes <= self.free_memory_bytes


@dataclass(slots=True)
class _Load:
    """Busy slot milliseconds in buckets of ten seconds, the newest last."""

    bucket: int
    buckets: deque[float] = field(default_factory=lambda: deque(maxlen=_BUCKETS))


class Presence:
    """All machines that said hello to this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._present: dict[NodeId, Present] = {}
        self._load: dict[NodeId, _Load] = {}

    def hello(self, node_id: NodeId, hello: Hello) -> Present:
        """A machine said hello. Only a passed self-test lets a held one work again."""
        now = self._clock.now()
        with self._lock:
            before = self._present.get(node_id)
            held = "" if before is None else before.held
            if hello.selftest_passed:
                held = ""
            elif hello.trouble:
                held = _sentence(f"Its self-test did not pass: {hello.trouble}")
            elif not held:
                held = "Its self-test did not pass."
            present = Present(
                hello=hello,
                since=now,
                seen=now,
                free_memory_bytes=hello.free_memory_bytes,
                held=held,
                fresh=hello.selftest_passed,
                judged=before.judged if before is not None else 0,
            )
            self._present[node_id] = present
            return present

    def seen(self, node_id: NodeId) -> Present | None:
        """A machine spoke; None when it has not said hello to this process yet."""
        return self._change(node_id, seen=self._clock.now())

    def hold(self, node_id: NodeId, sentence: str) -> None:
        """A machine reported a fault: it gets no work until its self-test passes."""
        self._change(node_id, held=_sentence(sentence), fresh=False)

    def works(self, node_id: NodeId) -> None:
        """A machine took a task: its self-test isn't fresh any more."""
        self._change(node_id, fresh=False)

    def idle(self, node_id: NodeId, free_memory_bytes: int) -> None:
        """A machine that holds no work says what memory it has."""
        self._change(node_id, free_memory_bytes=free_memory_bytes)

    def leaves(self, node_id: NodeId) -> None:
        """A machine gave work back: it says hello before it gets any."""
        self._change(node_id, leaving=True)

    def judged_one(self, node_id: NodeId) -> None:
        """A machine finished a judgement."""
        with self._lock:
            present = self._present.get(node_id)
            if present is not None:
                self._present[node_id] = replace(present, judged=present.judged + 1)

    def forget(self, node_id: NodeId) -> None:
        """A machine was unpaired."""
        with self._lock:
            self._present.pop(node_id, None)
            self._load.pop(node_id, None)

    def of(self, node_id: NodeId) -> Present | None:
        """What is known of a machine; None when it never spoke to this process."""
        with self._lock:
            return self._present.get(node_id)

    def is_here(self, present: Present) -> bool:
        """Whether it was heard lately."""
        return self._clock.now() - present.seen <= AWAY_SECONDS * 1000

    def here(self) -> dict[NodeId, Present]:
        """All machines heard lately."""
        with self._lock:
            everyone = dict(self._present)
        return {node_id: present for node_id, present in everyone.items() if self.is_here(present)}

    def sample(self, busy: dict[NodeId, int], interval_ms: int) -> None:
        """Adds how many slots were busy during the last interval to the load history; called by the server's tick."""
        now_bucket = self._clock.now() // _BUCKET_MS
        with self._lock:
            for node_id in self._present:
                load = self._load.setdefault(node_id, _Load(now_bucket, deque([0.0], maxlen=_BUCKETS)))
                for _ in range(min(_BUCKETS, now_bucket - load.bucket)):
                    load.buckets.append(0.0)
                load.bucket = now_bucket
                load.buckets[-1] += busy.get(node_id, 0) * interval_ms

    def load(self, node_id: NodeId) -> list[int]:
        """Busy slots in tenths for each of the last ten-second spans, oldest first."""
        with self._lock:
            load = self._load.get(node_id)
            return [] if load is None else [round(10 * part / _BUCKET_MS) for part in load.buckets]

    def _change(self, node_id: NodeId, **fields: object) -> Present | None:
        with self._lock:
            present = self._present.get(node_id)
            if present is None:
                return None
            present = replace(present, **fields)  # type: ignore[arg-type]
            self._present[node_id] = present
            return present


def _sentence(text: str) -> str:
    """What a machine said of itself, ended so that another sentence may follow."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
