"""Backups on what organisers have at hand: a stick whose files belong to everybody."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from clocks import FakeClock

from app.adapters.anchored_clock import AnchoredClock
from app.adapters.sqlite.store import SqliteStore
from app.core.clock import Clock
from app.core.errors import Refusal
from app.server.backups import BackupsByHand, DatabaseFile, restore, write_backup
from app.server.demo.seed import seed
from app.server.folder import Folder


def modes(root: Path) -> set[str]:
    """Who may do what with the files and folders below."""
    return {oct(stat.S_IMODE(path.stat().st_mode)) for path in root.rglob("*")}


def empty(root: Path) -> Folder:
    """A folder with nothing in its store."""
    folder = Folder(root)
    folder.secrets.mkdir(parents=True, exist_ok=True)
    SqliteStore.open(folder.database).close()
    return folder


def test_restored_from_a_stick_only_this_user_reads(tmp_path: Path, clock: FakeClock) -> None:
    """A stick's file system keeps no rights: keys, hidden tests and the store come back for the organiser's account alone."""
    data, stick = Folder(tmp_path / "data"), tmp_path / "stick"
    seed(data, 1, lambda _: None)
    data.config.write_text("port = 0\n", encoding="utf-8")
    shown: Clock = clock
    write_backup(data, DatabaseFile(data.database), shown, stick)
    assert modes(stick) <= {"0o600", "0o700"}
    for path in stick.rglob("*"):
        path.chmod(0o777)
    told: list[str] = []
    restore(stick, tmp_path / "new", told.append)
    assert modes(tmp_path / "new") <= {"0o600", "0o700"}
    new = Folder(tmp_path / "new")
    assert new.secret("passwords") == data.secret("passwords")
    assert new.config.read_text(encoding="utf-8") == "port = 0\n"
    originals = [path for path in data.blobs.rglob("*") if path.is_file()]
    assert originals
    assert all((new.blobs / one.relative_to(data.blobs)).read_bytes() == one.read_bytes() for one in originals)


@pytest.mark.parametrize(
    ("where", "sentence"),
    [("relative", "whole path"), ("data/inside", "lies in the contest's own"), ("file", "could not be written")],
)
def test_a_backup_that_cannot_be_is_a_sentence(tmp_path: Path, clock: FakeClock, where: str, sentence: str) -> None:
    """At the console somebody names a folder of nowhere, the contest's own folder, or a file: told in one sentence, nothing is written."""
    data = empty(tmp_path / "data")
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    target = Path("relative") if where == "relative" else tmp_path / where
    before = set(tmp_path.rglob("*"))
    with pytest.raises(Refusal, match=sentence):
        BackupsByHand(data, DatabaseFile(data.database), clock).write(target)
    assert set(tmp_path.rglob("*")) == before
    assert not Path("relative").exists()


def test_two_organisers_ask_for_a_backup_at_once(tmp_path: Path) -> None:
    """Both get theirs: neither copy disturbs the other."""
    data, stick = empty(tmp_path / "data"), tmp_path / "stick"
    by_hand = BackupsByHand(data, DatabaseFile(data.database), AnchoredClock())
    together, refused = threading.Barrier(2), []

    def click() -> None:
        together.wait(10)
        try:
            by_hand.write(stick)
        except Refusal as refusal:
            refused.append(refusal.sentence)

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert refused == []
    assert len(list(stick.glob("*.sqlite"))) == 2
