"""The event log's words: every kind of event, their canonical bytes and the hash chain (DESIGN 8).

Stored bytes are canonical JSON: sorted keys, no spaces, UTF-8, no floats. hash = SHA-256(previous hash ‖ seq as 8 bytes ‖
bytes), big-endian; the chain begins with 32 zero bytes. Checking never re-serialises.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.core.clock import Instant
from app.core.ids import ContestId

GENESIS = bytes(32)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_WHOLE = frozenset({str, int, bool, type(None)})
_NAMES = frozenset({str})


class Kind(StrEnum):
    """All kinds of events; the comment names the keys of the data. Times are milliseconds."""

    CONTEST = "contest"  # the contest's settings, whole: created or changed
    PROBLEM = (
        "problem"  # id label title rgb ordinal package_version test_count; trial, or cpu_limit_us where that changed
    )
    TEAM = "team"  # id name organization group hidden
    ACCOUNT = "account"  # id username role enabled (never a password)
    SUBMISSION = (
        "submission"  # id team_id|null account_id problem_id language arrived late_commit sources:[{name sha256 size}]
    )
    JUDGEMENT = "judgement"  # id submission_id package_version state attempt valid
    RUNS = "runs"  # judgement_id attempt node counted: [..] evidence: [..] (one batch; cpu_us, memory_bytes, verdict, number), late
    VERDICT = (
        "verdict"  # judgement_id submission_id verdict valid tests_passed cpu_us memory_bytes, of scoring problems
    )
    # also score_millionths groups: [{name verdict|null score_millionths most_millionths|null}]
    DESK = "desk"  # judgement_id reason
    DIFFERENCE = "difference"  # judgement_id submission_id tests: [{number counted node other other_node}]; number 0: the compiler
    NODE = "node"  # id name kind (node console) state (pending approved paused unpaired) facts
    LEASE = "lease"  # task_id judgement_id node attempt what (granted expired given_back faulted), of a part of the tests also
    # first last, and what (cut: the rest was lent; ended: it is run, or not needed any more)
    CLOCK = "clock"  # what (extended, paused, resumed, finalized, thawed) and its numbers
    SERVER = "server"  # what (started stopped clock_jumped) drift_ms
    SETTING = "setting"  # name value


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log. `data` is what was stored; `payload` the exact stored bytes."""

    seq: int
    contest_id: ContestId
    kind: Kind
    at: Instant
    data: Mapping[str, Any]
    payload: bytes
    hash: bytes


def canonical(data: Mapping[str, Any]) -> bytes:
    """Canonical JSON bytes. Raises TypeError for a float: the log holds integers only."""
    _is_plain(data)
    return _ENCODER.encode(data).encode()


def _is_plain(value: object) -> bool:
    """Whether JSON gives exactly this value back. Raises TypeError for a float anywhere in it."""
    kind = type(value)
    if kind in _WHOLE:
        return True
    if type(value) is dict and _WHOLE.issuperset(map(type, value.values())) and _NAMES.issuperset(map(type, value)):
        return True
    if isinstance(value, float):
        raise TypeError("an event holds no float; write integers with their unit in the name")
    if isinstance(value, (dict, Mapping)):
        plain = kind is dict
        for key, inner in value.items():
            plain = _is_plain(inner) and type(key) is str and plain
        return plain
    if isinstance(value, (list, tuple)):
        plain = kind is list
        for inner in value:
            plain = _is_plain(inner) and plain
        return plain
    return False


def payload_of(contest_id: ContestId, kind: Kind, at: Instant, data: Mapping[str, Any]) -> bytes:
    """The bytes that the log stores for an event."""
    return canonical({"at": at, "contest_id": contest_id, "data": data, "kind": kind.value})


def entry_of(
    contest_id: ContestId, kind: Kind, at: Instant, data: Mapping[str, Any]
) -> tuple[bytes, Mapping[str, Any]]:
    """The bytes that the log stores, and the data as they are read back; `data` itself where that is the same. Nobody changes it later."""
    plain = _is_plain(data)
    payload = _ENCODER.encode({"at": at, "contest_id": contest_id, "data": data, "kind": kind.value}).encode()
    return payload, data if plain else stored_data(payload)


def stored_data(payload: bytes) -> Mapping[str, Any]:
    """The data that an entry's stored bytes hold."""
    # Decoded first: the parser would only guess the encoding of every entry.
    data: Mapping[str, Any] = json.loads(payload.decode())["data"]
    return data


def stored_heading(payload: bytes) -> tuple[str, str, int]:
    """Contest, kind and moment as an entry's stored bytes hold them: what is kept beside the bytes must say the same."""
    entry = json.loads(payload.decode())
    return entry["contest_id"], entry["kind"], entry["at"]


def chain(previous: bytes, seq: int, payload: bytes) -> bytes:
    """The hash of the entry `seq` after `previous`."""
    return hashlib.sha256(previous + seq.to_bytes(8, "big") + payload).digest()


def first_break(entries: Iterable[tuple[int, bytes, bytes]], previous: bytes = GENESIS) -> int | None:
    """The seq of the first entry (seq, payload, hash) whose hash or number does not follow; None when the chain holds."""
    expected = None
    for seq, payload, digest in entries:
        if expected is not None and seq != expected:
            return seq
        if chain(previous, seq, payload) != digest:
            return seq
        previous, expected = digest, seq + 1
    return None
