"""What every group of statements shares: a connection, and how JSON columns are written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

Row = tuple[Any, ...]
_AT_ONCE = (256, 128, 64, 48, 32, 24, *range(16, 0, -1))
"""Two or three of these make up any lot; few sizes, so that the statements stay prepared."""


class Rows:
    """Statements on one connection. Reading groups work on any connection, writing ones inside the writer's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, *values: object) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def _gathered(self, columns: str, rest: str, *values: object) -> list[Row]:
        """All rows as `_all`, of a SELECT whose columns are no bytes, in one step. A result's every row gives the interpreter away once,
        and the writer would have to ask for it back as often."""
        row = self._one(f"SELECT json_group_array(json_array({columns})) {rest}", *values)
        return [] if row is None else [tuple(one) for one in json.loads(row[0])]

    def _one(self, sql: str, *values: object) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def _insert(self, into: str, rows: Sequence[Row]) -> None:
        """Adds many rows by few statements. `into` is one of this package's own texts, as `table (columns)`.

        Each statement gives the interpreter away once while it works, whatever it holds: row by row a busy thread beside would be
        waited for as often.
        """
        place = 0
        while place < len(rows):
            size = next(size for size in _AT_ONCE if place + size <= len(rows))
            some = rows[place : place + size]
            self._connection.execute(_many(into, len(some[0]), size), [value for row in some for value in row])
            place += size

    def _do(self, sql: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

    def _last_number(self, table: str) -> int:
        """The highest number that a table with rising ids has given out; who writes alone may go on from it."""
        row = self._one("SELECT seq FROM sqlite_sequence WHERE name = ?", table)
        return 0 if row is None else int(row[0])


@lru_cache(maxsize=64)
def _many(into: str, columns: int, rows: int) -> str:
    marks = f"({', '.join('?' * columns)})"
    return f"INSERT INTO {into} VALUES {', '.join([marks] * rows)}"  # noqa: S608 - own constants


def upsert(table: str, key: str, columns: Sequence[str]) -> str:
    """INSERT that becomes an UPDATE of the same row where the key is known (its columns with commas between). Names are this package's
    own constants; the values are the key's, then the columns'."""
    every = (*key.split(", "), *columns)
    marks = ", ".join("?" for _ in every)
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns)
    return f"INSERT INTO {table} ({', '.join(every)}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {changes}"  # noqa: S608


def to_json(value: object) -> str:
    """Compact JSON for a column."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
