"""A laptop and a judge machine as two hosts: network namespaces joined by a cable, nothing configured, found by mDNS alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from faults.seeded import make_seeded
from running import JUDGE, PROGRAM, Process, until

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(shutil.which("ip") is None, reason="needs iproute2 for network namespaces"),
    pytest.mark.timeout(240),
]


@dataclass
class Room:
    """Two hosts on one cable: the laptop at 10.77.0.1, the judge machine at 10.77.0.2."""

    laptop: str
    judge: str

    def at(self, host: str, argv: list[str]) -> list[str]:
        """The command as it runs on a host. Not by `ip netns exec`: that hides the control groups behind a /sys of its own."""
        return ["nsenter", f"--net=/run/netns/{host}", *argv]


def ip(*arguments: str) -> None:
    """One iproute2 command."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@pytest.fixture
def room() -> Iterator[Room]:
    """Makes both hosts and the cable, and takes them away again."""
    word = uuid.uuid4().hex[:6]
    room = Room(f"cbx-laptop-{word}", f"cbx-judge-{word}")
    ip("netns", "add", room.laptop)
    try:
        ip("netns", "add", room.judge)
        ip("link", "add", f"cbl{word}", "netns", room.laptop, "type", "veth", "peer", f"cbj{word}", "netns", room.judge)
        for host, link, address in (
            (room.laptop, f"cbl{word}", "10.77.0.1/24"),
            (room.judge, f"cbj{word}", "10.77.0.2/24"),
        ):
            ip("-n", host, "addr", "add", address, "dev", link)
            ip("-n", host, "link", "set", "lo", "up")
            ip("-n", host, "link", "set", link, "up", "multicast", "on")
            ip("-n", host, "route", "add", "default", "via", address.partition("/")[0])
        yield room
    finally:
        for host in (room.laptop, room.judge):
            subprocess.run(["ip", "netns", "del", host], check=False, capture_output=True)


CALL = """
import json, sys
from running import Client, admin_of
running = json.load(open(sys.argv[1]))
"""


def on_laptop(room: Room, running: Path, code: str) -> str:
    """Runs a few lines of the test in the laptop's network; gives what they print."""
    argv = room.at(room.laptop, [PROGRAM[0], "-c", CALL + code, str(running)])
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=100)
    assert done.returncode == 0, done.stderr[-1500:]
    return done.stdout.strip()


def test_found_paired_and_judged_over_a_cable(room: Room, tmp_path: Path) -> None:
    """The judge machine is switched on, finds the contest by itself, shows its letters, is approved, and judges."""
    data = tmp_path / "data"
    contest = make_seeded(data, teams=1)
    serve = [*PROGRAM, "serve", "--data", str(data), "--host", "0.0.0.0", "--port", "0", "--node-port", "0"]
    server = Process(room.at(room.laptop, serve), tmp_path / "server.err")
    judge = None
    try:
        running = data / "server.json"
        until("the server", 30, running.exists)
        judge = Process(room.at(room.judge, [*JUDGE, "run", "--data", str(tmp_path / "judge")]), tmp_path / "judge.err")
        line = until(
            "the pairing code on the judge machine's screen",
            60,
            lambda: next((one for one in judge.lines if one.startswith("pairing code ")), ""),
        )
        code = line.split()[2]
        approve = (
            "admin = admin_of(running)\n"
            "pending = admin.get('/admin/v1/machines').json()['pending']\n"
            f"request = next(one for one in pending if one['code'] == {code!r})\n"
            f"answer = admin.post('/admin/v1/joins/' + request['request_id'] + '/approve', json={{'code': {code!r}}})\n"
            "print(answer.status_code, request['address'])\nadmin.close()\n"
        )
        assert on_laptop(room, running, approve) == "200 10.77.0.2"
        until("a ready judge machine", 60, lambda: "ready" in judge.lines)
        team = contest.teams[0]
        submit = (
            f"with Client(running['people_url'], {team.username!r}, {team.password!r}) as team:\n"
            "    answer = team.submit('crates', 'cpp', '#include <cstdio>\\nint main(){puts(\"7\");}')\n"
            "    print(team.verdict(answer.json()['submission_id'])['status'])\n"
        )
        assert on_laptop(room, running, submit) == "WRONG_ANSWER"
    finally:
        if judge is not None:
            judge.stop()
        server.stop()
