"""Small parts of the demo: who is kept running, what counts as left over, whose server.json is believed."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
import yaml

from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.ids import ContestId
from app.server import keeper
from app.server.demo import leftovers
from app.server.demo.seed import problems_folder, seed
from app.server.demo.table import CheckRow, render
from app.server.folder import Folder, RunningServer
from app.server.keeper import Keeper
from app.server.settings import Settings
from app.server.wiring import build


def test_keeper_starts_again_until_it_is_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """What crashes is started again; six crashes within a minute end in a sentence."""
    monkeypatch.setattr(keeper, "RESTART_SECONDS", 0.01)
    lines: list[str] = []
    given_up: list[str] = []
    over = threading.Event()

    def give_up(sentence: str) -> None:
        given_up.append(sentence)
        over.set()

    crashing = "import os; print('here', flush=True); os.kill(os.getpid(), 9)"
    kept = Keeper("judge", [sys.executable, "-c", crashing], on_line=lines.append, on_given_up=give_up)
    kept.start()
    assert over.wait(30)
    kept.stop()
    assert lines == ["here"] * (keeper.RESTARTS_A_MINUTE + 1)
    assert given_up == ["The judge crashed 6 times within a minute (last code -9)."]


def test_keeper_believes_who_says_no() -> None:
    """A process that ends by itself with its reason would only say the same again."""
    given_up: list[str] = []
    over = threading.Event()

    def give_up(sentence: str) -> None:
        given_up.append(sentence)
        over.set()

    kept = Keeper("server", [sys.executable, "-c", "raise SystemExit(1)"], on_line=lambda _: None, on_given_up=give_up)
    kept.start()
    assert over.wait(30)
    kept.stop()
    assert given_up == ["The server ended by itself (exit code 1)."]


def test_leftovers_are_ours_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that is still there is named, unless another judge of this machine has taken the slot meanwhile."""
    monkeypatch.setattr(leftovers, "SLOTS", tmp_path)
    groups = {name: tmp_path / "cgroup" / f"slot-{name}" for name in "012"}
    for name, group in groups.items():
        group.mkdir(parents=True)
        pid = 7 if name == "2" else 5
        (tmp_path / name).write_text(json.dumps({"pid": pid, "folders": [str(group)]}), encoding="utf-8")
    held = leftovers.control_groups([5, None])
    assert set(held) == {tmp_path / "0", tmp_path / "1"}, "slots of other judges are not ours"
    assert sorted(leftovers.left_of(held)) == [str(groups["0"]), str(groups["1"])]
    groups["0"].rmdir()
    with (tmp_path / "1").open("rb") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        assert leftovers.left_of(held) == []


def test_server_json_of_the_dead(tmp_path: Path) -> None:
    """A killed server's file is not believed: not when nobody has its number, nor when a later process has; nor a broken one."""
    folder = Folder(tmp_path)
    own = psutil.Process()
    running = RunningServer(own.pid, int(own.create_time() * 1000) + 1000, "id", "p", "n", "c", "key")
    folder.announce(running)
    assert folder.running() == running
    long_ago = int(own.create_time() * 1000) - 3_600_000
    folder.announce(RunningServer(**{**asdict(running), "started_ms": long_ago}))
    assert folder.running() is None, "this process began an hour after that server"
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    folder.announce(RunningServer(**{**asdict(running), "pid": ended.pid}))
    assert folder.running() is None
    for broken in ("", "{}", '{"pid": 1, "more": 2}'):
        (tmp_path / "server.json").write_text(broken, encoding="utf-8")
        assert folder.running() is None


def test_seeding_that_was_cut_short(tmp_path: Path) -> None:
    """Ctrl-C while the problems are written: the next start carries on, and adds nothing twice."""
    told: list[str] = []

    def interrupted(sentence: str) -> None:
        told.append(sentence)
        if sentence.startswith("  problem C"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seed(Folder(tmp_path / "data"), 2, interrupted)
    contest = seed(Folder(tmp_path / "data"), 2, told.append)
    assert sorted(line for line in told if line.startswith("  problem C")) == ["  problem C: strikes"] * 2
    assert len(contest.teams) == 2
    again: list[str] = []
    assert seed(Folder(tmp_path / "data"), 2, again.append) == contest
    assert again == []
    with build(Folder(tmp_path / "data"), Settings()) as house, house.services.store.read() as view:
        written = [problem.label for problem in view.problems(ContestId("demo"))]
    listed = yaml.safe_load((problems_folder() / "contest.yaml").read_text(encoding="utf-8"))["problems"]
    assert written == [one["label"] for one in listed]


def test_somebodys_contest_is_no_demo(tmp_path: Path) -> None:
    """The demo leaves a folder with a real contest alone, and says so."""
    with build(Folder(tmp_path), Settings()) as house:
        start = house.services.clock.now()
        own = Contest(id=ContestId("spring"), name="Spring", start=start, duration_ms=60_000, freeze_ms=0)
        house.services.control.create(own).result(10)
    with pytest.raises(Refusal, match="holds the contest «Spring», not a demo"):
        seed(Folder(tmp_path), 2, lambda _: None)


def test_table() -> None:
    """A disagreement catches the eye."""
    row = CheckRow("crates", "accepted/a.c", "c", "AC", "WA", 1.234, False)
    lines = render([row]).splitlines()
    assert lines[0].split() == ["problem", "solution", "language", "expected", "got", "seconds"]
    assert lines[1].split() == ["crates", "accepted/a.c", "c", "AC", "WA", "1.23", "DISAGREES"]
