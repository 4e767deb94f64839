"""Logging by category: a readable view on stderr and JSON lines in the data folder. Never source code, passwords or tokens."""

from __future__ import annotations

import json
import logging
import logging.handlers
import sys
from pathlib import Path


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "category": record.name,
            "text": record.getMessage(),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


class _Plain(logging.Formatter):
    """For people: one line; how it came about stands in the log file."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.name}: {record.getMessage()}"
        error = record.exc_info[1] if record.exc_info else None
        return line if error is None else f"{line}: {type(error).__name__}: {error} (details in the log file)"


def set_up(folder: Path, name: str, *, quiet: bool) -> None:
    """Logs of a process: `folder`/NAME.log with rotation (5 x 10 MB), warnings (or everything unless quiet) on stderr."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    lines = logging.handlers.RotatingFileHandler(
        folder / f"{name}.log", maxBytes=10_000_000, backupCount=5, encoding="utf-8"
    )
    lines.setFormatter(_JsonLines())
    screen = logging.StreamHandler(sys.stderr)
    screen.setLevel(logging.WARNING if quiet else logging.INFO)
    screen.setFormatter(_Plain())
    root.handlers[:] = [lines, screen]
    for chatty in ("aiohttp.access", "granian.access", "_granian", "waitress.queue", "httpx", "httpx2", "httpcore2"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
