"""The console starts a server beside itself, lets it live, and starts a crashed one again, but not for ever."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

from app.console.found import find
from app.console.supervisor import RESTARTS_A_MINUTE, Supervisor

SLEEPS = [sys.executable, "-c", "import signal; signal.pause()"]


def write_server(data: Path, pid: int) -> None:
    stored = {
        "pid": pid, "started_ms": 1, "server_id": "a", "people_url": "http://x", "node_url": "https://x",
        "console_url": "http://127.0.0.1:1", "admin_key": "k", "of_a_newer_version": True,
    }  # fmt: skip
    data.mkdir(parents=True, exist_ok=True)
    (data / "server.json").write_text(json.dumps(stored))


def wait_for_end(pid: int) -> None:
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def child_of(supervisor: Supervisor) -> int:
    child = supervisor.child_pid
    assert child is not None
    return child


def test_running_server_is_found(tmp_path: Path) -> None:
    """A console attaches to the server that runs already; keys of a newer version do not matter."""
    write_server(tmp_path, os.getpid())
    found = find(tmp_path)
    assert found is not None
    assert found.admin_key == "k"
    supervisor = Supervisor(tmp_path, time.monotonic, command=["/nowhere/at/all"])
    supervisor.attach_or_start()
    assert supervisor.child_pid is None


def test_dead_and_broken_servers_are_not_found(tmp_path: Path) -> None:
    """A file that a killed server left, half a file, and none at all."""
    assert find(tmp_path) is None
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    write_server(tmp_path, pid)
    assert find(tmp_path) is None
    (tmp_path / "server.json").write_text('{"pid": 1')
    assert find(tmp_path) is None


def test_server_has_a_session_of_its_own(tmp_path: Path) -> None:
    """What ends the console's terminal does not end the contest."""
    supervisor = Supervisor(tmp_path, time.monotonic, command=SLEEPS)
    supervisor.start()
    pid = child_of(supervisor)
    assert os.getsid(pid) == pid
    assert supervisor.tend() == "The server is starting."
    os.kill(pid, signal.SIGKILL)
    wait_for_end(pid)
    assert "being started again" in supervisor.tend()


def test_crashed_server_is_started_again_five_times(tmp_path: Path) -> None:
    """One second after each crash, at most five times a minute; then a sentence with its last words."""
    now = [0.0]
    code = "import os, sys; sys.stderr.write('the disk is on fire\\n'); sys.stderr.flush(); os.abort()"
    supervisor = Supervisor(tmp_path, lambda: now[0], command=[sys.executable, "-c", code])
    supervisor.start()
    for _restart in range(RESTARTS_A_MINUTE):
        pid = child_of(supervisor)
        wait_for_end(pid)
        assert supervisor.tend() == "The server crashed and is being started again."
        assert child_of(supervisor) == pid, "not before a second has passed"
        now[0] += 1.0
        supervisor.tend()
        assert child_of(supervisor) != pid
    wait_for_end(child_of(supervisor))
    said = supervisor.tend()
    assert "6 times" in said
    assert "on fire" in said
    assert supervisor.is_down
    now[0] += 61
    assert supervisor.tend() == "The server crashed and is being started again."


def test_stopped_server_stays_stopped(tmp_path: Path) -> None:
    """A server that the organiser stopped is not started behind their back."""
    supervisor = Supervisor(tmp_path, time.monotonic, command=[sys.executable, "-c", "pass"])
    supervisor.start()
    wait_for_end(child_of(supervisor))
    assert supervisor.tend() == "The server was stopped."
    assert supervisor.is_down


def test_refusing_server_says_why(tmp_path: Path) -> None:
    """A port that is taken: the server's own sentence is shown, and nothing is tried again and again."""
    code = "import sys; sys.exit('Port 8080 is taken.')"
    supervisor = Supervisor(tmp_path, time.monotonic, command=[sys.executable, "-c", code])
    supervisor.start()
    pid = child_of(supervisor)
    wait_for_end(pid)
    assert "Port 8080 is taken." in supervisor.tend()
    assert child_of(supervisor) == pid
