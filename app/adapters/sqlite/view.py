"""The groups of statements put together: what can be read, and what can be changed in the writer's transaction."""

from __future__ import annotations

import sqlite3

from app.adapters.sqlite.contests import ContestReads, ContestWrites
from app.adapters.sqlite.events import EventReads, EventWrites
from app.adapters.sqlite.judgements import JudgementReads, JudgementWrites
from app.adapters.sqlite.leases import SqliteLeases
from app.adapters.sqlite.people import PeopleReads, PeopleWrites
from app.adapters.sqlite.submissions import SqliteIntake, SubmissionReads


class SqliteView(PeopleReads, ContestReads, SubmissionReads, JudgementReads, EventReads):
    """ports/store View on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._intake = SqliteIntake(connection)
        self._leases = SqliteLeases(connection)

    @property
    def intake(self) -> SqliteIntake:
        return self._intake

    @property
    def leases(self) -> SqliteLeases:
        return self._leases


class SqliteTransaction(SqliteView, PeopleWrites, ContestWrites, JudgementWrites, EventWrites):
    """ports/store Transaction on the writer's connection."""
