"""The node port's handlers: who is heard, what is served, how long a request waits."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from clocks import FakeClock

from app.adapters.disk.blobs import DiskBlobs
from app.core.ids import SubmissionId
from app.core.verdict import Verdict
from app.ports.blobs import Blobs
from app.services.machines import hash_token
from app.wire.judge_v1 import TaskGrant
from unit.app.services.world import Machine, World
from web.gate.exchange import GateRequest, GateResponse
from web.gate.nodes import MAX_BLOB, NodePort, body_limit
from web.gate.waits import Hub

TOKEN = "the machine's token"
_FREE = {"free_slots": 1, "free_memory_bytes": 1 << 34}


class Port:
    """The node port over a world of services, asked as a paired machine."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.machine: Machine = world.machine()
        self.machine.node = _with_token(world, self.machine)
        self.blobs: Blobs = world.blobs
        self._readers = ThreadPoolExecutor(2)

    def ask(
        self,
        name: str,
        message: dict[str, Any] | None = None,
        *,
        method: str = "POST",
        token: str = TOKEN,
        body: bytes | None = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        meanwhile: Callable[[Hub], Awaitable[None]] | None = None,
        wait_seconds: float = 0.0,
    ) -> GateResponse:
        """One request; `meanwhile` runs once it waits."""
        request = GateRequest(
            method,
            f"/judge/v1/{name}",
            query or {},
            {"authorization": f"Bearer {token}", **(headers or {})} if token else dict(headers or {}),
            json.dumps(message or {}).encode() if body is None else body,
            "10.0.0.5",
        )

        async def exchange() -> GateResponse:
            hub = Hub(self.world.bell)
            hub.open()
            services = self.world.services
            port = NodePort(
                machines=services.machines, dispatch=services.dispatch, reports=services.report, blobs=self.blobs,
                bell=self.world.bell, wait_for=hub.wait_for, readers=self._readers, jitter=lambda low, high: wait_seconds,
            )  # fmt: skip
            asked = asyncio.create_task(port.handle(request))
            if meanwhile is not None:
                await meanwhile(hub)
            answer = await asked
            hub.close()
            return answer

        return asyncio.run(exchange())

    def close(self) -> None:
        self._readers.shutdown()


def _with_token(world: World, machine: Machine) -> Any:
    """Gives the machine a token that the test knows."""
    from dataclasses import replace

    node = replace(machine.node, token_hash=hash_token(TOKEN))
    world.store.write(lambda tx: tx.put_node(node)).result(5)
    world.services.machines._remember(node)
    return node


@pytest.fixture
def port(running: World) -> Iterator[Port]:
    made = Port(running)
    yield made
    made.close()


@pytest.fixture
def running(clock: FakeClock) -> Iterator[World]:
    world = World(clock)
    world.contest()
    yield world
    world.services.accounts.close()
    world.store.close()


def lent(port: Port) -> TaskGrant:
    """A submission, lent to the machine over its port."""
    problem = port.world.problem()
    port.world.submit(port.world.team("ada"), problem.id)
    answer = port.ask("lease", _FREE)
    assert answer.status == 200
    return TaskGrant.model_validate_json(answer.body)


def test_only_paired_machines_are_heard(port: Port) -> None:
    """Without a token, with a wrong one, or unpaired: 401 on everything but joining, in JSON."""
    for token in ("", "wrong"):
        for name in (
            "hello",
            "lease",
            "renew",
            "report",
            "finish",
            "give_back",
            "fault",
            "nothing",
            "blobs/" + "0" * 64,
        ):
            answer = port.ask(name, _FREE, token=token)
            assert answer.status == 401
            assert json.loads(answer.body)["code"] == 401
    port.world.services.machines.unpair(port.machine.id).result(5)
    assert port.ask("lease", _FREE).status == 401


@pytest.mark.parametrize(
    ("name", "method", "body", "status"),
    [
        ("nothing", "POST", b"{}", 404),
        ("lease", "GET", b"", 405),
        ("join", "GET", b"", 405),
        ("join", "POST", b"x" * 20_000, 413),
        ("lease", "POST", b"{", 422),
        ("lease", "POST", b'{"free_slots": 1, "free_memory_bytes": 1, "newer": 2}', 422),
        ("lease", "POST", b'{"free_slots": -1, "free_memory_bytes": 1}', 422),
        ("blobs/short", "GET", b"", 404),
        ("blobs/" + "Z" * 64, "GET", b"", 404),
        ("blobs/" + "0" * 64, "DELETE", b"", 405),
    ],
)
def test_what_is_not_the_protocol_gets_a_sentence(port: Port, name: str, method: str, body: bytes, status: int) -> None:
    """Unknown addresses, methods and fields are refused by name, never a crash."""
    answer = port.ask(name, method=method, body=body)
    assert answer.status == status
    assert json.loads(answer.body)["message"]


def test_request_for_work_waits_until_there_is_some(port: Port) -> None:
    """A machine that asks while nothing waits gets the submission that arrives meanwhile at once."""
    problem, ada = port.world.problem(), port.world.team("ada")

    async def arrive(hub: Hub) -> None:
        while hub.waiting == 0:
            await asyncio.sleep(0)
        port.world.submit(ada, problem.id)

    answer = port.ask("lease", _FREE, meanwhile=arrive, wait_seconds=20)
    assert answer.status == 200
    assert TaskGrant.model_validate_json(answer.body).language == "python3"


def test_request_for_work_ends_with_nothing(port: Port) -> None:
    """After its time, and at once when the server stops, the answer is 204."""
    assert port.ask("lease", _FREE, wait_seconds=0.05).status == 204

    async def stop(hub: Hub) -> None:
        while hub.waiting == 0:
            await asyncio.sleep(0)
        hub.close()

    assert port.ask("lease", _FREE, meanwhile=stop, wait_seconds=20).status == 204


def test_blob_is_served_under_the_lease_that_names_it(port: Port) -> None:
    """Whole or from an offset on; under another lease, or once the task is done, it does not exist."""
    grant = lent(port)
    test = grant.tests[0]
    whole = port.ask(f"blobs/{test.input}", method="GET", query={"lease": grant.lease_id})
    assert (whole.status, hashlib.sha256(whole.body).hexdigest()) == (200, test.input)
    rest = port.ask(f"blobs/{test.input}", method="GET", query={"lease": grant.lease_id}, headers={"range": "bytes=2-"})
    assert (rest.status, rest.body) == (206, whole.body[2:])
    assert dict(rest.headers)["content-range"] == f"bytes 2-{test.input_size - 1}/{test.input_size}"
    for odd in ("bytes=-2", "bytes=0-1", f"bytes={test.input_size}-", "lines=1-"):
        answer = port.ask(f"blobs/{test.input}", method="GET", query={"lease": grant.lease_id}, headers={"range": odd})
        assert (answer.status, answer.body) == (200, whole.body)
    assert port.ask(f"blobs/{test.input}", method="GET").status == 404
    assert port.ask("give_back", {"lease_id": grant.lease_id, "reason": "x"}).status == 204
    assert port.ask(f"blobs/{test.input}", method="GET", query={"lease": grant.lease_id}).status == 404


def test_outputs_are_taken_up_to_eight_mebibytes_a_judgement(port: Port) -> None:
    """A machine gives outputs under its lease, with their hash, and not without end."""
    grant = lent(port)

    def put(data: bytes, digest: str = "", lease: str = grant.lease_id) -> int:
        name = digest or hashlib.sha256(data).hexdigest()
        return port.ask(f"blobs/{name}", method="PUT", body=data, query={"lease": lease}).status

    assert put(b"hello") == 204
    assert port.world.blobs.size(hashlib.sha256(b"hello").hexdigest()) == 5  # type: ignore[arg-type]
    assert put(b"hello", "0" * 64) == 422
    assert put(b"hello", lease="other") == 404
    half = MAX_BLOB // 2
    assert [put(b"a" * half), put(b"a" * half), put(b"b" * half)] == [204, 204, 413], "said again it costs nothing"
    assert body_limit("PUT") == MAX_BLOB


def test_full_disk_costs_outputs_and_no_verdict(port: Port, tmp_path: Path, expected_warnings: list[str]) -> None:
    """Outputs are refused with a word of their own while the reserve lasts, and where the disk itself refuses; verdicts go on."""
    grant, data = lent(port), b"long " * 4000
    digest = hashlib.sha256(data).hexdigest()

    def put() -> tuple[int, str]:
        answer = port.ask(f"blobs/{digest}", method="PUT", body=data, query={"lease": grant.lease_id})
        return answer.status, json.loads(answer.body)["message"] if answer.body else ""

    port.blobs = DiskBlobs.open_folder(tmp_path / "little", free_bytes=lambda: 1 << 20)
    assert put() == (507, "The server's disk is nearly full, so no outputs are kept.")
    gone = tmp_path / "gone"
    port.blobs = DiskBlobs.open_folder(gone)
    (gone / "incoming").rmdir()
    expected_warnings.append("an output was not kept")
    assert put()[0] == 507
    runs = [
        {"number": n, "test": f"t{n}", "verdict": "AC", "cpu_seconds": 0.1, "wall_seconds": 0.1, "memory_bytes": 1}
        for n in range(1, len(grant.tests) + 1)
    ]
    finish = {
        "lease_id": grant.lease_id, "attempt": grant.attempt, "compile": {"ok": True}, "runs": runs,
        "output_blobs": {"1": digest}, "output_notes": {"2": "no room"},
    }  # fmt: skip
    assert json.loads(port.ask("finish", finish).body) == {"accepted": True, "cancel": False, "last": None}
    detail = port.world.services.submissions.admin_detail(SubmissionId(grant.submission_id))
    assert detail.row.verdict == "AC"
    assert [one.output_note for one in detail.runs[:2]] == [
        "The machine named an output that it has not sent.",
        "no room",
    ]


def test_whole_judgement_over_the_port(port: Port) -> None:
    """Renewed, reported, finished: the messages reach the services."""
    grant = lent(port)
    renewed = json.loads(port.ask("renew", {"lease_ids": [grant.lease_id, "other"]}).body)
    assert renewed == {"extended": [grant.lease_id], "cancelled": ["other"], "last": {}}
    report = {"lease_id": grant.lease_id, "attempt": 1, "phase": "compiling"}
    assert json.loads(port.ask("report", report).body) == {"accepted": True, "cancel": False, "last": None}
    run = {"number": 1, "test": "x", "verdict": "WA", "cpu_seconds": 0.1, "wall_seconds": 0.1, "memory_bytes": 5}
    finish = {"lease_id": grant.lease_id, "attempt": 1, "compile": {"ok": True}, "runs": [run]}
    for _ in range(2):
        assert json.loads(port.ask("finish", finish).body)["accepted"] is True
    assert json.loads(port.ask("report", report).body) == {"accepted": True, "cancel": False, "last": None}


def test_waiting_wish_ends_when_an_own_task_does(port: Port) -> None:
    """A machine with two slots asks while one of them works; when that one is done, its wish, which knows too little memory, ends."""
    grant = lent(port)

    async def end_it(hub: Hub) -> None:
        while not hub.waiting:
            await asyncio.sleep(0.005)
        port.machine.finish(grant, [Verdict.WA])

    began = time.monotonic()
    assert port.ask("lease", _FREE, meanwhile=end_it, wait_seconds=20).status == 204
    assert time.monotonic() - began < 5


def test_lost_test_is_told_apart_from_a_lost_lease(port: Port) -> None:
    """410 says that the server has lost the bytes: the machine reports a fault instead of giving the task back for ever."""
    grant = lent(port)
    digest = grant.tests[0].input
    del port.world.blobs._bytes[digest]
    assert port.ask(f"blobs/{digest}", method="GET", query={"lease": grant.lease_id}).status == 410
    assert port.ask(f"blobs/{digest}", method="GET", query={"lease": "another"}).status == 404
