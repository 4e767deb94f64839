"""Whole outputs of a judgement's runs, kept on this machine until the server has them (DESIGN 6).

Theory of operation. Each report carries the first 8 KiB of a run's stdout. Where that is all, nothing more is needed. A longer one, or
one that is no text, is kept whole for samples and for the first test that fails: its file, which is ours and which no guest has open any
more, is renamed and so not copied, and read in pieces when it is sent. The test that decides goes first, then the samples, together at most
8 MiB. Outputs are worth less than verdicts: what the server refuses, or what cannot be brought there in a few tries, becomes a note.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import Refusal
from app.core.judgement import Run
from app.core.verdict import Verdict
from app.lan.asking import LinkDown
from app.wire.judge_v1 import MAX_OUTPUT_BYTES, MAX_OUTPUTS
from judge_node.backoff import Backoff

log = logging.getLogger("contestbox.judge.outputs")

_TRIES = 6
_TOO_MUCH = "Only 8 MiB of a judgement's outputs are kept; this one did not fit."
_NOT_SENT = "The machine could not bring this output to the server."

Put = Callable[[str, Path], None]
"""Gives the server a file's bytes by their hash. LinkDown or the server's Refusal."""


@dataclass(frozen=True, slots=True)
class _Kept:
    number: int
    path: Path
    size: int


class Outputs:
    """One judgement's outputs. Belongs to the thread that judges; `folder` is the job's, removed by its owner."""

    def __init__(self, folder: Path, samples: frozenset[int]) -> None:
        self._folder = folder
        self._samples = samples
        self._deciding: _Kept | None = None
        self._kept: list[_Kept] = []
        self._failed = False
        self.blobs: dict[str, str] = {}
        """What the server has: test number to hash."""
        self.notes: dict[str, str] = {}
        """What it has not, and why."""

    def consider(self, run: Run, stdout: Path) -> None:
        """Keeps the output of a run that has just ended, where it is worth keeping; its file is taken then."""
        decides = run.verdict is not Verdict.AC and not self._failed
        self._failed = self._failed or decides
        if not decides and run.number not in self._samples:
            return
        if run.whole_stdout is not None or run.stdout_bytes is None:
            return
        try:
            size = stdout.stat().st_size
        except FileNotFoundError:
            return
        if size == 0 or (size < run.stdout_bytes and size <= len(run.stdout_head.encode())):
            return  # a dialogue: its file holds no more than the head
        held = sum(one.size for one in self._kept)
        if (
            size > MAX_OUTPUT_BYTES
            or (not decides and held + size > MAX_OUTPUT_BYTES)
            or len(self._kept) >= MAX_OUTPUTS
        ):
            self._note(run.number, _TOO_MUCH)
            return
        kept = _Kept(run.number, self._folder / f"output-{run.number}", size)
        os.rename(stdout, kept.path)
        if decides:
            self._deciding = kept
        else:
            self._kept.append(kept)

    def send(self, put: Put, stop: threading.Event) -> None:
        """Brings everything to the server, or notes why not. A few seconds at most where nobody answers; ends early by `stop`."""
        room = MAX_OUTPUT_BYTES
        for one in (*([self._deciding] if self._deciding is not None else []), *self._kept):
            if one.size > room:
                self._note(one.number, _TOO_MUCH)
                continue
            with one.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            refused = _bring(put, digest, one.path, stop)
            if refused:
                self._note(one.number, refused)
            else:
                room -= one.size
                self.blobs[str(one.number)] = digest
            one.path.unlink()

    def _note(self, number: int, sentence: str) -> None:
        if len(self.notes) < MAX_OUTPUTS:
            self.notes[str(number)] = sentence[:200]


def _bring(put: Put, digest: str, path: Path, stop: threading.Event) -> str:
    """Gives one blob; why it could not, "" where it could."""
    backoff = Backoff(cap_seconds=1.0)
    for _ in range(_TRIES):
        try:
            put(digest, path)
        except Refusal as refusal:
            log.info("an output is left out: %s", refusal.sentence)
            return refusal.sentence or _NOT_SENT
        except LinkDown as down:
            log.info("%s", down.sentence)
            if stop.wait(backoff.next_seconds()):
                break
        else:
            return ""
    return _NOT_SENT
