"""A gate whose loop or listener dies: the server ends, loudly and with an exit code that lets whoever watches over it start it again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.seeded import make_seeded
from rawhttp import dial

from app.server.serve import BROKEN
from web.gate.server import Address, Front, Gate

_CHILD = """
import gc, sys, threading
from pathlib import Path
from app.server.folder import Folder
from app.server.serve import end_process, serve
from app.server.settings import load
from web.gate.server import Gate
import asyncio

def fall(loop):
    next(task for task in asyncio.all_tasks(loop) if task.get_name() == "listener").cancel()

def tell(sentence):
    if sentence.startswith("The contest is served"):
        gc.unfreeze()
        gate = next(one for one in gc.get_objects() if isinstance(one, Gate))
        gate._loop.call_soon_threadsafe(fall, gate._loop)

folder = Path(sys.argv[1])
wishes = {"host": "127.0.0.1", "port": 0, "node_port": 0, "announce": False}
end_process(serve(Folder(folder), load(folder / "config.toml", wishes), tell))
"""


async def nothing(scope: object, receive: object, send: object) -> None:
    """An application that answers nothing."""


def lose_listener(loop: asyncio.AbstractEventLoop) -> None:
    """One of the tasks in which connections are taken ends."""
    next(task for task in asyncio.all_tasks(loop) if task.get_name() == "listener").cancel()


def lose_loop(loop: asyncio.AbstractEventLoop) -> None:
    """The whole loop ends by an error that nothing in it may catch."""
    raise SystemExit("out of memory, say")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("fall", [lose_listener, lose_loop])
def test_a_gate_that_dies_says_so(
    fall: Callable[[asyncio.AbstractEventLoop], None], expected_warnings: list[str]
) -> None:
    """Whatever died, the house and the log are told, since nothing is served any more, and stopping afterwards hangs nowhere."""
    expected_warnings += ["ended by itself"] if fall is lose_listener else ["ended by itself", "the gate ended"]
    died, loops = threading.Event(), []

    async def opened() -> None:
        loops.append(asyncio.get_running_loop())

    gate = Gate(
        Front(Address("127.0.0.1"), nothing),
        console=Front(Address("127.0.0.1"), nothing),
        opened=opened,
        died=died.set,
    )
    ports = gate.start()
    dial(ports.people).close()
    loops[0].call_soon_threadsafe(fall, loops[0])
    assert died.wait(20)
    gate.stop()


def test_a_gate_that_is_stopped_has_not_died() -> None:
    """The organiser's stop is no accident, and a renewed certificate ends the listener before in good order."""
    died = threading.Event()
    gate = Gate(Front(Address("127.0.0.1"), nothing), died=died.set)
    gate.start()
    gate.stop()
    assert not died.is_set()


def test_the_server_ends_when_its_doors_are_dead(folder: Path) -> None:
    """No process lives on with dead ports: it ends in order, with a code that is neither a wanted end nor a start that failed."""
    make_seeded(folder, teams=1)
    child = subprocess.run([sys.executable, "-c", _CHILD, str(folder)], capture_output=True, text=True, timeout=60)
    assert child.returncode == BROKEN, child.stderr
    assert BROKEN not in (0, 1, 2), "the console's supervisor starts no server again that ended so"
    assert not (folder / "server.json").exists()
