"""The log tells the server's own life, and one changed byte of it, or a row that says something else, is found."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from faults.seeded import make_seeded
from running import PROGRAM, Server, admin_of, until


def verified(folder: Path) -> subprocess.CompletedProcess[str]:
    """`contestbox verify-log` on a folder."""
    return subprocess.run([*PROGRAM, "verify-log", "--data", str(folder)], capture_output=True, text=True, timeout=60)


def test_the_log_tells_starts_and_stops_and_shows_a_change(folder: Path) -> None:
    """Started, stopped, started: three entries in words; then an edited row is named, and a changed byte by its entry."""
    make_seeded(folder, teams=1)
    with Server(folder):
        pass
    with Server(folder) as server, admin_of(server.running) as admin:

        def told_so_far() -> list[str]:
            lines = admin.get("/admin/v1/events", params={"after": 0, "limit": 500}).json()["items"]
            return [line["data"]["what"] for line in lines if line["kind"] == "server"]

        # A server is there a moment before its start stands in the log.
        told = until("the second start in the log", 30, lambda: len(found := told_so_far()) > 2 and found)
    assert told == ["started", "stopped", "started"]
    assert verified(folder).returncode == 0
    with closing(sqlite3.connect(folder / "contest.db")) as database, database:
        database.execute("UPDATE problems SET label = label || '?' WHERE label = 'A'")
    edited = verified(folder)
    assert edited.returncode == 1
    assert "is kept with label A?" in edited.stderr
    assert "restore --from" in edited.stderr
    with closing(sqlite3.connect(folder / "contest.db")) as database, database:
        seq, payload = database.execute("SELECT seq, payload FROM events WHERE kind = 'team'").fetchone()
        changed = payload.replace(b"Binary", b"Canary")
        assert changed != payload
        # A forger with the file in hand takes away what guards the table, too.
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("UPDATE events SET payload = ? WHERE seq = ?", (changed, seq))
    found = verified(folder)
    assert found.returncode == 1
    assert f"{seq}" in found.stderr
    assert "Traceback" not in found.stderr
