"""The node port: wire/judge_v1 as handlers without a framework.

Everything here runs on the gate's loop and so never touches a file or the database itself: what reads goes to the readers' executor, what
writes is a future of the store. A token is checked against memory on each request; joining needs none, is bounded by its small
body and by the pairing desk.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import Executor
from typing import Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from app.core.errors import Fault, Refusal
from app.core.ids import LeaseId, Sha256
from app.ports.bell import Bell
from app.ports.blobs import Blobs
from app.ports.store import NodeRecord
from app.services.dispatch import Dispatch
from app.services.live_work import work_topic
from app.services.machines import Machines
from app.services.report import Reports
from app.wire.judge_v1 import (
    MAX_BODY,
    MAX_OUTPUT_BYTES,
    FaultReport,
    Finish,
    GiveBack,
    Hello,
    JoinOpen,
    JoinPoll,
    JoinRequest,
    JoinResult,
    LeaseRequest,
    RenewRequest,
    Report,
    TaskGrant,
)
from web.gate.exchange import FilePart, GateRequest, GateResponse, json_response, refusal_response

log = logging.getLogger("contestbox.nodes")

PREFIX = "/judge/v1/"
MAX_BLOB = 8 * 1024 * 1024
_JOIN_BODY = 16 * 1024
_JOIN_SECONDS = 20.0
_LEASE_SECONDS = (20.0, 25.0)
_NOTHING = GateResponse(204, (("cache-control", "no-store"),))

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class WaitFor(Protocol):
    """`web.gate.waits.Hub.wait_for`: what is new on the topics after these counters; {} after the time or when the gate stops."""

    def __call__(
        self,
        topics: Iterable[str],
        after: Mapping[str, int],
        timeout: float,
        *,
        gone: asyncio.Future[None] | None = None,
        holds: Callable[[], bool] | None = None,
    ) -> Awaitable[dict[str, int]]: ...


class NodePort:
    """Answers every request below /judge/v1/."""

    def __init__(
        self,
        *,
        machines: Machines,
        dispatch: Dispatch,
        reports: Reports,
        blobs: Blobs,
        bell: Bell,
        wait_for: WaitFor,
        readers: Executor,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._machines = machines
        self._dispatch = dispatch
        self._reports = reports
        self._blobs = blobs
        self._bell = bell
        self._wait_for = wait_for
        self._readers = readers
        self._jitter = jitter
        self._open: dict[str, Callable[[GateRequest], Awaitable[GateResponse]]] = {
            "join": self._join,
            "join/open": self._join_open,
            "join/poll": self._join_poll,
        }
        self._paired: dict[str, Callable[[GateRequest, NodeRecord], Awaitable[GateResponse]]] = {
            "hello": self._hello,
            "lease": self._lease,
            "renew": self._renew,
            "report": self._report,
            "finish": self._finish,
            "give_back": self._give_back,
            "fault": self._fault,
        }

    async def handle(self, request: GateRequest) -> GateResponse:
        """One request; refusals become JSON error bodies, anything else is the gate's to answer with 500."""
        try:
            return await self._route(request)
        except Refusal as refusal:
            return refusal_response(refusal)

    async def _route(self, request: GateRequest) -> GateResponse:
        name = request.path.removeprefix(PREFIX)
        if name == request.path:
            raise Refusal(404, "There is nothing at this address.")
        if name in self._open:
            _require_post(request)
            if len(request.body) > _JOIN_BODY:
                raise Refusal(413, "A request to join is smaller than this.")
            return await self._open[name](request)
        node = self._node(request)
        folder, _, digest = name.partition("/")
        if folder == "blobs" and digest:
            return await self._blob(request, node, _digest(digest))
        handler = self._paired.get(name)
        if handler is None:
            raise Refusal(404, "There is nothing at this address.")
        _require_post(request)
        return await handler(request, node)

    def _node(self, request: GateRequest) -> NodeRecord:
        node = self._machines.node_of_token(request.bearer) if request.bearer else None
        if node is None:
            raise Refusal(401, "This machine is not paired with this server (any more); let it ask to join.")
        return node

    async def _join(self, request: GateRequest) -> GateResponse:
        return json_response(200, self._machines.begin(_parse(JoinRequest, request), request.address))

    async def _join_open(self, request: GateRequest) -> GateResponse:
        return json_response(200, self._machines.open(_parse(JoinOpen, request)))

    async def _join_poll(self, request: GateRequest) -> GateResponse:
        request_id = _parse(JoinPoll, request).request_id
        ends = asyncio.get_running_loop().time() + _JOIN_SECONDS
        while True:
            after = {"desk": self._bell.counter("desk")}
            # An approval is told once: not to somebody who has hung up meanwhile.
            if request.gone is not None and request.gone().done():
                return json_response(200, JoinResult(state="waiting"))
            result = self._machines.poll(request_id)
            left = ends - asyncio.get_running_loop().time()
            if result.state != "waiting" or left <= 0 or not await self._wait(("desk",), after, left, request):
                return json_response(200, result)

    async def _hello(self, request: GateRequest, node: NodeRecord) -> GateResponse:
        hello = _parse(Hello, request)
        return json_response(200, await self._read(lambda: self._dispatch.hello(node, hello, request.address)))

    async def _lease(self, request: GateRequest, node: NodeRecord) -> GateResponse:
        wish = _parse(LeaseRequest, request)
        ends = asyncio.get_running_loop().time() + self._jitter(*_LEASE_SECONDS)
        own = work_topic(node.id)
        finished = self._bell.counter(own)
        while True:
            after = {"tasks": self._bell.counter("tasks"), own: finished}
            # A task for somebody who has hung up would only wait for its lease to expire.
            if request.gone is not None and request.gone().done():
                return _NOTHING
            node = self._node(request)
            grant = await self._ask(node, wish)
            if grant is not None:
                return json_response(200, grant)
            left = ends - asyncio.get_running_loop().time()
            news = await self._wait(("tasks", own), after, left, request) if left > 0 else {}
            if not news or own in news:
                # After a task of its own ended the machine has more memory than this wish says: it asks anew.
                return _NOTHING

    async def _ask(self, node: NodeRecord, wish: LeaseRequest) -> TaskGrant | None:
        future = await self._read(lambda: self._dispatch.lease(node, wish))
        return await asyncio.wrap_future(future)

    async def _wait(
        self, topics: tuple[str, ...], after: Mapping[str, int], seconds: float, request: GateRequest
    ) -> dict[str, int]:
        gone = request.gone() if request.gone is not None else None
        return await self._wait_for(topics, after, seconds, gone=gone)

    async def _renew(self, request: GateRequest, node: NodeRecord) -> GateResponse:
        answer = await asyncio.wrap_future(self._dispatch.renew(node, _parse(RenewRequest, request)))
        return json_response(200, answer)

    async def _report(self, request: GateRequest, node: NodeRecord) -> GateResponse:
        answer = await asyncio.wrap_future(self._reports.take(node, _parse(Report, request)))
        return json_response(200, answer)

    async def _finish(self, request: GateRequest, node: NodeRecord) -> GateResponse:
        answer = await asyncio.wrap_future(self._reports.finish(node, _parse(Finish, request)))
        return json_response(200, answer)

    async def _give_back(self, request: GateRequest, node: NodeRecord) -> GateResponse:
        await asyncio.wrap_future(self._dispatch.give_back(node, _parse(GiveBack, request)))
        return _NOTHING

    async def _fault(self, request: GateRequest, node: NodeRecord) -> GateResponse:
        await asyncio.wrap_future(self._dispatch.fault(node, _parse(FaultReport, request)))
        return _NOTHING

    async def _blob(self, request: GateRequest, node: NodeRecord, digest: Sha256) -> GateResponse:
        lease_id = LeaseId(request.query.get("lease", ""))
        if request.method == "PUT":
            return await self._keep_blob(request, node, lease_id, digest)
        if request.method != "GET":
            raise Refusal(405, "A blob is read by GET and given by PUT.", fields={"allow": "GET, PUT"})
        if not self._dispatch.blob_allowed(node.id, lease_id, digest):
            raise Refusal(404, "No live task of this machine names this blob.")
        return await self._read(lambda: self._send(digest, request.headers.get("range", "")))

    async def _keep_blob(
        self, request: GateRequest, node: NodeRecord, lease_id: LeaseId, digest: Sha256
    ) -> GateResponse:
        if not self._dispatch.holds(node.id, lease_id):
            raise Refusal(404, "This machine holds no such lease.")
        await self._read(lambda: self._keep_output(lease_id, digest, request.body))
        return _NOTHING

    def _keep_output(self, lease_id: LeaseId, digest: Sha256, data: bytes) -> None:
        """A whole output of a run. Without room it is refused, and the machine goes on without."""
        if len(data) > MAX_BLOB or hashlib.sha256(data).hexdigest() != digest:
            raise Refusal(422, "The bytes do not have this hash.")
        if not self._blobs.has_room(len(data)):
            raise Refusal(507, "The server's disk is nearly full, so no outputs are kept.")
        if not self._dispatch.take_output(lease_id, digest, len(data), MAX_OUTPUT_BYTES):
            raise Refusal(413, "This judgement has given its 8 MiB of outputs already.")
        try:
            self._blobs.put(data)
        except Fault as fault:
            self._dispatch.drop_output(lease_id, digest)
            log.warning("an output was not kept: %s", fault.sentence)
            raise Refusal(507, "The server's disk could not keep this output.") from fault

    def _send(self, digest: Sha256, wanted: str) -> GateResponse:
        size = self._blobs.size(digest)
        if size is None:
            # Not 404: that means that the lease is over. This one is nobody's to judge.
            raise Refusal(410, "The server has lost a test of this problem; import the problem again.")
        offset = _range_start(wanted, size)
        headers: tuple[tuple[str, str], ...] = (
            ("content-type", "application/octet-stream"),
            ("cache-control", "no-store"),
            ("accept-ranges", "bytes"),
        )
        status = 200
        if offset:
            status, headers = 206, (*headers, ("content-range", f"bytes {offset}-{size - 1}/{size}"))
        path = self._blobs.path(digest)
        if path is not None:
            return GateResponse(status, headers, file=FilePart(path, offset, size - offset))
        with self._blobs.open(digest) as file:
            file.seek(offset)
            return GateResponse(status, headers, file.read())

    async def _read(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)


def body_limit(method: str) -> int:
    """The largest body of a request to the node port, in bytes."""
    return MAX_BLOB if method == "PUT" else MAX_BODY


def _require_post(request: GateRequest) -> None:
    if request.method != "POST":
        raise Refusal(405, "This address takes POST.", fields={"allow": "POST"})


def _parse(kind: type[M], request: GateRequest) -> M:
    try:
        return kind.model_validate_json(request.body)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise Refusal(422, f"The message is not one of protocol version 1: {place}: {first['msg']}.") from None


def _digest(text: str) -> Sha256:
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise Refusal(404, "A blob is named by 64 hexadecimal digits.")
    return Sha256(text)


def _range_start(wanted: str, size: int) -> int:
    """Where to begin for `bytes=N-`, the only range that nodes ask for (going on after a broken download); 0 for anything else."""
    start = wanted.removeprefix("bytes=").removesuffix("-")
    if wanted.startswith("bytes=") and start.isascii() and start.isdigit() and int(start) < size:
        return int(start)
    return 0
