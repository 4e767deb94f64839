"""SIGKILL does not show a missing fsync; the system calls do: each 202 leaves the server after the sync of what it promises."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from pathlib import Path

import pytest
from running import PROGRAM, Client, Process, until

from app.server.demo.seed import DemoContest
from faults.seeded import copy_of

BEGUN = re.compile(r"^(\d+)\s.*(?:fsync|fdatasync)\(\d+<[^>]*contest\.db-wal>(?:\)\s*= 0| <unfinished)")
ENDED = re.compile(r"^(\d+)\s.*<\.\.\. (?:fsync|fdatasync) resumed>\)\s*= 0")
ACKNOWLEDGED = re.compile(r"HTTP/1\.1 202")


def order_of(trace: str) -> list[str]:
    """«sync» for each finished sync of the store's log, «202» for each acknowledgement sent, in the order of the trace."""
    order: list[str] = []
    under_way: set[str] = set()
    for line in trace.splitlines():
        if ACKNOWLEDGED.search(line):
            order.append("202")
        elif begun := BEGUN.match(line):
            if "unfinished" in line:
                under_way.add(begun[1])
            else:
                order.append("sync")
        elif (ended := ENDED.match(line)) and ended[1] in under_way:
            under_way.discard(ended[1])
            order.append("sync")
    return order


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_a_sync_stands_before_each_acknowledgement(seeded: tuple[Path, DemoContest], tmp_path: Path) -> None:
    """Twenty submissions, one after the other: between two 202s there is always a sync of the store's log that came back."""
    data, team = copy_of(seeded[0], tmp_path / "data"), seeded[1].teams[0]
    trace = tmp_path / "trace"
    calls = "trace=fsync,fdatasync,write,writev,sendto,sendmsg"
    strace = ["strace", "-f", "-y", "-qq", "-s", "48", "-e", calls, "-o", str(trace)]
    argv = [*strace, *PROGRAM, "serve", "--data", str(data), "--port", "0", "--node-port", "0"]
    server = Process(argv, tmp_path / "serve.err")
    try:
        until("the server", 60, (data / "server.json").exists)
        url = json.loads((data / "server.json").read_text())["people_url"]
        with Client(url, team.username, team.password) as client:
            for number in range(20):
                assert client.submit("crates", "python3", f"print({number})").status_code == 202
    finally:
        # strace leaves its child behind when it is ended: the server itself is asked, and strace ends with it.
        if (data / "server.json").exists():
            os.kill(json.loads((data / "server.json").read_text())["pid"], signal.SIGTERM)
            server.process.wait(20)
        server.stop()
    order = order_of(trace.read_text(errors="replace"))
    assert order.count("202") == 20
    since_last = 0
    for what in order:
        if what == "sync":
            since_last += 1
        else:
            assert since_last > 0, "an acknowledgement left before anything was synced"
            since_last = 0
