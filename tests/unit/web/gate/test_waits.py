"""The hub of waits: no news is lost, places are counted, all ends at once when the gate stops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from clocks import FakeClock

from app.adapters.memory.bell import MemoryBell
from app.core.errors import Refusal
from app.core.ids import AccountId
from app.core.people import ANONYMOUS, Caller, Role
from web.gate.waits import Caps, Hub

TEAM = Caller(Role.TEAM, AccountId("a1"))


def in_hub(work: Callable[[Hub, MemoryBell], Awaitable[None]], caps: Caps | None = None) -> None:
    """Runs the work in a loop with an open hub, and checks that it left no waiter behind."""

    async def main() -> None:
        bell = MemoryBell(FakeClock())
        hub = Hub(bell, caps or Caps())
        hub.open()
        await asyncio.wait_for(work(hub, bell), 20)
        hub.close()
        assert hub.waiting == 0

    asyncio.run(main(), debug=False)


def test_rings_from_another_thread_wake_exactly_who_waits_for_them() -> None:
    """Three hundred wait for one topic, ten for another: only the first wake, each with the counter."""

    async def work(hub: Hub, bell: MemoryBell) -> None:
        now = bell.counter("board")
        many = [asyncio.create_task(hub.wait_for(("board", "x"), {"board": now, "x": now}, 15)) for _ in range(300)]
        few = [asyncio.create_task(hub.wait_for(("team:2",), {"team:2": now}, 15)) for _ in range(10)]
        await asyncio.sleep(0)
        threading.Thread(target=bell.ring, args=(["board"],)).start()
        assert await asyncio.gather(*many) == [{"board": now + 1}] * 300
        assert not any(task.done() for task in few)
        hub.close()
        assert await asyncio.gather(*few) == [{}] * 10

    in_hub(work)


def test_a_ring_between_looking_and_waiting_is_not_lost() -> None:
    """Whoever reads a counter, then draws a page, then waits, hears at once of what happened meanwhile."""

    async def work(hub: Hub, bell: MemoryBell) -> None:
        before = bell.counter("board")
        for _ in range(200):
            ringer = threading.Thread(target=bell.ring, args=(["board"],))
            ringer.start()
            news = await hub.wait_for(("board",), {"board": before}, 10)
            ringer.join()
            assert news["board"] > before
            before = bell.counter("board")

    in_hub(work)


def test_a_counter_from_another_life_of_the_server_is_news() -> None:
    """After a restart with a clock that went back a page still learns the present counter."""

    async def work(hub: Hub, bell: MemoryBell) -> None:
        far = bell.counter("board") + 10**9
        assert await hub.wait_for(("board",), {"board": far}, 10) == {"board": bell.counter("board")}

    in_hub(work)


def test_a_wait_ends_by_time_by_hanging_up_and_with_its_session() -> None:
    """Each of the three gives nothing and leaves nobody behind."""

    async def work(hub: Hub, bell: MemoryBell) -> None:
        after = {"board": bell.counter("board")}
        assert await hub.wait_for(("board",), after, 0.01) == {}
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = asyncio.create_task(hub.wait_for(("board",), after, 15, gone=gone))
        await asyncio.sleep(0)
        gone.set_result(None)
        assert await waiting == {}
        valid = [True]
        waiting = asyncio.create_task(hub.wait_for(("board",), after, 15, holds=lambda: valid[0]))
        await asyncio.sleep(0)
        valid.clear()
        valid.append(False)
        hub.look()
        assert await waiting == {}

    in_hub(work)


def test_places_are_capped_and_given_back() -> None:
    """Six waits and four streams an account; strangers share a fifth of all; a place given back is free again."""

    async def work(hub: Hub, bell: MemoryBell) -> None:
        import contextlib

        with contextlib.ExitStack() as held:
            for kind, most in (("wait", 6), ("stream", 4)):
                for _ in range(most):
                    held.enter_context(hub.place(TEAM, kind))
                with pytest.raises(Refusal) as refused:
                    held.enter_context(hub.place(TEAM, kind))
                assert (refused.value.code, refused.value.retry_after_seconds) == (429, 5)
            for _ in range(4):
                held.enter_context(hub.place(ANONYMOUS, "wait"))
            with pytest.raises(Refusal):
                held.enter_context(hub.place(ANONYMOUS, "stream"))
        with hub.place(TEAM, "wait"), hub.place(ANONYMOUS, "wait"):
            pass

    in_hub(work, Caps(everyone=20))


def test_a_crowd_is_remembered_for_a_while() -> None:
    """After news everybody comes back within a second: the crowd is as large as before, and shrinks when they stay away."""

    async def main() -> None:
        hub = Hub(MemoryBell(FakeClock()))
        hub.open()
        waits = [
            asyncio.create_task(hub.wait_for(("board",), {"board": hub._bell.counter("board")}, 5)) for _ in range(40)
        ]
        await asyncio.sleep(0)
        assert hub.crowd == 40
        hub._bell.ring(["board"])
        await asyncio.gather(*waits)
        assert (hub.waiting, hub.crowd) == (0, 40)
        for _ in range(100):
            hub._sweep()
        assert hub.crowd == 0
        hub.close()

    asyncio.run(main())
