"""What every group of statements shares: a connection, and how JSON columns are written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

Row = tuple[Any, ...]


class Rows:
    """Statements on one connection. Reading groups work on any connection, writing ones inside the writer's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _all(self, sql: str, *values: object) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: object) -> Row | None:
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def _do(self, sql: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)


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
