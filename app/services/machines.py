"""Judge machines: letting them in, naming, pausing and unpairing them, and what the console shows of each.

Node records live in the store and, for the gate's loop, in a table in memory that is changed only after a commit (in the writer's
thread). What a machine is doing and when it was heard is memory alone (Presence, LiveWork).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from app.core.clock import Clock, Instant
from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import ContestId, NodeId
from app.ports.bell import Bell
from app.ports.store import NodeRecord, Store, Transaction
from app.services import weaker
from app.services.futures import then
from app.services.live_work import LiveLease, LiveWork
from app.services.pairing_desk import Knock, PairingDesk
from app.services.presence import Presence, Present
from app.services.returned_tasks import after_giving_back
from app.wire.admin_v1 import Doing, Machine, PendingJoin
from app.wire.judge_v1 import JoinChallenge, JoinOpen, JoinRequest, JoinResult, JoinWaiting

SERVER_WIDE = ContestId("")
"""Machines belong to the server, not to one contest."""
_TOKEN_BYTES = 32


class Machines:
    """Everything about judge machines but their work. Any thread."""

    def __init__(
        self,
        *,
        store: Store,
        bell: Bell,
        clock: Clock,
        work: LiveWork,
        ca_der: bytes,
        ca_pem: str,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._work = work
        self._random_bytes = random_bytes
        self._desk = PairingDesk(clock, ca_der, ca_pem, random_bytes)
        self.presence = Presence(clock)
        self._lock = threading.Lock()
        self._consoles_seen: dict[NodeId, Instant] = {}
        with store.read() as view:
            self._nodes = {node.id: node for node in view.nodes()}
        self._by_token = {node.token_hash: node.id for node in self._nodes.values() if _is_paired(node)}

    def begin(self, request: JoinRequest, address: str) -> JoinChallenge:
        """A machine asks to join (Refusal 503 when too many wait)."""
        return self._desk.begin(request, address)

    def open(self, request: JoinOpen) -> JoinWaiting:
        """It opens its number; from now on the console shows its letters. Refusal(404, 422)."""
        expires = self._desk.open(request.request_id, bytes.fromhex(request.node_nonce))
        self._bell.ring(("desk",))
        return JoinWaiting(expires_in_seconds=expires)

    def poll(self, request_id: str) -> JoinResult:
        """What became of its request; `desk` rings when that changes."""
        return self._desk.poll(request_id)

    def pending(self) -> list[PendingJoin]:
        """The requests that wait for the organiser."""
        return self._desk.pending()

    def approve(self, request_id: str, code: str) -> Future[Machine]:
        """Lets in exactly this machine, whose letters were compared. Refusal(404, 409, 422)."""
        knock = self._desk.take(request_id, code)
        token = self._random_bytes(_TOKEN_BYTES).hex()
        node_id = NodeId(self._random_bytes(8).hex())

        def admit(tx: Transaction) -> NodeRecord:
            node = NodeRecord(
                id=node_id,
                name=_free_name(knock, [node.name for node in tx.nodes() if _is_paired(node)]),
                state=weaker.state_at_first(knock.facts) if knock.kind == "node" else "approved",
                token_hash=hash_token(token),
                facts=knock.facts,
                address=knock.address,
                created_ms=self._clock.now(),
                kind=knock.kind,
            )
            self._put(tx, node)
            return node

        def tell(node: NodeRecord) -> Machine:
            self._remember(node)
            self._desk.approve(request_id, node_id, token)
            self._bell.ring(("desk", "jury"))
            return self._machine(node)

        written = self._store.write(admit)
        written.add_done_callback(lambda done: self._desk.release(request_id) if done.exception() else None)
        return then(written, tell)

    def refuse(self, request_id: str) -> None:
        """Turns a machine away. Refusal(404) when it is gone."""
        self._desk.refuse(request_id)
        self._bell.ring(("desk",))

    def pause(self, node_id: NodeId) -> Future[Machine]:
        """No new work for this machine; what it holds it finishes."""
        return self._set(node_id, state="paused")

    def resume(self, node_id: NodeId) -> Future[Machine]:
        """Work again."""
        return self._set(node_id, state="approved")

    def rename(self, node_id: NodeId, name: str) -> Future[Machine]:
        """Another name. Refusal(422) for one that another machine has."""
        wanted = " ".join(name.split())

        def check(tx: Transaction) -> None:
            if not wanted or any(one.name == wanted and one.id != node_id for one in tx.nodes() if _is_paired(one)):
                raise Refusal(422, "Another machine has this name; choose a different one.", fields={"name": "taken"})

        return self._set(node_id, before=check, name=wanted)

    def unpair(self, node_id: NodeId) -> Future[Machine]:
        """Its token is worth nothing from now on; what it held goes to others."""
        return self._set(node_id, before=lambda tx: self._take_work_back(tx, node_id), state="unpaired", token_hash="")

    def list(self) -> list[Machine]:
        """All paired machines by name."""
        with self._lock:
            nodes = [node for node in self._nodes.values() if _is_paired(node)]
        return [self._machine(node) for node in sorted(nodes, key=lambda one: one.name)]

    def node_of_token(self, token: str) -> NodeRecord | None:
        """The paired judge machine behind a token, from memory; None for a console's token."""
        return self._of_token(token, "node")

    def console_of_token(self, token: str) -> NodeRecord | None:
        """The paired console behind a token, from memory; None for a judge machine's token."""
        return self._of_token(token, "console")

    def console_spoke(self, console_id: NodeId) -> None:
        """A console was heard now."""
        with self._lock:
            self._consoles_seen[console_id] = self._clock.now()

    def _of_token(self, token: str, kind: str) -> NodeRecord | None:
        digest = hash_token(token)
        with self._lock:
            node_id = self._by_token.get(digest)
            node = self._nodes.get(node_id) if node_id is not None else None
        if node is None or node.kind != kind or not hmac.compare_digest(node.token_hash, digest):
            return None
        return node

    def node(self, node_id: NodeId) -> NodeRecord | None:
        """A machine's record, from memory."""
        with self._lock:
            return self._nodes.get(node_id)

    def may_work(self, node_id: NodeId) -> bool:
        """Whether the organiser lets a machine judge: it is one, paired and not paused. From memory."""
        node = self.node(node_id)
        return node is not None and node.kind == "node" and node.state == "approved"

    def ready_count(self) -> int:
        """How many machines would take work now."""
        return sum(1 for machine in self.list() if machine.state in ("ready", "judging"))

    def ready(self) -> Sequence[NodeId]:
        """The judge machines that would take work now."""
        return [NodeId(one.id) for one in self.list() if one.state in ("ready", "judging") and one.kind == "node"]

    def learn_facts(self, node: NodeRecord, facts: dict[str, Any], address: str) -> None:
        """Keeps what a machine says of itself where it is new."""
        if (facts, address) != (node.facts, node.address):
            state = weaker.state_now(node.state, node.facts, facts) if node.kind == "node" else node.state
            if state != node.state:  # at once: it may ask for work before that is written
                with self._lock:
                    self._nodes[node.id] = replace(node, state=state)
            self._set(node.id, quiet=state == node.state, facts=facts, address=address, state=state)

    def _set(
        self,
        node_id: NodeId,
        *,
        before: Callable[[Transaction], None] | None = None,
        quiet: bool = False,
        **fields: Any,
    ) -> Future[Machine]:
        def change(tx: Transaction) -> NodeRecord:
            node = tx.node(node_id)
            if node is None or not _is_paired(node):
                raise Refusal(404, "There is no such machine any more.")
            if before is not None:
                before(tx)
            changed = replace(node, **fields)
            if quiet:
                tx.put_node(changed)
            elif changed != node:
                self._put(tx, changed)
            return changed

        def tell(node: NodeRecord) -> Machine:
            self._remember(node)
            self._bell.ring(("desk", "jury", "tasks"))
            return self._machine(node)

        return then(self._store.write(change), tell)

    def _put(self, tx: Transaction, node: NodeRecord) -> None:
        tx.put_node(node)
        data = {"id": node.id, "name": node.name, "kind": node.kind, "state": node.state, "facts": _told(node.facts)}
        tx.append_event(SERVER_WIDE, Kind.NODE, self._clock.now(), data)

    def _take_work_back(self, tx: Transaction, node_id: NodeId) -> None:
        for _, lease in tx.leases.live():
            held = tx.leases.lease(lease.id) if lease.node_id == node_id else None
            if held is not None:
                after_giving_back(tx, *held, self._clock.now())

    def _remember(self, node: NodeRecord) -> None:
        with self._lock:
            before = self._nodes.get(node.id)
            if before is not None:
                self._by_token.pop(before.token_hash, None)
            self._nodes[node.id] = node
            if _is_paired(node):
                self._by_token[node.token_hash] = node.id
            if not _is_paired(node):
                self._consoles_seen.pop(node.id, None)
        if not _is_paired(node):
            self.presence.forget(node.id)
            self._work.end_all(lease.lease_id for lease in self._work.of_node(node.id))

    def _machine(self, node: NodeRecord) -> Machine:
        present = self.presence.of(node.id)
        leases = self._work.of_node(node.id)
        judges = node.kind == "node" or not _is_paired(node)
        state, sentence = self._state(node, present, len(leases)) if judges else _console_state(node)
        now = self._clock.now()
        return Machine(
            id=node.id,
            name=node.name,
            state=state,
            state_sentence=sentence,
            address=node.address,
            slots=present.hello.slots if present else 0,
            busy=len(leases),
            doing=[self._doing(lease, (now - lease.granted) / 1000) for lease in leases],
            facts=node.facts,
            languages=[{"id": one.id, "fingerprint": one.fingerprint} for one in present.hello.languages]
            if present
            else [],
            seen_ms=present.seen if present else self._consoles_seen.get(node.id),
            judged=present.judged if present else 0,
            kind=node.kind,
            load=self.presence.load(node.id),
        )

    def _doing(self, lease: LiveLease, seconds: float) -> Doing:
        progress = self._work.progress(lease.judgement_id)
        return Doing(
            submission_id=lease.submission_id,
            problem=lease.problem,
            phase=progress.phase if progress else "fetching",
            test=progress.test if progress else 0,
            tests=lease.tests,
            seconds=round(seconds, 1),
            kind=lease.kind,
        )

    def _state(self, node: NodeRecord, present: Present | None, busy: int) -> tuple[str, str]:
        if not _is_paired(node):
            return "unpaired", "It was unpaired and gets no work."
        if present is None:
            return "away", "It was not heard since the server started."
        if not self.presence.is_here(present):
            silent = (self._clock.now() - present.seen) // 1000
            told = f" {present.held}" if present.held else ""
            return "away", f"It was last heard {silent} s ago; look whether it is switched on and connected.{told}"
        if node.state == "paused":
            return "paused", weaker.sentence_of(node.facts) or "You paused it; it gets no new work."
        if present.held:
            return "held", f"{present.held} It works again when its self-test passes."
        return ("judging", "It is judging.") if busy else ("ready", "It waits for work.")


def hash_token(token: str) -> str:
    """SHA-256 hex of a token: all that the store keeps."""
    return hashlib.sha256(token.encode()).hexdigest()


def _is_paired(node: NodeRecord) -> bool:
    return node.state != "unpaired"


def _console_state(node: NodeRecord) -> tuple[str, str]:
    if node.state == "paused":
        return "paused", "You paused it; it shows nothing and commands nothing."
    return "console", "A console: whoever signs in there as an admin commands this contest."


def _free_name(knock: Knock, taken: list[str]) -> str:
    name, number = knock.name, 1
    while name in taken:
        number += 1
        name = f"{knock.name} {number}"
    return name


def _told(facts: dict[str, Any]) -> Any:
    """What the log keeps of a machine's facts: not its long table of attacks and layers."""
    return _whole({name: value for name, value in facts.items() if name != "attacks"})


def _whole(value: Any) -> Any:
    """The same facts without floats, which an event does not hold."""
    if isinstance(value, float):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return value
