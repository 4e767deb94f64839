"""SIGKILL in the middle of what an organiser does: final results, an import, a backup, a new shape of the database. Each happened entirely
or not at all, the log and the tables agree, and the same command works again."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from running import PROGRAM, Server, admin_of, until
from sqlite_utils import Database

from app.adapters.sqlite.backup import complaint_about
from app.adapters.sqlite.migrations import _migrations
from app.adapters.sqlite.store import SqliteStore
from app.core.clock import Instant
from app.core.contest_data import contest_data
from app.core.events import Kind
from app.ports.store import Transaction
from app.server.demo.seed import DemoContest
from app.server.folder import Folder
from app.server.settings import Settings
from app.server.wiring import build
from faults.killing import killed_at, traced
from faults.seeded import copy_of

PROBLEMS = Path(__file__).parents[2] / "problems"
WAL = "contest.db-wal"


def verified(data: Path) -> None:
    """`contestbox verify-log` has nothing to say."""
    told = subprocess.run([*PROGRAM, "verify-log", "--data", str(data)], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr


@pytest.fixture(scope="module")
def over(seeded: tuple[Path, DemoContest], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contest that ended an hour ago and is not final."""
    data = copy_of(seeded[0], tmp_path_factory.mktemp("over") / "data")
    with build(Folder(data), Settings()) as house:
        contest, now = house.services.control.contest(), house.services.clock.now()
        ended = replace(contest, start=Instant(now - contest.duration_ms - 3_600_000))

        def work(tx: Transaction) -> None:
            tx.put_contest(ended)
            tx.append_event(ended.id, Kind.CONTEST, now, contest_data(ended))

        house.services.store.write(work).result(10)
    return data


@pytest.mark.parametrize(
    ("call", "when", "final"),
    [("pwrite64", 1, False), ("fdatasync", 1, True), pytest.param("pwrite64", 3, False, marks=pytest.mark.full)],
)
def test_killed_while_results_become_final(over: Path, tmp_path: Path, call: str, when: int, final: bool) -> None:
    """Before the commit is written, in its middle, and before its answer: the results are final or they are not, and can be made so."""
    data = copy_of(over, tmp_path / "data")
    with Server(data) as server, admin_of(server.running) as admin:
        until("a log at rest", 60, lambda: at_rest(data))
        with killed_at(server.process.pid, call, data / WAL, when=when):
            unanswered(admin, "contest/finalize", {})
    verified(data)
    with Server(data) as server, admin_of(server.running) as admin:
        assert (phase(admin) == "final") is final
        assert admin.post("/admin/v1/contest/finalize", json={}).status_code == 200
        assert phase(admin) == "final"
    with closing(sqlite3.connect(data / "contest.db")) as database:
        told = database.execute(
            "SELECT count(*) FROM events WHERE kind = 'clock' AND instr(payload, 'finalized')"
        ).fetchone()
    assert told == (1,), "the log tells of it once"


def unanswered(admin: httpx2.Client, what: str, wish: dict[str, str]) -> None:
    """A command during which the server dies."""
    with suppress(httpx2.HTTPError):
        answer = admin.post(f"/admin/v1/{what}", json=wish)
        pytest.fail(f"the server has answered: {answer.text}")


def at_rest(data: Path) -> bool:
    """Whether the start has been told in the log and signed: the next commit is the command's."""
    with closing(sqlite3.connect(f"file:{data / 'contest.db'}?mode=ro", uri=True)) as database:
        last, signed = database.execute("SELECT (SELECT max(seq) FROM events), (SELECT max(seq) FROM heads)").fetchone()
        newest = database.execute("SELECT kind FROM events WHERE seq = ?", (last,)).fetchone()
    return bool(last == signed and newest == ("server",))


def phase(admin: httpx2.Client) -> str:
    return str(admin.get("/admin/v1/state").json()["contest"]["phase"])


def titles(admin: httpx2.Client) -> set[str]:
    return {one["id"] for one in admin.get("/admin/v1/state").json()["problems"]}


@pytest.mark.parametrize(
    ("call", "when"),
    [
        ("rename,renameat,renameat2", 4),
        pytest.param("pwrite64", 1, marks=pytest.mark.full),
        pytest.param("rename,renameat,renameat2", 1, marks=pytest.mark.full),
        pytest.param("fsync,fdatasync", 3, marks=pytest.mark.full),
        pytest.param("pwrite64", 4, marks=pytest.mark.full),
    ],
)
def test_killed_while_a_package_comes(seeded: tuple[Path, DemoContest], tmp_path: Path, call: str, when: int) -> None:
    """While its files are brought in, and while its rows are written: nobody sees half a problem, and the same import works afterwards."""
    data, package = copy_of(seeded[0], tmp_path / "data"), tmp_path / "barrels"
    shutil.copytree(PROBLEMS / "crates", package)
    for number, secret in enumerate(sorted((package / "data" / "secret").glob("*.in"))):
        secret.write_text(secret.read_text() + "\n" * (number + 1))  # files that the store does not have yet
    wish = {"path": str(package), "label": "Z"}
    files = [data / WAL] if call == "pwrite64" else []
    with Server(data) as server, admin_of(server.running) as admin:
        before = titles(admin)
        until("a log at rest", 60, lambda: at_rest(data))
        with killed_at(server.process.pid, call, *files, when=when):
            unanswered(admin, "problems/import", wish)
    verified(data)
    with Server(data) as server, admin_of(server.running) as admin:
        assert titles(admin) == before
        assert list((data / "blobs" / "incoming").iterdir()) == [], "what it brought half is swept away"
        answer = admin.post("/admin/v1/problems/import", json=wish)
        assert answer.status_code == 200, answer.text
        assert titles(admin) == before | {"barrels"}


@pytest.mark.parametrize(
    ("call", "when"),
    [
        pytest.param("pwrite64", 20, marks=pytest.mark.full),
        ("rename,renameat,renameat2", 30),
        pytest.param("rename,renameat,renameat2", 2, marks=pytest.mark.full),
        pytest.param("fsync,fdatasync", 9, marks=pytest.mark.full),
    ],
)
def test_killed_while_a_backup_is_written(
    seeded: tuple[Path, DemoContest], tmp_path: Path, call: str, when: int
) -> None:
    """In the copy of the database, and among the files of the packages: what is named a backup is a whole one."""
    backups = tmp_path / "backups"
    argv = [*PROGRAM, "backup", "--data", str(seeded[0]), "--to", str(backups)]
    killed = subprocess.run([*traced(call, when=when), *argv], capture_output=True, text=True, timeout=100)
    assert killed.returncode != 0, "it was killed on its way"
    assert list(backups.glob("*.sqlite")) == []
    assert subprocess.run(argv, capture_output=True, timeout=60).returncode == 0
    assert [complaint_about(one, whole=True) for one in backups.glob("*.sqlite")] == [""]
    restored = tmp_path / "restored"
    subprocess.run([*PROGRAM, "restore", "--from", str(backups), "--data", str(restored)], check=True, timeout=60)
    assert blobs_of(restored) == blobs_of(seeded[0]), "with every file, byte for byte"


def blobs_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "blobs").glob("??/??/*")}


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the first version, with something in it."""
    path = tmp_path_factory.mktemp("oldest") / "contest.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        _migrations().apply(Database(connection), stop_before="0002_evidence")
        connection.execute("INSERT INTO settings (name, value) VALUES ('kept', 'yes')")
        connection.commit()
    return path


@pytest.mark.parametrize("when", [2, 14, *(pytest.param(n, marks=pytest.mark.full) for n in range(3, 60, 4))])
def test_killed_while_an_older_contest_is_brought_up_to_date(oldest: Path, tmp_path: Path, when: int) -> None:
    """In the middle of the new tables: the next start takes up where the last whole step ended."""
    path = tmp_path / "contest.db"
    shutil.copy(oldest, path)
    opening = "import sys; from pathlib import Path; from app.adapters.sqlite.store import SqliteStore"
    argv = [sys.executable, "-c", f"{opening}; SqliteStore.open(Path(sys.argv[1]), reserve_bytes=0).close()", str(path)]
    line = [*traced("pwrite64", path, path.with_name(WAL), when=when), *argv]
    killed = subprocess.run(line, capture_output=True, text=True, timeout=100)
    assert killed.returncode != 0 or when > 40, "it was killed on its way"
    store = SqliteStore.open(path, reserve_bytes=0)
    with store.read() as view:
        assert view.setting("kept") == "yes"
    store.close()
    assert complaint_about(path, whole=True) == ""
    with closing(sqlite3.connect(path)) as connection:
        assert _migrations().pending(Database(connection)) == []
