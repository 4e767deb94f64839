"""A crowd of HTTP clients in one thread, made for measuring: as little work for each request as Python allows.

Theory of operation. A lane is one kept-alive connection with at most one request under way, so a crowd of N lanes is N visitors who each
wait for their answer. All lanes share one selector. `run` is a closed loop (each answer is followed by the next request at once) or,
with a pace, an open one: a request's time then counts from the moment it was due, so that a server that stalls is not flattered by
a client that waits politely. Answers must carry Content-Length or have no body. Whoever measures with a crowd on the same machine
takes cores from the server; `cpu_seconds` says how much.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from app.core.errors import Fault

SILENCE_SECONDS = 30.0
_PIECE = 1 << 16

Again = Callable[[int, bytes], bytes]
"""What a lane, by its number, asks after it got this body."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the crowd goes: a port of this machine, with a TLS context where it speaks TLS, or a Unix socket where one is named."""

    port: int
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    unix: str = ""

    @property
    def authority(self) -> str:
        """The Host header."""
        return f"{self.host}:{self.port}"

    def dial(self, source: str = "") -> socket.socket:
        """A new connection, from a source address where one is given. Raises Fault where nobody listens."""
        try:
            if self.unix:
                line = socket.socket(socket.AF_UNIX)
                line.connect(self.unix)
                return line
            own = (source, 0) if source else None
            line = socket.create_connection((self.host, self.port), timeout=SILENCE_SECONDS, source_address=own)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls is not None:
                line = self.tls.wrap_socket(line, server_hostname=self.host)
        except OSError as error:
            raise Fault("bench", f"The measured server does not take connections: {error}.") from error
        line.settimeout(None)
        return line


@dataclass(slots=True)
class Measured:
    """What a run brought: the times of all answers in seconds, their status codes, and how long all of it took."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    last_body: bytes = b""
    bodies: list[bytes] = field(default_factory=list)
    """All bodies, where they were asked for."""

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0

    def only(self, status: int, what: str) -> Measured:
        """The same, once every answer had this status. Raises Fault with what was seen instead."""
        if set(self.statuses) != {status}:
            seen = ", ".join(f"{count} × {code}" for code, count in sorted(self.statuses.items()))
            raise Fault("bench", f"{what} was not answered by {status} alone but by {seen}: {self.last_body[:200]!r}")
        return self


@dataclass(eq=False, slots=True)
class _Lane:
    number: int
    line: socket.socket
    began: float = 0.0
    buffer: bytes = b""
    body: bytes = b""
    needs: int = -1
    """Length of the whole answer; -1 until its head is complete."""


class Crowd:
    """N connections to one target. Use as a context: leaving it closes them.

    `sources`: the addresses that the lanes take in turn; a hall's machines have one each.
    """

    def __init__(self, target: Target, lanes: int, sources: Sequence[str] = ("",)) -> None:
        self._selector = selectors.DefaultSelector()
        self._lanes = [_Lane(number, target.dial(sources[number % len(sources)])) for number in range(lanes)]
        for lane in self._lanes:
            self._selector.register(lane.line, selectors.EVENT_READ, lane)

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for lane in self._lanes:
            lane.line.close()

    def run(self, requests: Sequence[bytes], pace: float | None = None, *, keep_bodies: bool = False) -> Measured:
        """Sends all requests, as fast as the answers come, or `pace` a second. Raises Fault when the server falls silent."""
        measured, idle = Measured(), deque(self._lanes)
        left, due = iter(requests), 0.0
        began, cpu = time.perf_counter(), time.process_time()
        count, sent, step = len(requests), 0, 0.0 if pace is None else 1 / pace
        while len(measured.times) < count:
            now = time.perf_counter()
            while idle and sent < count and (due := began + sent * step) <= now:
                _ask(idle.popleft(), next(left), now if pace is None else due)
                sent += 1
            wait = max(0.0, due - now) if pace is not None and idle and sent < count else SILENCE_SECONDS
            for lane, at in self._answered(wait):
                self._keep(measured, lane, at)
                if keep_bodies:
                    measured.bodies.append(lane.body)
                idle.append(lane)
        measured.seconds, measured.cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
        return measured

    def ask_all(self, requests: Sequence[bytes]) -> float:
        """Each lane asks one of the requests, without waiting for answers; gives the moment before the first of them."""
        began = time.perf_counter()
        for lane, request in zip(self._lanes, requests, strict=True):
            _ask(lane, request, began)
        return began

    def hear_all(self, since: float, again: Again) -> Measured:
        """The first answer of each lane; times count from `since`. Each lane asks again at once."""
        measured, cpu = Measured(), time.process_time()
        deaf = set(map(id, self._lanes))
        while deaf:
            for lane, at in self._answered(SILENCE_SECONDS):
                lane.began = since
                self._keep(measured if id(lane) in deaf else Measured(), lane, at)
                deaf.discard(id(lane))
                _ask(lane, again(lane.number, lane.body), at)
        measured.seconds, measured.cpu_seconds = max(measured.times), time.process_time() - cpu
        return measured

    def settle(self, seconds: float, again: Again) -> None:
        """Lanes that are answered ask again, until nobody is answered for so many seconds."""
        while heard := list(self._answered(seconds)):
            for lane, at in heard:
                self._keep(Measured(), lane, at)
                _ask(lane, again(lane.number, lane.body), at)

    def _answered(self, wait: float) -> Iterator[tuple[_Lane, float]]:
        ready = self._selector.select(wait)
        if not ready and wait >= SILENCE_SECONDS:
            raise Fault("bench", f"The measured server did not answer for {SILENCE_SECONDS:.0f} s.")
        for key, _ in ready:
            lane: _Lane = key.data
            if _take(lane):
                yield lane, time.perf_counter()

    def _keep(self, measured: Measured, lane: _Lane, at: float) -> None:
        measured.times.append(at - lane.began)
        measured.statuses[int(lane.buffer[9:12])] += 1
        measured.last_body = lane.body = lane.buffer[lane.buffer.find(b"\r\n\r\n") + 4 :]
        lane.buffer, lane.needs = b"", -1


def _ask(lane: _Lane, request: bytes, began: float) -> None:
    lane.began = began
    lane.line.sendall(request)


def _take(lane: _Lane) -> bool:
    """Reads what is there; whether the answer is complete."""
    piece = lane.line.recv(_PIECE)
    if not piece:
        raise Fault("bench", "The measured server closed a connection before it had answered.")
    lane.buffer = lane.buffer + piece if lane.buffer else piece
    if lane.needs < 0:
        head = lane.buffer.find(b"\r\n\r\n")
        if head < 0:
            return False
        lane.needs = head + 4 + _length(lane.buffer[:head])
    return len(lane.buffer) >= lane.needs


def _length(head: bytes) -> int:
    if head[9:12] in (b"204", b"304"):
        return 0
    place = head.lower().find(b"\r\ncontent-length:")
    if place < 0:
        raise Fault("bench", "An answer of the measured server does not say its length.")
    return int(head[place + 17 :].split(b"\r\n", 1)[0])
