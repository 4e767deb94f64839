"""What only a database on a disk can promise: it outlives the process, says when it is damaged, and minds a full disk."""

from __future__ import annotations

import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.adapters.sqlite.backup import complaint_about, newest_good_backup
from app.adapters.sqlite.checkpoints import ROWS
from app.adapters.sqlite.connection import WAL_PAGES
from app.adapters.sqlite.migrations import _TASKS
from app.adapters.sqlite.store import SqliteStore
from app.core.clock import Instant
from app.core.errors import Fault, Refusal
from app.core.events import Kind
from app.core.ids import ContestId, LeaseId, NodeId
from app.core.spans import WHOLE, Span
from app.ports.leases import TaskKind, TaskState
from app.ports.store import NewEvent, SubmissionFilter, Transaction
from contract.rows import CONTEST, furnish, new_submission, submit

C = ContestId("c")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the contest's database will be."""
    return tmp_path / "a folder with % and ?" / "contest.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[SqliteStore]:
    """An empty database that does not look at how full this machine's disk is."""
    opened = SqliteStore.open(path, reserve_bytes=0)
    yield opened
    opened.close()


def note(name: str, size: int = 1) -> object:
    def work(tx: Transaction) -> int:
        return tx.append_event(C, Kind.SETTING, Instant(1), {"name": name, "value": "x" * size}).seq

    return work


def test_everything_is_there_after_a_restart(database: SqliteStore, path: Path) -> None:
    """Submissions, log and numbers go on where they were."""
    furnish(database)
    first = submit(database)
    database.write(note("a")).result(5)
    database.close()
    again = SqliteStore.open(path, reserve_bytes=0)
    try:
        with again.read() as view:
            assert view.submission(first.id) == first
            assert view.contest(CONTEST.id) == CONTEST
        assert again.write(note("b")).result(5) == 2
        assert submit(again).id == first.id + 1
    finally:
        again.close()


def test_files_are_private_and_settings_are_safe(database: SqliteStore, path: Path) -> None:
    """Nobody else on the machine can read the database; commits are synced and the journal is a WAL."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def settings(tx: Transaction) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [tx._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert database.write(settings).result(5) == ["wal", 2, 1, 5000]


def test_who_reads_cannot_write(database: SqliteStore) -> None:
    """A page that tries to change something while it reads is stopped by the database itself."""
    with pytest.raises(Fault, match="readonly"), database.read() as view:
        view._connection.execute("DELETE FROM settings")


def test_the_log_cannot_be_changed_even_by_the_writer(database: SqliteStore) -> None:
    """No statement of the server changes or deletes an entry of the log."""
    database.write(note("a")).result(5)
    for statement in ("DELETE FROM events", "UPDATE events SET payload = x'00'"):
        with pytest.raises(Fault, match="append-only"):
            database.write(lambda tx, text=statement: tx._connection.execute(text)).result(5)
    with database.read() as view:
        assert view.last_event()[0] == 1


def test_backup_is_whole_while_submissions_go_on(database: SqliteStore, tmp_path: Path) -> None:
    """A copy made in the middle of a contest opens, passes its check and holds everything acknowledged before it began."""
    furnish(database)
    stop, made = threading.Event(), []

    def contestants() -> None:
        while not stop.is_set():
            made.append(submit(database).id)

    busy = threading.Thread(target=contestants)
    busy.start()
    while len(made) < 20:
        database.write(lambda tx: None).result(5)
    before = len(made)
    database.backup(tmp_path / "copy.sqlite")
    stop.set()
    busy.join(20)
    assert complaint_about(tmp_path / "copy.sqlite", whole=True) == ""
    copy = SqliteStore.open(tmp_path / "copy.sqlite", reserve_bytes=0)
    try:
        with copy.read() as view:
            assert {one.id for one in view.intake.read_after(0, 100_000)} >= set(made[:before])
    finally:
        copy.close()


def test_a_backup_never_overwrites(database: SqliteStore, tmp_path: Path) -> None:
    """An older copy is not replaced, and a failed one leaves nothing behind."""
    (tmp_path / "old.sqlite").write_bytes(b"old")
    with pytest.raises(Fault, match="already there"):
        database.backup(tmp_path / "old.sqlite")
    with pytest.raises(Fault, match="could not be written"):
        database.backup(tmp_path / "no folder" / "new.sqlite")
    assert (tmp_path / "old.sqlite").read_bytes() == b"old"


def test_a_damaged_file_is_found_at_the_start(database: SqliteStore, path: Path, tmp_path: Path) -> None:
    """The organiser hears that the database is damaged, and which backup is the newest good one."""
    backups = tmp_path / "backups"
    backups.mkdir()
    furnish(database)
    for _ in range(200):
        submit(database)
    database.backup(backups / "good.sqlite")
    (backups / "newer.sqlite").write_bytes(b"not a database at all" * 400)
    database.close()
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xaa" * 40_000)
    with pytest.raises(Fault, match=r"damaged.*good\.sqlite"):
        SqliteStore.open(path, backups=backups)
    with pytest.raises(Fault, match="is None"):
        SqliteStore.open(path)
    assert newest_good_backup(tmp_path / "nowhere") is None


def test_a_newer_contest_is_left_alone(database: SqliteStore, path: Path) -> None:
    """A contest that a newer version has shaped is refused in a sentence, and stays byte for byte what it was."""
    database.close()
    with closing(sqlite3.connect(path)) as later, later:
        later.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('contestbox', '0999_later', 'x')"
        )
    before = path.read_bytes()
    with pytest.raises(Fault, match=r"newer Contestbox \(it knows 0999_later\)"):
        SqliteStore.open(path)
    assert path.read_bytes() == before


def test_the_wal_is_carried_over_beside_the_writer(database: SqliteStore, path: Path) -> None:
    """What was committed comes into the database file without a commit waiting for it, and the WAL does not grow on and on."""
    many = [NewEvent(C, Kind.SETTING, Instant(1), {"name": "a", "value": "b" * 1000})] * ROWS
    empty = path.stat().st_size
    for _ in range(3):
        database.write(lambda tx: tx.append_events(many)).result(60)
    moment, until = threading.Event(), time.monotonic() + 60
    while path.stat().st_size <= empty + ROWS * 1000 and time.monotonic() < until:
        moment.wait(0.05)
    assert path.stat().st_size > empty + ROWS * 1000
    assert path.with_name(path.name + "-wal").stat().st_size < 2 * WAL_PAGES * 4096


def test_an_older_contest_is_brought_up_to_date(database: SqliteStore, path: Path) -> None:
    """A contest from before graders' words were kept opens with all its submissions."""
    furnish(database)
    submission = submit(database)
    database.close()
    with closing(sqlite3.connect(path)) as older, older:
        older.execute("ALTER TABLE judgements DROP COLUMN grades")
        older.execute("DELETE FROM _sqlite_migrations WHERE name = '0003_grades'")
    again = SqliteStore.open(path, reserve_bytes=0)
    with again.read() as view:
        assert [one.id for one in view.submissions(SubmissionFilter(CONTEST.id))] == [submission.id]
        assert {one.grades for one in view.judgements(submission.id)} <= {""}
    again.close()


def test_leases_of_an_older_contest_live_on(database: SqliteStore, path: Path) -> None:
    """A contest from before tests were shared is opened while a machine judges: its lease is there, whole, and others may join it."""
    furnish(database)

    def lend(tx: Transaction) -> None:
        tx.leases.enqueue(CONTEST.id, TaskKind.JUDGE, None, {}, needs_memory_bytes=1, language="c", at=Instant(1))
        tx.leases.claim(NodeId("n1"), lambda _: True, LeaseId("l1"), Instant(9), Instant(2))

    database.write(lend).result(5)
    database.close()
    with closing(sqlite3.connect(path)) as older, older:
        first_shape = next(one for one in _TASKS if "CREATE TABLE leases" in one)
        columns = "id, contest_id, task_id, node_id, attempt, deadline, granted"
        older.execute(first_shape.replace("TABLE leases", "TABLE old"))
        older.execute(f"INSERT INTO old ({columns}) SELECT {columns} FROM leases")
        older.execute("DROP TABLE leases")
        older.execute("ALTER TABLE old RENAME TO leases")
        older.execute("DELETE FROM _sqlite_migrations WHERE name = '0005_spans'")
    again = SqliteStore.open(path, reserve_bytes=0)

    def share(tx: Transaction) -> None:
        task, lease = tx.leases.live()[0]
        assert (lease.id, lease.node_id, lease.deadline, lease.span) == ("l1", "n1", 9, WHOLE)
        tx.leases.hold(lease.id, Span(1, 4))
        tx.leases.change(replace(task, state=TaskState.QUEUED))
        tx.leases.claim(NodeId("n2"), lambda _: True, LeaseId("l2"), Instant(9), Instant(3))
        assert [one.attempt for one in tx.leases.of_task(task.id)] == [1, 2]

    again.write(share).result(5)
    again.close()


def test_a_foreign_file_is_not_overwritten(path: Path) -> None:
    """A file that is no database at all is not overwritten."""
    path.parent.mkdir(parents=True)
    path.write_bytes(b"my thesis " * 2000)
    with pytest.raises(Fault, match="damaged"):
        SqliteStore.open(path)
    assert path.read_bytes().startswith(b"my thesis")


def test_a_nearly_full_disk_keeps_room_for_verdicts(path: Path) -> None:
    """With little room left new submissions are refused with 503 and a time to come back, while verdicts and the log go on."""
    free = [10_000]
    store = SqliteStore.open(path, free_bytes=lambda: free[0], reserve_bytes=5_000)
    try:
        furnish(store)
        free[0] = 4_999
        with pytest.raises(Refusal) as refusal:
            submit(store)
        assert (refusal.value.code, refusal.value.retry_after_seconds) == (503, 15)
        assert store.write(note("verdict")).result(5) == 1
        free[0] = 5_000
        assert submit(store).id == 1
    finally:
        store.close()


def test_a_full_disk_refuses_and_recovers(database: SqliteStore, expected_warnings: list[str]) -> None:
    """When the disk fills in the middle of a commit, submissions hear 503, small verdicts of the same commit still get through, and
    with room again everything works."""
    expected_warnings.append("the disk is full")
    furnish(database)

    def tighten(tx: Transaction) -> None:
        pages = tx._connection.execute("PRAGMA page_count").fetchone()[0]
        tx._connection.execute(f"PRAGMA max_page_count = {pages + 1}")

    database.write(tighten).result(5)
    entered, go = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        entered.set()
        assert go.wait(10)

    holding = database.write(hold)
    assert entered.wait(10)
    big = new_submission(text=b"x" * 90_000)
    refused = database.write(lambda tx: tx.intake.append(big, big.arrived), arrived=big.arrived)
    verdict = database.write(note("verdict"))
    go.set()
    holding.result(5)
    with pytest.raises(Refusal) as refusal:
        refused.result(5)
    assert refusal.value.code == 503
    assert verdict.result(5) == 1
    database.write(lambda tx: tx._connection.execute("PRAGMA max_page_count = 1000000")).result(5)
    assert submit(database).id == 1


def test_a_verdict_without_room_hears_it_too(database: SqliteStore, expected_warnings: list[str]) -> None:
    """When there is no room even for a verdict, its caller is told, and nothing half-written stays."""
    expected_warnings.append("the disk is full")

    def tighten(tx: Transaction) -> None:
        tx._connection.execute("PRAGMA max_page_count = 1")

    database.write(tighten).result(5)
    # One after the other: also a verdict that is alone in its batch must be heard of in the log.
    for name in ("a", "b"):
        assert isinstance(database.write(note(name, 200_000)).exception(5), Refusal)
    with database.read() as view:
        assert view.last_event()[0] == 0


def test_too_long_a_queue_is_refused(database: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of submissions is refused with 503 before a flood of verdicts is."""
    monkeypatch.setattr("app.adapters.sqlite.writer.QUEUE_NEW", 2)
    monkeypatch.setattr("app.adapters.sqlite.writer.QUEUE_ALL", 3)
    entered, go = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        entered.set()
        assert go.wait(10)

    holding = database.write(hold)
    assert entered.wait(10)
    futures = [database.write(lambda tx: 1, arrived=Instant(1)) for _ in range(3)]
    futures += [database.write(lambda tx: 1) for _ in range(2)]
    go.set()
    holding.result(5)
    outcomes = [getattr(future.exception(5), "code", None) for future in futures]
    assert outcomes == [None, None, 503, None, 503]


def test_a_clean_stop_leaves_one_whole_file(database: SqliteStore, path: Path) -> None:
    """After a clean stop the database is one file that any SQLite can read."""
    furnish(database)
    assert database.size_bytes > 0
    assert database.last_commit_ms is not None
    assert database.queued == 0
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM contests").fetchone() == (1,)


def test_nobody_waits_for_ever_when_the_folder_is_gone(tmp_path: Path, expected_warnings: list[str]) -> None:
    """The stick with the data is pulled out: whoever submits hears a fault at once, also the next one."""
    expected_warnings.append("the writer failed")
    gone = False

    def free_bytes() -> int:
        if gone:
            raise FileNotFoundError("no such disk")
        return 2**40

    store = SqliteStore.open(tmp_path / "contest.db", free_bytes=free_bytes)
    store.write(lambda tx: tx.put_setting("a", "1")).result(5)
    gone = True
    for _ in range(2):
        with pytest.raises(Fault, match="look at its disk"):
            store.write(lambda tx: tx.put_setting("a", "2")).result(5)
    store.close()
