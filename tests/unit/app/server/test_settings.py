"""Settings as clumsy hands leave them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.server import logs
from app.server.settings import keep_switch, load


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
        ('behind = ["proxy.example"]', "«behind» cannot be"),
        ('tls = true\nbehind = ["10.0.0.1"]', "exclude each other"),
        ("tls = 'maybe'", "«tls» cannot be 'maybe'"),
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


def test_a_switch_is_kept_beside_what_people_wrote(tmp_path: Path) -> None:
    """Switched on and off again in the console, the file has the other settings and comments as before, and the switch once."""
    config = tmp_path / "config.toml"
    keep_switch(config, "tls", True)
    assert load(config, {}).tls
    config.write_text("# ours\nport = 9000\n  tls=true # so far\ntls_port = 9443\n", encoding="utf-8")
    keep_switch(config, "tls", False)
    assert config.read_text(encoding="utf-8") == "tls = false\n# ours\nport = 9000\ntls_port = 9443\n"
    kept = load(config, {})
    assert (kept.tls, kept.port, kept.tls_port) == (False, 9000, 9443)
    assert load(config, {"tls": True}).tls, "the command line goes before the file"
