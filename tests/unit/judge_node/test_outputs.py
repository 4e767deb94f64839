"""Whole outputs on the machine: which are kept, in which order they go, and that they never cost a verdict."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

from app.core.errors import Refusal
from app.core.judgement import Run
from app.core.verdict import Verdict
from app.lan.asking import LinkDown
from app.wire.judge_v1 import MAX_OUTPUT_BYTES
from judge_node.outputs import Outputs

NEVER = threading.Event()


def ran(outputs: Outputs, folder: Path, number: int, data: bytes, verdict: Verdict = Verdict.AC, more: int = 0) -> Path:
    """A run that printed this, of which `more` bytes were thrown away; where its stdout was."""
    file = folder / "stdout-0"
    file.write_bytes(data)
    head = data[:8192].decode("utf-8", "replace").replace("\0", "\ufffd")
    size = len(data) + more
    outputs.consider(Run(number, f"t{number}", verdict, 0.1, 0.1, 1, stdout_head=head, stdout_bytes=size), file)
    return file


class Shelf:
    """What the server has got."""

    def __init__(self, *troubles: Exception) -> None:
        self.got: list[bytes] = []
        self.tries = 0
        self._troubles = list(troubles)

    def put(self, digest: str, path: Path) -> None:
        self.tries += 1
        if self._troubles:
            raise self._troubles.pop(0)
        data = path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest
        self.got.append(data)


def test_long_outputs_of_samples_and_of_the_deciding_test(tmp_path: Path) -> None:
    """The deciding one goes first; secret tests that passed, later failures and what fits the report are not sent; no file is copied."""
    outputs, shelf = Outputs(tmp_path, frozenset({1, 2})), Shelf()
    sample, deciding = b"s" * 9000, b"\xff\n"
    assert not ran(outputs, tmp_path, 1, sample).exists()
    assert ran(outputs, tmp_path, 2, b"short\n").exists()
    assert ran(outputs, tmp_path, 3, b"p" * 9000).exists()
    assert not ran(outputs, tmp_path, 4, deciding, Verdict.WA).exists()
    assert ran(outputs, tmp_path, 5, b"l" * 9000, Verdict.RTE).exists()
    outputs.send(shelf.put, NEVER)
    assert shelf.got == [deciding, sample]
    assert outputs.blobs == {"4": hashlib.sha256(deciding).hexdigest(), "1": hashlib.sha256(sample).hexdigest()}
    assert outputs.notes == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stdout-0"]


def test_eight_mebibytes_and_the_deciding_one_first(tmp_path: Path) -> None:
    """Samples that print much leave room for the deciding test; what does not fit is a note."""
    outputs, shelf = Outputs(tmp_path, frozenset({1, 2})), Shelf()
    ran(outputs, tmp_path, 1, b"a" * (MAX_OUTPUT_BYTES // 2 + 1))
    ran(outputs, tmp_path, 2, b"b" * (MAX_OUTPUT_BYTES // 2))
    ran(outputs, tmp_path, 3, b"c" * (MAX_OUTPUT_BYTES // 2 + 1), Verdict.WA)
    outputs.send(shelf.put, NEVER)
    assert [data[:1] for data in shelf.got] == [b"c"]
    assert sorted(outputs.notes) == ["1", "2"]


def test_what_went_past_the_budget_is_kept_as_far_as_it_goes(tmp_path: Path) -> None:
    """A run over its output limit keeps what was kept; the beginning of a dialogue alone is in the report already."""
    outputs, shelf = Outputs(tmp_path, frozenset({1})), Shelf()
    ran(outputs, tmp_path, 1, b"d" * 8192, more=500)
    ran(outputs, tmp_path, 2, b"o" * 20_000, Verdict.OLE, more=500)
    outputs.send(shelf.put, NEVER)
    assert shelf.got == [b"o" * 20_000]


def test_refused_outputs_are_notes(tmp_path: Path) -> None:
    """The server's disk is full, or the cable is bad: a note each, after a few tries, and no error."""
    outputs = Outputs(tmp_path, frozenset({1, 2}))
    shelf = Shelf(Refusal(507, "The server's disk is nearly full."), LinkDown("gone"))
    ran(outputs, tmp_path, 1, b"a" * 9000)
    ran(outputs, tmp_path, 2, b"b" * 9000)
    outputs.send(shelf.put, NEVER)
    assert outputs.notes == {"1": "The server's disk is nearly full."}
    assert shelf.got == [b"b" * 9000]


def test_a_lost_lease_ends_the_sending(tmp_path: Path) -> None:
    """The job was taken away: nothing is tried for long."""
    outputs, shelf, stop = Outputs(tmp_path, frozenset({1})), Shelf(*[LinkDown("gone")] * 20), threading.Event()
    stop.set()
    ran(outputs, tmp_path, 1, b"a" * 9000)
    outputs.send(shelf.put, stop)
    assert (shelf.tries, list(outputs.notes)) == (1, ["1"])
