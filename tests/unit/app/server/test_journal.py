"""Copies of each commit in a folder that comes and goes."""

from __future__ import annotations

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
