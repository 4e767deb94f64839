"""The pool: containers kept ready, so that nobody waits for one.

A container gets ready in two stages. It *joins* its control groups, which costs a grace period of the kernel in each
hierarchy, 10 to 40 ms together on an idle machine. Then it is *built*: namespaces, view, filters, init, some 3 ms. A
thread does both while other containers are in use. Two that have joined are always kept, for views out of the ordinary.
Of each kind that was asked for, one whole container is kept, two once that was not enough: a judgement takes a second one
(the validator's) right after its first. When it is taken it is still shown its folders, which takes a tenth of a millisecond.

What is not clean is never put back: a container is taken once. One that cannot be made is tried again by whoever takes,
and its Fault is theirs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from app.core.errors import Fault
from judge_node.sandbox.interface import View

_JOINED_KEPT = 2
_BUILT_KEPT_OF_A_KIND = 2
_BUILT_KEPT = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """What has to be known of a view before a container is built. `folders` are the places of those that are shown later:
    where none is to come, there is no empty folder either.
    """

    profile: str
    scratch_bytes: int
    scratch_files: int
    folders: tuple[str, ...] = ()
    work_writable: bool = True

    @classmethod
    def of(cls, view: View, folders: Iterable[str] = ()) -> Kind:
        """The kind of a view."""
        return cls(view.profile, view.scratch_bytes, view.scratch_files, tuple(sorted(folders)), view.work_writable)


class Preparable(Protocol):
    """What the pool knows of a container."""

    def build(self, kind: Kind) -> None:
        """The second stage. Raises Fault."""
        ...

    def usable(self) -> bool:
        """Whether its processes still live."""
        ...

    def close(self) -> None:
        """Ends it."""
        ...


Box = TypeVar("Box", bound=Preparable)


class Spare(Generic[Box]):
    """Holds containers that are ready, made one after another by a thread of its own. `take`, `prepare` and `wait` are called by one
    thread at a time.
    """

    def __init__(self, join: Callable[[], Box]) -> None:
        """`join` gives a container after its first stage or raises Fault; it is called from this object's thread or from `take`."""
        self._join = join
        self._thread = ThreadPoolExecutor(1, "spare-container")
        self._joined: deque[Future[Box]] = deque()
        self._built: dict[Kind, deque[Future[Box]]] = {}
        self._wanted: dict[Kind, int] = {}

    def prepare(self) -> None:
        """Begins to make what is missing; returns at once."""
        while len(self._joined) < _JOINED_KEPT:
            self._joined.append(self._thread.submit(self._join))
        for kind, wanted in self._wanted.items():
            ready = self._built.setdefault(kind, deque())
            while len(ready) < wanted:
                ready.append(self._thread.submit(self._whole, kind))

    def take(self, kind: Kind | None) -> tuple[Box, bool]:
        """A built container of a kind, with True, where one is ready now; else one that has joined, waiting for it where none is
        ready. None asks for one of no kind. Raises Fault.
        """
        if kind is not None:
            built = _taken(self._built.get(kind, deque()), wait=False)
            if built is not None:
                return built, True
            self._want(kind)
        joined = _taken(self._joined, wait=False) or _taken(self._joined, wait=True)
        return joined or self._made(), False

    def wait(self) -> None:
        """Waits until all that was prepared is ready or has failed."""
        for future in self._futures():
            future.exception()

    def close(self) -> list[Box]:
        """Gives back what is left, to be closed; what was not begun is not begun any more."""
        left = [future for future in self._futures() if not future.cancel()]
        self._thread.shutdown()
        self._joined.clear()
        self._built.clear()
        return [future.result() for future in left if future.exception() is None]

    def _want(self, kind: Kind) -> None:
        """There was none: one more of this kind from now on, and less of the kind that was wanted first."""
        wanted = min(_BUILT_KEPT_OF_A_KIND, self._wanted.pop(kind, 0) + 1)
        self._wanted[kind] = wanted
        while sum(self._wanted.values()) > _BUILT_KEPT:
            self._drop(next(iter(self._wanted)))

    def _drop(self, kind: Kind) -> None:
        self._wanted.pop(kind, None)
        for future in self._built.pop(kind, deque()):
            if not future.cancel():
                self._thread.submit(_close, future)

    def _made(self) -> Box:
        """A new one; where the slot has no number left, those in the pool give theirs back."""
        try:
            return self._join()
        except Fault:
            for kind in list(self._wanted):
                self._drop(kind)
            return self._thread.submit(self._join).result()  # behind those that are being closed

    def _whole(self, kind: Kind) -> Box:
        made = self._join()
        try:
            made.build(kind)
        except BaseException:
            made.close()
            raise
        return made

    def _futures(self) -> Sequence[Future[Box]]:
        return [*self._joined, *(future for ready in self._built.values() for future in ready)]


def _close(future: Future[Box]) -> None:
    if future.exception() is None:
        future.result().close()


def _taken(ready: deque[Future[Box]], *, wait: bool) -> Box | None:
    """The oldest usable one. What was in the way of one that failed may be gone by now; else the next attempt tells its fault."""
    for future in list(ready):
        if not (wait or future.done()):
            continue
        ready.remove(future)
        try:
            made = future.result()
        except (Fault, OSError):
            continue
        if made.usable():
            return made
        made.close()
    return None
