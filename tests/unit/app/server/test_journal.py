"""Copies of each commit in a folder that comes and goes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from clocks import FakeClock

from app.adapters.sqlite.store import SqliteStore
from app.server.backups import Backups, restore
from app.server.folder import Folder


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """Where the copies go."""
    return tmp_path / "stick"


def say(store: SqliteStore, name: str) -> None:
    """One commit."""
    store.write(lambda tx: tx.put_setting(name, "yes")).result(5)


def restored(stick: Path, target: Path, names: list[str]) -> list[str | None]:
    """What a contest that is given back from the stick knows of these."""
    restore(stick, target, lambda _: None)
    store = SqliteStore.open(Folder(target).database)
    with store.read() as view:
        found = [view.setting(name) for name in names]
    store.close()
    return found


def test_a_gap_in_the_copies_is_told_until_a_whole_backup(
    tmp_path: Path, stick: Path, clock: FakeClock, expected_warnings: list[str]
) -> None:
    """A stick was out for one commit: the organiser is told, also when it is back, until a whole backup has what the stick lacks.
    After it everything is given back again, and the lines that the backups hold already are not kept for ever."""
    expected_warnings.append("journal beside the backups cannot be written")
    folder = Folder(tmp_path / "data")
    folder.secrets.mkdir(parents=True, exist_ok=True)
    store = SqliteStore.open(folder.database, journal_folder=stick)
    backups = Backups(folder, store, clock, stick, store.journal)
    backups.start(first_at_once=True)
    say(store, "before")
    assert backups.trouble() == ""

    assert store.journal is not None
    store.journal.turn_over(0)
    away = stick.rename(tmp_path / "pulled out")
    stick.write_text("no folder")
    say(store, "missing")
    assert "not copied" in backups.trouble()
    stick.unlink()
    away.rename(stick)
    say(store, "back")
    assert "not in" in backups.trouble(), "playing back would stop at the gap"

    store.journal.turn_over(1)
    assert "not in" in backups.trouble(), "a backup that began before the gap does not close it"
    assert restored(stick, tmp_path / "gap", ["before", "back"])[0] == "yes"

    backups.stop()
    again = Backups(folder, store, clock, stick, store.journal)
    clock.forward(minutes=1)
    again.start(first_at_once=True)
    assert again.trouble() == ""
    say(store, "after")
    again.stop()
    store.close()
    assert restored(stick, tmp_path / "whole", ["before", "missing", "back", "after"]) == ["yes"] * 4


def test_a_contest_that_was_given_back_goes_on_in_the_same_folder(
    tmp_path: Path, stick: Path, clock: FakeClock
) -> None:
    """The power went in the middle of a line. The contest is given back and goes on with the same stick; then that laptop dies too."""
    folder = Folder(tmp_path / "data")
    folder.secrets.mkdir(parents=True, exist_ok=True)
    store = SqliteStore.open(folder.database, journal_folder=stick)
    backups = Backups(folder, store, clock, stick, store.journal)
    backups.start(first_at_once=True)
    backups.stop()
    say(store, "torn")
    say(store, "past the gap")
    store.close()
    newest = max(stick.glob("journal-*.log"))
    first, second = newest.read_bytes().splitlines(keepends=True)
    newest.write_bytes(first[:-9] + b"\n" + second[:-9])
    assert restored(stick, tmp_path / "second", ["torn", "past the gap"]) == [None, None]
    again = SqliteStore.open(Folder(tmp_path / "second").database, journal_folder=stick)
    for name in ("on", "and on"):
        say(again, name)
    again.close()
    assert restored(stick, tmp_path / "third", ["torn", "on", "and on"]) == [None, "yes", "yes"]


def test_two_lives_in_one_folder_do_not_mix(tmp_path: Path, stick: Path, clock: FakeClock) -> None:
    """A line in the middle of the first life cannot be read, and the lines after it are in a later file. The contest is given back and goes
    on with the same stick, until its numbers reach those of that later file. What is given back then is the second life alone."""
    folder = Folder(tmp_path / "data")
    folder.secrets.mkdir(parents=True, exist_ok=True)
    store = SqliteStore.open(folder.database, journal_folder=stick)
    backups = Backups(folder, store, clock, stick, store.journal)
    backups.start(first_at_once=True)
    backups.stop()
    assert store.journal is not None
    say(store, "bad block")
    say(store, "past it")
    damaged = max(stick.glob("journal-*.log"))
    store.journal.turn_over(0)
    say(store, "in a later file")
    store.close()
    first, second = damaged.read_bytes().splitlines(keepends=True)
    damaged.write_bytes(first[:-9] + b"\n" + second)
    assert len(list(stick.glob("journal-*.log"))) == 2
    names = ["bad block", "past it", "in a later file", "second 1", "second 2"]
    assert restored(stick, tmp_path / "second", names) == [None] * 5
    again = SqliteStore.open(Folder(tmp_path / "second").database, journal_folder=stick)
    for name in ("second 1", "second 2"):
        say(again, name)
    again.close()
    assert restored(stick, tmp_path / "third", names) == [None, None, None, "yes", "yes"]


def test_lines_without_a_head_are_still_played(tmp_path: Path, stick: Path, clock: FakeClock) -> None:
    """Lines of a former version, that do not name what they follow, are given back by their numbers as they were then."""
    folder = Folder(tmp_path / "data")
    folder.secrets.mkdir(parents=True, exist_ok=True)
    store = SqliteStore.open(folder.database)
    backups = Backups(folder, store, clock, stick)
    backups.start(first_at_once=True)
    backups.stop()
    store.close()
    lines = b""
    for number in (1, 2):
        said = f"INSERT INTO settings (name, value) VALUES ('old {number}', 'yes')"
        counted = f"INSERT OR REPLACE INTO settings (name, value) VALUES ('journal_position', '{number}')"
        text = json.dumps([number, [said, counted]]).encode()
        lines += hashlib.sha256(text).hexdigest().encode() + b" " + text + b"\n"
    (stick / "journal-000000000001.log").write_bytes(lines)
    assert restored(stick, tmp_path / "second", ["old 1", "old 2"]) == ["yes", "yes"]
    again = SqliteStore.open(Folder(tmp_path / "second").database, journal_folder=stick)
    say(again, "new")
    again.close()
    assert restored(stick, tmp_path / "third", ["old 1", "old 2", "new"]) == ["yes"] * 3


def test_commits_without_a_journal_are_a_gap(tmp_path: Path, stick: Path, clock: FakeClock) -> None:
    """For a while the contest was served without the stick. The backup that was made at its return is broken: from the one before it only
    what followed it is given back, not the lines after the gap."""
    folder = Folder(tmp_path / "data")
    folder.secrets.mkdir(parents=True, exist_ok=True)
    store = SqliteStore.open(folder.database, journal_folder=stick)
    backups = Backups(folder, store, clock, stick, store.journal)
    backups.start(first_at_once=True)
    backups.stop()
    say(store, "followed")
    store.close()
    SqliteStore.open(folder.database, journal_folder=stick).close()
    for name in ("alone", "and alone"):
        store = SqliteStore.open(folder.database)
        say(store, name)
        store.close()
    store = SqliteStore.open(folder.database, journal_folder=stick)
    say(store, "followed again")
    store.close()
    names = ["followed", "alone", "and alone", "followed again"]
    assert restored(stick, tmp_path / "second", names) == ["yes", None, None, None]
