"""The signed log: heads by the server's Ed25519 key, checking the whole chain, and the log in words (DESIGN 8).

A head is (seq, hash) of the newest event. Signed ones are kept in the store and handed to nodes and consoles, so whoever cuts or
rewrites the log later has to explain them. The signature covers a fixed prefix, the number and the hash.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.core.clock import Clock, iso
from app.core.contest import Contest, Phase
from app.core.events import GENESIS, chain, stored_heading
from app.core.ids import ContestId, NodeId, ProblemId, SubmissionId, TeamId
from app.ports.store import SignedHead, Store, Transaction, View
from app.services.contest_book import ContestBook
from app.services.log_sentences import Names, sentence_of
from app.wire.admin_v1 import LogLine

_LOG = logging.getLogger("contestbox.audit")
_PREFIX = b"contestbox head 1\0"
_EVERY_SECONDS = 55.0
_BATCH = 2000
_HEADS = 100_000


class Audit:
    """Signs and checks. Safe from any thread; `tick` from one ticker only. `private_key` is Ed25519's 32 raw bytes."""

    def __init__(self, *, store: Store, clock: Clock, book: ContestBook, private_key: bytes) -> None:
        self._store = store
        self._clock = clock
        self._book = book
        self._key = Ed25519PrivateKey.from_private_bytes(private_key)
        self._signed_at: float | None = None

    @property
    def public_key(self) -> bytes:
        """The raw 32 bytes with which anybody can check a head."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def tick(self) -> None:
        """Signs the head, when called each minute or more often, about once a minute."""
        now = self._clock.monotonic_seconds()
        if self._signed_at is None or now - self._signed_at >= _EVERY_SECONDS:
            self._signed_at = now
            self.sign_head()

    def phase_changed(self, contest: Contest, phase: Phase) -> None:
        """Signs at freeze, end and finalisation; a listener for Control.on_phase_change."""
        if phase in (Phase.FROZEN, Phase.OVER, Phase.FINAL):
            self.sign_head()

    def sign_head(self) -> Future[SignedHead | None]:
        """Signs the newest entry and keeps the signature; gives None for an empty log. The same head is signed once."""

        def work(tx: Transaction) -> SignedHead | None:
            seq, digest = tx.last_event()
            if seq == 0:
                return None
            newest = tx.heads(1)
            if newest and newest[0].seq == seq and newest[0].hash == digest:
                return newest[0]
            head = SignedHead(seq, digest, self._clock.now(), self._key.sign(signed_bytes(seq, digest)))
            tx.put_head(head)
            return head

        signed = self._store.write(work)
        signed.add_done_callback(_complain)
        return signed

    def newest_head(self) -> SignedHead | None:
        """The last signed head, for nodes and consoles."""
        with self._store.read() as view:
            return next(iter(view.heads(1)), None)

    def verify(self) -> Sequence[str]:
        """Checks this server's log; see `verify`."""
        return verify(self._store, self.public_key)

    def log_lines(self, after: int, limit: int) -> Sequence[LogLine]:
        """Entries after a number in words a person can read, oldest first, at most 500."""
        with self._store.read() as view:
            events = view.events_after(after, max(1, min(limit, 500)))
            names = _BookNames(self._book, view, ContestId(""))
            return [
                LogLine(
                    seq=event.seq,
                    at=iso(event.at),
                    kind=event.kind.value,
                    sentence=sentence_of(event, names.of(event.contest_id)),
                    data=dict(event.data),
                )
                for event in events
            ]


def _complain(signed: Future[SignedHead | None]) -> None:
    """A head that could not be signed is tried again within a minute, but not in silence."""
    reason = signed.exception()
    if reason is not None:
        _LOG.warning("the log's head could not be signed: %s", reason)


def signed_bytes(seq: int, digest: bytes) -> bytes:
    """What a head's signature covers."""
    return _PREFIX + seq.to_bytes(8, "big") + digest


def verify(store: Store, public_key: bytes, progress: Callable[[int], None] = lambda _: None) -> Sequence[str]:
    """Checks the chain and every signed head; gives one sentence for each thing found, none when all is well.

    `progress` is told the number of the last entry checked. The head's hash must be that of the entry with its number.
    """
    key = Ed25519PublicKey.from_public_bytes(public_key)
    with store.read() as view:
        heads = {head.seq: head for head in view.heads(_HEADS)}
        last, found = _check_chain(view, heads, progress)
    for head in heads.values():
        if head.seq > last and not found:
            found.append(f"The log ends at entry {last}, but entry {head.seq} was signed: entries were cut off.")
        try:
            key.verify(head.signature, signed_bytes(head.seq, head.hash))
        except InvalidSignature:
            found.append(f"The signature of entry {head.seq} is not from this server's key.")
    return found


def _check_chain(view: View, heads: dict[int, SignedHead], progress: Callable[[int], None]) -> tuple[int, list[str]]:
    previous, last, found = GENESIS, 0, list[str]()
    while events := view.events_after(last, _BATCH):
        for event in events:
            if event.seq != last + 1:
                return last, [f"After entry {last} comes entry {event.seq}: entries are missing."]
            if chain(previous, event.seq, event.payload) != event.hash:
                return last, [f"Entry {event.seq} does not follow from the one before: it, or its order, was changed."]
            if stored_heading(event.payload) != (event.contest_id, event.kind.value, event.at):
                found.append(f"Entry {event.seq} is kept under another contest, kind or time than it was written with.")
            head = heads.get(event.seq)
            if head is not None and head.hash != event.hash:
                found.append(f"Entry {event.seq} is not the one that was signed.")
            previous, last = event.hash, event.seq
        progress(last)
    return last, found


class _BookNames(Names):
    """Names for the log's sentences, from the book and one view."""

    def __init__(self, book: ContestBook, view: View, contest_id: ContestId) -> None:
        self._book = book
        self._view = view
        self._contest_id = contest_id

    def of(self, contest_id: ContestId) -> _BookNames:
        """The names of one contest."""
        return self if contest_id == self._contest_id else _BookNames(self._book, self._view, contest_id)

    def team(self, team_id: str | None) -> str:
        team = self._book.team(TeamId(team_id)) if team_id is not None else None
        return team.name if team is not None else (team_id or "the jury")

    def problem(self, problem_id: str) -> str:
        problem = self._book.problem(self._contest_id, ProblemId(problem_id))
        return problem.label if problem is not None else problem_id

    def machine(self, node_id: str) -> str:
        node = self._view.node(NodeId(node_id))
        return node.name if node is not None else f"machine {node_id}"

    def submission(self, submission_id: int) -> str:
        submission = self._view.submission(SubmissionId(submission_id))
        if submission is None:
            return f"submission {submission_id}"
        problem = self.of(submission.contest_id).problem(submission.problem_id)
        return f"submission {submission_id} ({problem}, {self.team(submission.team_id)})"
