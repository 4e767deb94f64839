"""The pool of containers: what is kept, what is taken, and whose a failure is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from app.core.errors import Fault
from judge_node.sandbox.interface import View
from judge_node.sandbox.linux.spare import Kind, Spare

NATIVE, RUNTIME = (Kind.of(View(profile=profile)) for profile in ("native", "runtime"))


class Room:
    """A slot that has place for so many containers."""

    def __init__(self, places: int = 100) -> None:
        self.places, self.numbers = places, count(1)
        self.broken = ""

    def join(self) -> Box:
        if self.broken or self.places == 0:
            raise Fault("sandbox", self.broken or "The slot is full")
        self.places -= 1
        return Box(self, next(self.numbers))


class Box:
    """A container of that slot."""

    def __init__(self, room: Room, number: int) -> None:
        self.room, self.number = room, number
        self.kind: Kind | None = None
        self.alive = True

    def build(self, kind: Kind) -> None:
        if self.room.broken:
            raise Fault("sandbox", self.room.broken)
        self.kind = kind

    def usable(self) -> bool:
        return self.alive

    def close(self) -> None:
        self.alive = False
        self.room.places += 1


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def pool(room: Room) -> Iterator[Spare[Box]]:
    opened = Spare(room.join)
    opened.prepare()
    yield opened
    opened.close()


def take(pool: Spare[Box], kind: Kind | None) -> tuple[Box, bool]:
    """One container, when everything that was begun is ready; and the pool is refilled behind it."""
    pool.wait()
    taken = pool.take(kind)
    pool.prepare()
    return taken


def test_from_the_second_time_on_a_whole_container_is_there(pool: Spare[Box]) -> None:
    """What is asked for again and again is built before it is asked for."""
    first, built = take(pool, NATIVE)
    assert (first.kind, built) == (None, False)
    for _ in range(5):
        box, built = take(pool, NATIVE)
        assert (box.kind, built) == (NATIVE, True)
    assert take(pool, RUNTIME)[1] is False
    assert take(pool, None)[1] is False


def test_two_at_once_are_kept_where_one_was_not_enough(pool: Spare[Box]) -> None:
    """A judgement that takes two of a kind finds two, once the pool has seen that."""
    for _ in range(3):
        take(pool, NATIVE)
        pool.take(NATIVE)
        pool.prepare()
    pool.wait()
    assert [pool.take(NATIVE)[1] for _ in range(3)] == [True, True, False]


def test_no_container_is_given_twice_and_no_dead_one(pool: Spare[Box]) -> None:
    """One that died in the pool is replaced, not lent."""
    take(pool, NATIVE)
    pool.wait()
    (waiting,) = [future.result() for future in pool._built[NATIVE]]
    waiting.alive = False
    box, built = pool.take(NATIVE)
    assert box.number != waiting.number
    assert not built


def test_a_pool_that_cannot_be_refilled_is_a_fault_of_the_next_taker(room: Room, pool: Spare[Box]) -> None:
    """While the kernel refuses, what is left is used up, and then the taker gets the sentence; later it goes on."""
    pool.wait()
    room.broken = "The control group cannot be made"
    assert [take(pool, NATIVE)[1] for _ in range(2)] == [False, False]
    with pytest.raises(Fault, match="cannot be made"):
        take(pool, NATIVE)
    room.broken = ""
    pool.prepare()
    assert take(pool, NATIVE)[0].alive


def test_in_a_full_slot_the_pool_gives_way() -> None:
    """Work that needs many containers at once gets the last place, also the ones that the pool holds."""
    room = Room(places=5)
    pool = Spare(room.join)
    pool.prepare()
    boxes = [take(pool, kind)[0] for kind in (NATIVE, RUNTIME, None, None, None)]
    assert len({box.number for box in boxes}) == 5
    with pytest.raises(Fault, match="full"):
        take(pool, None)
    pool.close()


def test_closing_gives_back_what_is_left(room: Room) -> None:
    """Whoever closes the pool closes what was in it."""
    pool = Spare(room.join)
    pool.prepare()
    take(pool, NATIVE)
    pool.wait()
    left = pool.close()
    assert len(left) == 3
    assert {box.kind for box in left} == {None, NATIVE}
