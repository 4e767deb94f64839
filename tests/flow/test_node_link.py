"""The cable between judge machine and server is bad: downloads go on where they stopped, and what was judged counts once."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gate_house import CONTEST, House, open_house
from gate_pages import EchoPages

from app.core.events import Kind
from app.core.ids import JudgementId
from app.core.judgement import CompileResult, Run, State
from app.core.verdict import Verdict
from app.lan.asking import LinkDown
from app.lan.membership import Membership
from app.lan.pki import open_authority
from app.ports.store import NodeRecord
from app.services.machines import hash_token
from app.wire.judge_v1 import (
    LEASE_SECONDS,
    RENEW_SECONDS,
    GiveBack,
    Hello,
    LanguageOffer,
    LeaseRequest,
    RenewRequest,
    TaskGrant,
)
from flow.cable import Cable
from judge_node.cache import BlobCache
from judge_node.reporting import Outbox, Reporter
from judge_node.server_link import Endpoint, ServerLink

PACKAGE = """problem_format_version: 2025-09
name: Big
uuid: 11111111-2222-3333-4444-555555555555
limits:
  time_limit: 1.0
"""
BIG = b"".join(b"%d\n" % number for number in range(600_000))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A contest with a problem whose one test is large."""
    folder = tmp_path_factory.mktemp("house")
    package = folder / "big"
    (package / "data" / "secret").mkdir(parents=True)
    (package / "statement").mkdir()
    (package / "problem.yaml").write_text(PACKAGE)
    (package / "statement" / "problem.en.md").write_text("Count.\n")
    (package / "data" / "secret" / "1.in").write_bytes(BIG)
    (package / "data" / "secret" / "1.ans").write_bytes(b"600000\n")
    (package / "data" / "secret" / "2.in").write_bytes(b"1\n")
    (package / "data" / "secret" / "2.ans").write_bytes(b"1\n")
    opened = open_house(folder, EchoPages().app)
    opened.services.problems.import_package(CONTEST, package, problem_id="big")
    yield opened
    opened.close()


@pytest.fixture
def cable(house: House) -> Iterator[Cable]:
    assert house.ports.nodes is not None
    laid = Cable(house.ports.nodes)
    yield laid
    laid.close()


@pytest.fixture
def endpoint(house: House, cable: Cable) -> Endpoint:
    """A paired machine at the far end of the cable, that has said hello."""
    authority = open_authority(house.folder / "secrets")
    machines = house.services.machines
    node = NodeRecord("n1", "lab-1", "approved", hash_token("a token"), {}, "", 0)  # type: ignore[arg-type]
    machines._remember(house.services.store.write(lambda tx: (tx.put_node(node), node)[1]).result(5))
    url = f"https://127.0.0.1:{cable.port}"
    made = Endpoint(Membership(url, authority.server_id, "n1", "a token", authority.pem))
    link = ServerLink(made)
    offers = [LanguageOffer(id="python3", fingerprint="1")]
    link.hello(Hello(facts={}, slots=1, languages=offers, selftest_passed=True, free_memory_bytes=1 << 34))
    link.close()
    return made


def lent(house: House, endpoint: Endpoint) -> TaskGrant:
    """A submission of team1, lent to the machine."""
    with house.client("team1") as team:
        answer = team.post("/api/v1/submissions", json={"problem_id": "big", "language": "python3", "code": "print(1)"})
    assert answer.status_code == 202, answer.text
    link = ServerLink(endpoint)
    grant = link.lease(LeaseRequest(free_slots=1, free_memory_bytes=1 << 34))
    link.close()
    assert grant is not None
    return grant


def run(number: int, verdict: Verdict = Verdict.AC) -> Run:
    return Run(number, f"secret/{number}", verdict, 0.1, 0.2, 1000, exit_code=0)


def test_download_goes_on_where_it_stopped(house: House, cable: Cable, endpoint: Endpoint, tmp_path: Path) -> None:
    """Four megabytes over a cable that breaks every megabyte arrive whole, and no byte is fetched twice."""
    grant = lent(house, endpoint)
    digest = grant.tests[0].input
    assert digest == hashlib.sha256(BIG).hexdigest()
    cable.cut_after, cable.cuts_left = 1 << 20, 2
    link = ServerLink(endpoint)
    got = 0

    def fetch(one: str) -> Iterator[bytes]:
        nonlocal got
        for piece in link.whole_blob(one, grant.lease_id, threading.Event()):
            got += len(piece)
            yield piece

    with BlobCache(tmp_path, 1 << 30).hold({digest: len(BIG)}, fetch) as files:
        assert files[digest].read_bytes() == BIG
    assert (got, cable.cuts_left) == (len(BIG), 0)
    link.close()


def test_blob_of_no_task_of_ours_is_not_served(house: House, endpoint: Endpoint) -> None:
    """Test data is given out under a live lease of this machine only; afterwards it is a stranger's request."""
    grant = lent(house, endpoint)
    link = ServerLink(endpoint)
    digest = grant.tests[0].answer
    assert b"".join(link.blob(digest, grant.lease_id, 0)) == b"600000\n"
    assert b"".join(link.blob(digest, grant.lease_id, 3)) == b"000\n"
    for wrong in ((digest, "other"), ("0" * 64, grant.lease_id), (digest, "")):
        with pytest.raises(Exception, match="No live task"):
            b"".join(link.blob(*wrong, 0))
    link.close()


def test_reports_over_a_bad_cable_count_once(house: House, cable: Cable, endpoint: Endpoint) -> None:
    """The cable is out while a submission is judged: everything is told afterwards, in order, and counts once."""
    grant = lent(house, endpoint)
    over: list[Outbox] = []
    left = threading.Event()

    def on_over(box: Outbox) -> None:
        over.append(box)
        left.set()

    reporter = Reporter(ServerLink(endpoint), on_over, lambda: None)
    reporter.start()
    box = reporter.open(grant.lease_id, grant.attempt)
    reporter.phase(box, "compiling")
    cable.unplug()
    reporter.compiled(box, CompileResult(True))
    reporter.ran(box, run(1))
    reporter.ran(box, run(2, Verdict.WA))
    reporter.end(box)
    assert not left.wait(0.5)
    cable.plug()
    assert left.wait(20)
    reporter.close(5)
    with house.services.store.read() as view:
        judgement = view.judgement(JudgementId(grant.judgement_id))
        runs = view.runs(JudgementId(grant.judgement_id))
        verdicts = [
            event.data["verdict"]
            for event in view.events_after(0, 10_000)
            if event.kind is Kind.VERDICT and event.data["judgement_id"] == grant.judgement_id
        ]
    assert judgement is not None
    assert (judgement.state, judgement.verdict, verdicts) == (State.DONE, Verdict.WA, ["WA"])
    assert [(one.run.number, one.counted) for one in runs] == [(1, True), (2, True)]
    assert over == [box]
    assert not box.stop.is_set() or reporter.lease_ids() == []


def test_work_that_was_taken_away_is_stopped(house: House, endpoint: Endpoint) -> None:
    """The lease went to another machine: the next report says so and the job is stopped; when its worker has stopped too it leaves."""
    grant = lent(house, endpoint)
    left = threading.Event()
    reporter = Reporter(ServerLink(endpoint), lambda box: left.set(), lambda: None)
    reporter.start()
    box = reporter.open(grant.lease_id, grant.attempt + 1)
    reporter.ran(box, run(1))
    assert box.stop.wait(10)
    assert reporter.lease_ids() == []
    reporter.ran(box, run(2))
    reporter.end(box, GiveBack(lease_id=grant.lease_id, reason="The node stops."))
    assert left.wait(10)
    assert reporter.boxes() == []
    reporter.close(5)
    link = ServerLink(endpoint)
    assert link.renew(RenewRequest(lease_ids=[grant.lease_id, "other"])).cancelled == ["other"]
    link.close()


def test_silent_connection_does_not_cost_the_lease(house: House, cable: Cable, endpoint: Endpoint) -> None:
    """A connection dies without a word (the wireless went over to another access point): there is time to renew over a new one."""
    grant = lent(house, endpoint)
    link = ServerLink(endpoint)
    message = RenewRequest(lease_ids=[grant.lease_id])
    assert link.renew(message).extended == [grant.lease_id]
    cable.deaf.set()
    began = time.monotonic()
    with pytest.raises(LinkDown):
        link.renew(message)
    assert link.renew(message).extended == [grant.lease_id]
    assert time.monotonic() - began < LEASE_SECONDS - RENEW_SECONDS
    link.close()


def test_server_away_is_not_the_end(cable: Cable, endpoint: Endpoint) -> None:
    """Nobody answers: the machine learns that it is worth trying again."""
    cable.unplug()
    link = ServerLink(endpoint)
    with pytest.raises(LinkDown):
        link.renew(RenewRequest(lease_ids=["x"]))
    cable.plug()
    assert link.renew(RenewRequest(lease_ids=["x"])).cancelled == ["x"]
    link.close()
