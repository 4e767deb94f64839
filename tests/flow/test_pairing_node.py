"""A real judge node against a real node port: paired by its letters, judging in the sandbox, unpaired, stopped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from gate_house import CONTEST, House, open_house
from gate_pages import EchoPages
from running import JUDGE, Process, until

from app.core.ids import NodeId, SubmissionId
from app.core.judgement import Judgement, State
from app.lan import membership
from app.lan.announce import Announcer
from app.lan.interfaces import LOOPBACK
from app.lan.pki import open_authority
from app.ports.leases import Task
from app.ports.store import NodeRecord
from app.server.ticker import Beat, Ticker
from app.services.machines import hash_token
from flow.cable import Cable

pytestmark = pytest.mark.root

PROBLEM = Path(__file__).resolve().parents[2] / "problems" / "crates"
GOOD = (PROBLEM / "submissions" / "accepted" / "crates.c").read_text()
HANG = "int main(void) { for (volatile long n = 0;; n++) { } }\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A contest with one real problem, and the server's pulse."""
    opened = open_house(tmp_path, EchoPages().app)
    opened.services.problems.import_package(CONTEST, PROBLEM, label="A", problem_id="crates")
    ticker = Ticker("pulse", [Beat("leases", 0.5, opened.services.dispatch.tick)], time.monotonic)
    ticker.start()
    yield opened
    ticker.stop()
    opened.close()


class Node:
    """`contestbox-judge run` as its owner starts it."""

    def __init__(self, house: House, folder: Path, name: str, *, told_where: bool = True) -> None:
        self._house = house
        self.folder = folder
        argv = [*JUDGE, "run", "--verbose", "--data", str(folder)]
        if told_where:
            argv += ["--server", f"https://127.0.0.1:{house.ports.nodes}"]
        self.process = Process([*argv, "--name", name, "--slots", "1"], folder.with_suffix(".err"))
        self.name = name

    def log(self) -> str:
        """What it wrote to stderr."""
        return self.folder.with_suffix(".err").read_text()

    def code(self, number: int = 1) -> str:
        """The letters that it showed at its n-th pairing."""
        lines = until("letters on the screen", 240, lambda: self._shown(number))
        return str(lines[number - 1].split()[2])

    def _shown(self, number: int) -> list[str]:
        found = [line for line in self.process.lines if line.startswith("pairing code ")]
        return found if len(found) >= number else []

    def approve(self, number: int = 1) -> None:
        """The organiser compares and approves."""
        code = self.code(number)
        pending = until("the same letters in the console", 10, lambda: [
            one for one in self._house.services.machines.pending() if one.name == self.name
        ])  # fmt: skip
        self._house.services.machines.approve(pending[0].request_id, code).result(10)

    def ready(self) -> None:
        until("a ready node", 240, lambda: "ready" in self.process.lines)


def submit(house: House, code: str, language: str = "c") -> SubmissionId:
    with house.client("team1") as team:
        body = {"problem_id": "crates", "language": language, "code": code}
        answer = team.post("/api/v1/submissions", json=body)
    assert answer.status_code == 202, answer.text
    return SubmissionId(int(answer.json()["submission_id"].removeprefix("sub_")))


def judgement(house: House, submission_id: SubmissionId) -> Judgement:
    with house.services.store.read() as view:
        return view.judgements(submission_id)[-1]


def verdict(house: House, submission_id: SubmissionId, seconds: float = 30) -> str:
    done = until("a verdict", seconds, lambda: (one := judgement(house, submission_id)).state is State.DONE and one)
    return str(done.verdict.value)


def test_life_of_a_node(house: House, tmp_path: Path) -> None:
    """It shows its letters, is let in, judges, is unpaired and asks again with nothing left of the contest, stops cleanly, and after a
    restart works without asking."""
    node = Node(house, tmp_path / "node", "lab-1")
    try:
        node.approve()
        node.ready()
        assert verdict(house, submit(house, GOOD)) == "AC"
        assert verdict(house, submit(house, "int main(void) { return x; }")) == "CE"
        machine = house.services.machines.list()[0]
        assert (machine.judged, machine.state) == (2, "ready")
        assert psutil.Process(node.process.pid).memory_info().rss < 60_000_000
        assert any((node.folder / "cache").iterdir())
        house.services.machines.unpair(machine.id).result(10)
        assert node.code(2) != node.code(1)
        assert not any((node.folder / "cache").iterdir())
        node.approve(2)
        until("ready again", 30, lambda: node.process.lines.count("ready") == 2)
    finally:
        assert node.process.stop() == 0
    again = Node(house, tmp_path / "node", "lab-1")
    try:
        again.ready()
        assert verdict(house, submit(house, GOOD)) == "AC"
        assert not any("pairing" in line for line in again.process.lines)
    finally:
        assert again.process.stop() == 0


def test_node_that_is_stopped_gives_its_work_back(house: House, tmp_path: Path) -> None:
    """SIGTERM in the middle of a run: the lease is given back and the process ends within seconds, leaving no process or folder."""
    node = Node(house, tmp_path / "node", "lab-1")
    try:
        node.approve()
        node.ready()
        submission = submit(house, HANG)
        until("the run", 20, lambda: (progress(house, submission) or "") == "running")
        began = time.monotonic()
        assert node.process.stop() == 0
        assert time.monotonic() - began < 5
        task = task_of(house, submission)
        assert (judgement(house, submission).state, task.vanished) == (State.QUEUED, 0)
        assert list((node.folder / "jobs").iterdir()) == []
    finally:
        node.process.stop()


@pytest.mark.full
def test_server_that_moved_is_found_again(house: House, tmp_path: Path) -> None:
    """The laptop came back with another address: the machine hears it by mDNS, knows it by its certificate, and asks nobody."""
    folder = tmp_path / "node"
    folder.mkdir()
    authority = open_authority(house.folder / "secrets")
    token = "a token of an earlier day"
    node = NodeRecord(NodeId("n1"), "lab-1", "approved", hash_token(token), {}, "", 0)
    house.services.machines._remember(house.services.store.write(lambda tx: (tx.put_node(node), node)[1]).result(5))
    membership.save(
        folder / "server.json",
        membership.Membership("https://127.0.0.1:9", authority.server_id, "n1", token, authority.pem),
    )
    assert house.ports.nodes is not None
    announcer = Announcer(authority.server_id, house.ports.nodes)
    announcer.announce([LOOPBACK])
    moved = Node(house, folder, "lab-1", told_where=False)
    try:
        moved.ready()
        known = membership.load(folder / "server.json")
        assert known is not None
        assert known.url == f"https://127.0.0.1:{house.ports.nodes}"
        assert not any("pairing" in line for line in moved.process.lines)
    finally:
        moved.process.stop()
        announcer.close()


@pytest.mark.full
def test_false_announcement_does_not_keep_a_machine_away(house: House, tmp_path: Path) -> None:
    """While the server is away somebody announces its id from a place where nobody is: the machine looks there, and then at home again."""
    folder = tmp_path / "node"
    folder.mkdir()
    authority = open_authority(house.folder / "secrets")
    token = "a token of another day"
    node = NodeRecord(NodeId("n2"), "lab-2", "approved", hash_token(token), {}, "", 0)
    house.services.machines._remember(house.services.store.write(lambda tx: (tx.put_node(node), node)[1]).result(5))
    assert house.ports.nodes is not None
    cable = Cable(house.ports.nodes)
    cable.unplug()
    home = f"https://127.0.0.1:{cable.port}"
    membership.save(
        folder / "server.json", membership.Membership(home, authority.server_id, "n2", token, authority.pem)
    )
    announcer = Announcer(authority.server_id, 9)
    announcer.announce([LOOPBACK])
    machine = Node(house, folder, "lab-2", told_where=False)
    try:
        until("a look at the false place", 60, lambda: "may be at https://127.0.0.1:9" in machine.log())
        cable.plug()
        machine.ready()
        known = membership.load(folder / "server.json")
        assert known is not None
        assert known.url == home, "only a server that proved who it is has moved"
    finally:
        machine.process.stop()
        announcer.close()
        cable.close()


def progress(house: House, submission_id: SubmissionId) -> str | None:
    found = house.services.report.progress(judgement(house, submission_id).id)
    return found.phase if found is not None else None


def task_of(house: House, submission_id: SubmissionId) -> Task:
    with house.services.store.read() as view:
        task = view.leases.task_of(judgement(house, submission_id).id)
    assert task is not None
    return task


def test_lost_test_data_comes_to_the_desk(house: House, tmp_path: Path, expected_warnings: list[str]) -> None:
    """The server's disk has lost a test: the submission is not handed back and forth for ever, a person hears what to do."""
    expected_warnings.append("lost a test of this problem")
    node = Node(house, tmp_path / "node", "lab-1")
    try:
        # Before the machine comes: it fetches the tests to check the package, and would judge from its own copy.
        with house.services.store.read() as view:
            manifest = view.package(view.problems(CONTEST)[0].package_version).manifest  # type: ignore[union-attr]
        lost = house.services.problems._blobs.path(manifest["tests"][0]["input"]["sha256"])
        assert lost is not None
        lost.unlink()
        node.approve()
        node.ready()
        submission = submit(house, GOOD)
        until("the organiser's desk", 60, lambda: judgement(house, submission).state is State.DESK)
        item = next(one for one in house.services.desk.items() if one.kind == "judging_error")
        assert "import the problem again" in item.detail
        with house.client("team1") as team:
            shown = team.get(f"/api/v1/submissions/sub_{submission}").json()
        assert (shown["status"], shown["verdict"]) == ("PENDING", None)
    finally:
        assert node.process.stop() == 0
