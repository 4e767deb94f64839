"""Judge machines are let in by comparing letters, and the organiser keeps them in hand."""

from __future__ import annotations

import hashlib

import pytest
from clocks import FakeClock

from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import NodeId
from app.core.verdict import Verdict
from app.lan.pairing import pairing_code
from app.services.pairing_desk import MOST_PENDING
from app.wire.judge_v1 import JoinOpen, JoinRequest, RenewRequest
from unit.app.services.world import World

NONCE = bytes(range(32))


def knock(
    world: World, name: str = "lab-3", nonce: bytes = NONCE, address: str = "10.0.0.7", **facts: object
) -> tuple[str, str]:
    """A machine asks to join; (request id, the letters on its own screen)."""
    machines = world.services.machines
    request = JoinRequest(commitment=hashlib.sha256(nonce).hexdigest(), name=name, facts={"load": 0.5, **facts})
    challenge = machines.begin(request, address)
    machines.open(JoinOpen(request_id=challenge.request_id, node_nonce=nonce.hex()))
    return challenge.request_id, pairing_code(b"ca", nonce, bytes.fromhex(challenge.server_nonce))


def test_machine_is_let_in_by_its_own_letters(running: World) -> None:
    """The organiser approves the request that shows the machine's letters; the machine gets its token once and is known by it."""
    machines = running.services.machines
    request_id, code = knock(running)
    assert [(one.name, one.code) for one in machines.pending()] == [("lab-3", code)]
    assert machines.poll(request_id).state == "waiting"
    machine = machines.approve(request_id, code.lower()).result(5)
    told = machines.poll(request_id)
    assert (told.state, told.node_id) == ("approved", machine.id)
    assert machines.poll(request_id).state == "expired"
    node = machines.node_of_token(told.token)
    assert node is not None
    assert (node.id, node.name) == (machine.id, "lab-3")
    assert told.token not in repr(node), "the store holds a hash only"
    assert machines.node_of_token("") is None
    with running.store.read() as view:
        assert [e.data["state"] for e in view.events_after(0, 100) if e.kind is Kind.NODE] == ["approved"]


def test_a_machine_without_root_works_when_the_organiser_says_so(running: World) -> None:
    """A judge whose sandbox is weaker is let in paused, says why, and judges once it was resumed, also after its next hello."""
    machines = running.services.machines
    weaker = ["Memory is measured by sampling."]
    machine = machines.approve(*knock(running, weaker=weaker)).result(5)
    assert machine.state != "ready"
    assert not machines.may_work(NodeId(machine.id))
    node = machines.resume(NodeId(machine.id)).result(5)
    assert machines.may_work(NodeId(node.id))
    record = machines.node(NodeId(node.id))
    assert record is not None
    machines.learn_facts(record, {"load": 0.7, "weaker": weaker}, record.address)
    running.store.write(lambda tx: None).result(5)
    assert machines.may_work(NodeId(node.id)), "the organiser's yes stays"


@pytest.mark.parametrize("told", [["Programs keep groups."], "weaker", {"a": 1}, [["x"] * 3] * 1000])
def test_a_machine_that_turns_weaker_is_paused(running: World, told: object) -> None:
    """A judge that was let in with root and comes back without it gets no work, however it spells that."""
    machines = running.services.machines
    machine = machines.approve(*knock(running)).result(5)
    record = machines.node(NodeId(machine.id))
    assert record is not None
    assert record.state == "approved"
    machines.learn_facts(record, {"weaker": told}, record.address)
    assert not machines.may_work(NodeId(machine.id)), "at once"
    running.store.write(lambda tx: None).result(5)
    assert not machines.may_work(NodeId(machine.id))
    with running.store.read() as view:
        states = [e.data["state"] for e in view.events_after(0, 100) if e.kind is Kind.NODE]
    assert states == ["approved", "paused"]


def test_the_log_does_not_keep_the_table_of_attacks(running: World) -> None:
    """What stops which attack on a machine is shown to the organiser and is no part of the log."""
    machines = running.services.machines
    machine = machines.approve(*knock(running, attacks=[["fork bombs", "limits"]])).result(5)
    assert machine.facts["attacks"] == [["fork bombs", "limits"]]
    with running.store.read() as view:
        assert ["attacks" in e.data["facts"] for e in view.events_after(0, 100) if e.kind is Kind.NODE] == [False]


def test_other_letters_let_nobody_in(running: World) -> None:
    """Letters of another request, or half of them, are refused, and the request stays for the right ones."""
    machines = running.services.machines
    first, code = knock(running)
    second, _ = knock(running, "lab-4", bytes(32))
    for wrong in ("", code[:4], "AAAA-AAAA"):
        with pytest.raises(Refusal) as refused:
            machines.approve(first, wrong)
        assert refused.value.code == 422
    with pytest.raises(Refusal):
        machines.approve(second, code)
    assert machines.poll(first).state == "waiting"
    machines.approve(first, code).result(5)
    with pytest.raises(Refusal) as twice:
        machines.approve(first, code)
    assert twice.value.code == 409


def test_number_that_was_not_committed_to_ends_the_request(running: World) -> None:
    """Who changes the number after hearing the server's is thrown out, before any letters are shown."""
    machines = running.services.machines
    challenge = machines.begin(JoinRequest(commitment=hashlib.sha256(NONCE).hexdigest(), name="x"), "10.0.0.7")
    with pytest.raises(Refusal) as before:
        machines.approve(challenge.request_id, "")
    assert before.value.code == 409
    with pytest.raises(Refusal):
        machines.open(JoinOpen(request_id=challenge.request_id, node_nonce=bytes(32).hex()))
    assert machines.pending() == []
    assert machines.poll(challenge.request_id).state == "expired"


def test_requests_are_few_and_short_lived(running: World, clock: FakeClock) -> None:
    """Twenty machines may wait; one that was switched off disappears after a minute, one that goes on asking after five."""
    machines = running.services.machines
    asking, _ = knock(running)
    for number in range(MOST_PENDING - 1):
        knock(running, f"m{number}", bytes([number]) * 32, f"10.0.1.{number}")
    with pytest.raises(Refusal) as full:
        knock(running, "one too many")
    assert full.value.code == 503
    for _ in range(5):
        clock.forward(seconds=50)
        assert machines.poll(asking).state == "waiting"
    assert [one.request_id for one in machines.pending()] == [asking]
    clock.forward(seconds=51)
    assert machines.poll(asking).state == "expired"


def test_one_address_does_not_take_all_places(running: World) -> None:
    """Five requests from one machine of the LAN are enough; this machine itself may host many nodes."""
    for number in range(5):
        knock(running, f"m{number}", bytes([number]) * 32)
    with pytest.raises(Refusal):
        knock(running, "one more", bytes([9]) * 32)
    for number in range(10):
        knock(running, f"own{number}", bytes([10 + number]) * 32, "127.0.0.1")


def test_two_clicks_let_in_one_machine(running: World) -> None:
    """The organiser clicks twice before the first approval is on disk: one request never becomes two machines."""
    request_id, code = knock(running)
    machines = running.services.machines
    clicks: list[int] = []

    def second_click(_: frozenset[str]) -> None:
        with pytest.raises(Refusal) as refused:
            machines.approve(request_id, code)
        clicks.append(refused.value.code)

    unlisten = running.bell.listen(second_click)
    machines.approve(request_id, code).result(5)
    unlisten()
    assert set(clicks) == {409}
    assert len(machines.list()) == 1


def test_refused_machine_is_told(running: World) -> None:
    """A refusal reaches the machine, once."""
    request_id, _ = knock(running)
    running.services.machines.refuse(request_id)
    assert running.services.machines.pending() == []
    assert running.services.machines.poll(request_id).state == "refused"


def test_names_stay_apart(running: World) -> None:
    """Two machines of one name are told apart, and nobody takes another's name."""
    first, second = running.machine("lab"), running.machine("lab")
    machines = running.services.machines
    assert [one.name for one in machines.list()] == ["lab", "lab 2"]
    with pytest.raises(Refusal):
        machines.rename(second.id, "lab").result(5)
    machines.rename(first.id, "  front   desk ").result(5)
    assert [one.name for one in machines.list()] == ["front desk", "lab 2"]


def test_paused_machine_finishes_but_takes_nothing(running: World) -> None:
    """A paused machine ends what it holds and gets no more, until it is resumed."""
    problem, ada, machine = running.problem(), running.team("ada"), running.machine()
    machines = running.services.machines
    running.submit(ada, problem.id)
    grant = machine.take()
    assert grant is not None
    assert machines.list()[0].state == "judging"
    machines.pause(machine.id).result(5)
    running.submit(ada, problem.id, "print(2)")
    machine.node = machines.node(machine.id) or machine.node
    assert machine.take() is None
    machine.finish(grant, [Verdict.WA])
    assert machines.list()[0].state == "paused"
    machines.resume(machine.id).result(5)
    machine.node = machines.node(machine.id) or machine.node
    assert machine.take() is not None


def test_unpaired_machine_loses_token_and_work(running: World) -> None:
    """Unpairing gives its work to others at once, and its token opens nothing any more."""
    problem, ada = running.problem(), running.team("ada")
    first, other = running.machine("first"), running.machine("other")
    running.submit(ada, problem.id)
    grant = first.take()
    assert grant is not None
    token_hash = first.node.token_hash
    running.services.machines.unpair(first.id).result(5)
    assert [one.name for one in running.services.machines.list()] == ["other"]
    assert token_hash not in running.services.machines._by_token
    assert running.work.of_node(first.id) == ()
    again = other.take()
    assert again is not None
    assert (again.submission_id, again.attempt) == (grant.submission_id, 2)
    with pytest.raises(Refusal):
        running.services.machines.pause(first.id).result(5)


def test_console_sees_what_a_machine_does(running: World, clock: FakeClock) -> None:
    """Languages, slots, what it judges, its load, and that it fell silent."""
    problem, machine = running.problem(), running.machine("lab-1")
    running.submit(running.team("ada"), problem.id)
    grant = machine.take()
    assert grant is not None
    for _ in range(20):
        clock.forward(ms=500)
        running.services.dispatch.renew(machine.node, RenewRequest(lease_ids=[grant.lease_id])).result(5)
        running.services.dispatch.tick()
    seen = running.services.machines.list()[0]
    assert (seen.state, seen.slots, seen.busy) == ("judging", 4, 1)
    assert seen.doing[0].problem == problem.label
    assert {one["id"] for one in seen.languages} == set(running.languages)
    assert sum(seen.load) in range(8, 12), "one slot was busy for about ten seconds"
    clock.forward(seconds=31)
    assert running.services.machines.list()[0].state == "away"
