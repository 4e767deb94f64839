"""Backups on what organisers have at hand: a stick whose files belong to everybody."""

from __future__ import annotations

import stat
from pathlib import Path

from clocks import FakeClock

from app.core.clock import Clock
from app.server.backups import DatabaseFile, restore, write_backup
from app.server.demo.seed import seed
from app.server.folder import Folder


def modes(root: Path) -> set[str]:
    """Who may do what with the files and folders below."""
    return {oct(stat.S_IMODE(path.stat().st_mode)) for path in root.rglob("*")}


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
