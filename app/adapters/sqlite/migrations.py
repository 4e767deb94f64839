"""The database's tables, as migrations: each is applied once, in order, and never edited after it was released.

WORKAROUND: sqlite-utils guesses columns and its executescript commits by itself, so every table is written by hand, STRICT and
with CHECKs, and each statement is executed alone inside the migration's transaction.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from sqlite_utils import Database, Migrations

from app.core.errors import Fault

_PEOPLE = (
    """CREATE TABLE contests (
        ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
        contest_id TEXT NOT NULL UNIQUE CHECK (contest_id <> ''),
        body TEXT NOT NULL CHECK (json_valid(body))
    ) STRICT""",
    """CREATE TABLE teams (
        ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        contest_id TEXT NOT NULL REFERENCES contests (contest_id),
        name TEXT NOT NULL, organization TEXT NOT NULL, team_group TEXT NOT NULL, seat TEXT NOT NULL,
        hidden INTEGER NOT NULL CHECK (hidden IN (0, 1))
    ) STRICT""",
    "CREATE INDEX teams_contest ON teams (contest_id)",
    """CREATE TABLE accounts (
        ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        contest_id TEXT NOT NULL,
        username TEXT NOT NULL UNIQUE CHECK (username <> ''),
        role TEXT NOT NULL CHECK (role IN ('team', 'staff', 'judge', 'admin')),
        team_id TEXT,
        enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
        generation INTEGER NOT NULL CHECK (generation > 0),
        password_hash TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX accounts_contest ON accounts (contest_id)",
    """CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        contest_id TEXT NOT NULL,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        token_hash TEXT NOT NULL UNIQUE,
        created_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
        address TEXT NOT NULL,
        revoked INTEGER NOT NULL CHECK (revoked IN (0, 1))
    ) STRICT""",
    "CREATE INDEX sessions_account ON sessions (account_id)",
    """CREATE TABLE nodes (
        ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        contest_id TEXT NOT NULL DEFAULT '',
        name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state <> ''),
        token_hash TEXT NOT NULL,
        facts TEXT NOT NULL CHECK (json_valid(facts)),
        address TEXT NOT NULL, created_ms INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('node', 'console'))
    ) STRICT""",
    "CREATE UNIQUE INDEX nodes_token ON nodes (token_hash) WHERE token_hash <> ''",
    """CREATE TABLE settings (
        name TEXT PRIMARY KEY, contest_id TEXT NOT NULL DEFAULT '', value TEXT NOT NULL
    ) STRICT""",
)

_PROBLEMS = (
    """CREATE TABLE packages (
        version TEXT PRIMARY KEY,
        contest_id TEXT NOT NULL REFERENCES contests (contest_id),
        short_name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('unchecked', 'ready', 'refused')),
        manifest TEXT NOT NULL CHECK (json_valid(manifest)),
        statement_html TEXT NOT NULL,
        samples TEXT NOT NULL CHECK (json_valid(samples)),
        created_ms INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE problems (
        contest_id TEXT NOT NULL REFERENCES contests (contest_id),
        id TEXT NOT NULL CHECK (id <> ''),
        ordinal INTEGER NOT NULL,
        label TEXT NOT NULL, title TEXT NOT NULL, rgb TEXT NOT NULL, color TEXT NOT NULL,
        package_version TEXT NOT NULL,
        cpu_seconds REAL NOT NULL CHECK (cpu_seconds > 0),
        memory_bytes INTEGER NOT NULL CHECK (memory_bytes > 0),
        output_bytes INTEGER NOT NULL CHECK (output_bytes > 0),
        test_count INTEGER NOT NULL CHECK (test_count >= 0),
        languages TEXT NOT NULL CHECK (json_valid(languages)),
        PRIMARY KEY (contest_id, id)
    ) STRICT""",
    "CREATE INDEX problems_contest ON problems (contest_id, ordinal)",
)

_SUBMISSIONS = (
    """CREATE TABLE submissions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        contest_id TEXT NOT NULL REFERENCES contests (contest_id),
        account_id TEXT NOT NULL, team_id TEXT,
        problem_id TEXT NOT NULL,
        language TEXT NOT NULL, entry_point TEXT NOT NULL,
        arrived INTEGER NOT NULL,
        late_commit INTEGER NOT NULL CHECK (late_commit IN (0, 1)),
        FOREIGN KEY (contest_id, problem_id) REFERENCES problems (contest_id, id)
    ) STRICT""",
    "CREATE INDEX submissions_contest ON submissions (contest_id, id)",
    "CREATE INDEX submissions_team ON submissions (team_id, id)",
    "CREATE INDEX submissions_account ON submissions (account_id, arrived)",
    """CREATE TABLE sources (
        submission_id INTEGER NOT NULL REFERENCES submissions (id),
        contest_id TEXT NOT NULL,
        position INTEGER NOT NULL, name TEXT NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (submission_id, position)
    ) STRICT""",
    """CREATE TABLE idempotency (
        account_id TEXT NOT NULL, idempotency_key TEXT NOT NULL CHECK (idempotency_key <> ''),
        contest_id TEXT NOT NULL, digest TEXT NOT NULL,
        submission_id INTEGER NOT NULL REFERENCES submissions (id),
        PRIMARY KEY (account_id, idempotency_key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE judgements (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        contest_id TEXT NOT NULL,
        submission_id INTEGER NOT NULL REFERENCES submissions (id),
        package_version TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'done', 'desk')),
        valid INTEGER NOT NULL CHECK (valid IN (0, 1)),
        verdict TEXT CHECK (verdict IN ('AC', 'WA', 'TLE', 'MLE', 'OLE', 'RTE', 'CE', 'NO', 'JE')),
        test_count INTEGER NOT NULL, tests_passed INTEGER NOT NULL,
        cpu_seconds REAL NOT NULL, memory_bytes INTEGER NOT NULL,
        compile_output TEXT NOT NULL, attempt INTEGER NOT NULL CHECK (attempt >= 0),
        score_millionths INTEGER, started INTEGER, ended INTEGER, failing_test INTEGER
    ) STRICT""",
    "CREATE INDEX judgements_submission ON judgements (submission_id)",
    "CREATE UNIQUE INDEX judgements_valid ON judgements (submission_id) WHERE valid = 1",
    """CREATE TABLE runs (
        ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
        contest_id TEXT NOT NULL,
        judgement_id INTEGER NOT NULL REFERENCES judgements (id),
        number INTEGER NOT NULL CHECK (number > 0),
        attempt INTEGER NOT NULL, counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
        at_ms INTEGER NOT NULL,
        verdict TEXT NOT NULL, cpu_seconds REAL NOT NULL, wall_seconds REAL NOT NULL, memory_bytes INTEGER NOT NULL,
        body TEXT NOT NULL CHECK (json_valid(body))
    ) STRICT""",
    "CREATE INDEX runs_judgement ON runs (judgement_id, number)",
    "CREATE UNIQUE INDEX runs_counted ON runs (judgement_id, number) WHERE counted = 1",
)

_TASKS = (
    """CREATE TABLE tasks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        contest_id TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('judge', 'package', 'measure', 'custom', 'selftest')),
        judgement_id INTEGER REFERENCES judgements (id),
        payload TEXT NOT NULL CHECK (json_valid(payload)),
        state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'done', 'desk')),
        attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
        vanished INTEGER NOT NULL DEFAULT 0 CHECK (vanished >= 0),
        faulted TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(faulted)),
        alone INTEGER NOT NULL DEFAULT 0 CHECK (alone IN (0, 1)),
        needs_memory_bytes INTEGER NOT NULL,
        language TEXT NOT NULL, queued INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX tasks_waiting ON tasks (id) WHERE state = 'queued'",
    "CREATE INDEX tasks_judgement ON tasks (judgement_id)",
    """CREATE TABLE leases (
        id TEXT PRIMARY KEY,
        contest_id TEXT NOT NULL,
        task_id INTEGER NOT NULL UNIQUE REFERENCES tasks (id),
        node_id TEXT NOT NULL, attempt INTEGER NOT NULL,
        deadline INTEGER NOT NULL, granted INTEGER NOT NULL
    ) STRICT""",
)

_LOG = (
    """CREATE TABLE events (
        seq INTEGER PRIMARY KEY CHECK (seq > 0),
        contest_id TEXT NOT NULL, kind TEXT NOT NULL, at_ms INTEGER NOT NULL,
        payload BLOB NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT""",
    """CREATE TRIGGER events_stand BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END""",
    """CREATE TRIGGER events_stay BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END""",
    """CREATE TABLE heads (
        ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
        contest_id TEXT NOT NULL DEFAULT '',
        seq INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32),
        at_ms INTEGER NOT NULL, signature BLOB NOT NULL
    ) STRICT""",
)

_EVIDENCE = (
    """CREATE TABLE ended_leases (
        id TEXT PRIMARY KEY,
        contest_id TEXT NOT NULL,
        task_id INTEGER NOT NULL REFERENCES tasks (id),
        node_id TEXT NOT NULL, attempt INTEGER NOT NULL,
        deadline INTEGER NOT NULL, granted INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE outputs (
        judgement_id INTEGER NOT NULL REFERENCES judgements (id),
        number INTEGER NOT NULL CHECK (number >= 0),
        attempt INTEGER NOT NULL,
        contest_id TEXT NOT NULL,
        sha256 TEXT NOT NULL, size INTEGER NOT NULL CHECK (size >= 0), note TEXT NOT NULL,
        PRIMARY KEY (judgement_id, number, attempt)
    ) STRICT, WITHOUT ROWID""",
)

_SPANS = (
    """CREATE TABLE leases_of_spans (
        id TEXT PRIMARY KEY,
        contest_id TEXT NOT NULL,
        task_id INTEGER NOT NULL REFERENCES tasks (id),
        node_id TEXT NOT NULL, attempt INTEGER NOT NULL,
        deadline INTEGER NOT NULL, granted INTEGER NOT NULL,
        first_test INTEGER NOT NULL DEFAULT 1 CHECK (first_test > 0),
        last_test INTEGER NOT NULL DEFAULT 1000000 CHECK (last_test >= first_test)
    ) STRICT""",
    "INSERT INTO leases_of_spans (id, contest_id, task_id, node_id, attempt, deadline, granted)"
    " SELECT id, contest_id, task_id, node_id, attempt, deadline, granted FROM leases",
    "DROP TABLE leases",
    "ALTER TABLE leases_of_spans RENAME TO leases",
    "CREATE INDEX leases_task ON leases (task_id)",
)


def _migrations() -> Migrations:
    migrations = Migrations("contestbox")

    @migrations(name="0001_first")
    def first(db: Database) -> None:
        for statement in (*_PEOPLE, *_PROBLEMS, *_SUBMISSIONS, *_TASKS, *_LOG):
            db.execute(statement)

    @migrations(name="0002_evidence")
    def evidence(db: Database) -> None:
        for statement in _EVIDENCE:
            db.execute(statement)

    @migrations(name="0003_grades")
    def grades(db: Database) -> None:
        db.execute("ALTER TABLE judgements ADD COLUMN grades TEXT NOT NULL DEFAULT ''")

    @migrations(name="0004_trials")
    def trials(db: Database) -> None:
        # The kinds of the first shape are fixed by its CHECK, and tasks are pointed at: a mark beside the kind costs no copying.
        db.execute("ALTER TABLE tasks ADD COLUMN trial INTEGER NOT NULL DEFAULT 0 CHECK (trial IN (0, 1))")

    @migrations(name="0005_spans")
    def spans(db: Database) -> None:
        # The first shape lets a task have one lease, by a UNIQUE column, which only a new table is rid of.
        for statement in _SPANS:
            db.execute(statement)

    return migrations


def migrate(connection: sqlite3.Connection) -> None:
    """Brings a database to the newest shape. Call before anybody else has it open: sqlite-utils begins plain transactions.

    Raises Fault("storage", …), with nothing changed, when a newer program has shaped it: what that meant is not known here.
    """
    migrations, database = _migrations(), Database(connection)
    with closing(sqlite3.connect(":memory:")) as empty:
        ours = {one.name for one in migrations.pending(Database(empty))}
    newer = [one.name for one in migrations.applied(database) if one.name not in ours]
    if newer:
        raise Fault(
            "storage",
            f"This contest was written by a newer Contestbox (it knows {newer[-1]}): serve it with that version or a newer one.",
        )
    migrations.apply(database)
