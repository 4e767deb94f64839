"""Settings as clumsy hands leave them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.server import logs
from app.server.settings import load


def test_relative_backup_folder_is_kept_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """«--backup copies» means the same folder when the next start, or the search for a good copy, comes from elsewhere."""
    monkeypatch.chdir(tmp_path)
    assert load(tmp_path / "config.toml", {"backup": "copies"}).backup == str(tmp_path / "copies")
    assert load(tmp_path / "config.toml", {}).backup == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('host = ""', "«host» cannot be ''"),
        ("port = 70000", "«port» cannot be 70000"),
        ("port = 'http'", "«port» cannot be 'http'"),
        ("prot = 1", "Unknown setting «prot»"),
        ("port = = 1", "not valid TOML"),
        ("backup_sync = true", "needs backup"),
    ],
)
def test_each_mistake_names_itself(text: str, says: str, tmp_path: Path) -> None:
    """A setting that cannot be is told with its name."""
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        load(tmp_path / "config.toml", {})
    assert says in refused.value.sentence


def test_screen_shows_a_line_and_the_file_the_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An organiser's screen shows no traceback; the log file keeps it."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.set_up(tmp_path, "server", quiet=True)
        try:
            raise OSError(28, "No space left on device")
        except OSError:
            logging.getLogger("server").exception("the backup failed")
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = before
        root.setLevel(level)
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    assert shown.count("\n") == 1
    assert "server: the backup failed: OSError: [Errno 28] No space left on device" in shown
    assert "Traceback" in (tmp_path / "server.log").read_text(encoding="utf-8")
