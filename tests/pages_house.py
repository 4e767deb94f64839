"""The pages over real services in memory: a contest with two teams, a juror, two sample problems and a judge machine played by the test."""

from __future__ import annotations

import html
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

import flask
from clocks import FakeClock
from flask.testing import FlaskClient
from gate_house import build_services
from werkzeug.test import TestResponse

from app.core.contest import Contest
from app.core.ids import ContestId, NodeId, TeamId
from app.core.people import Account, Role, Team
from app.languages.loader import load_languages
from app.ports.store import NodeRecord, Transaction
from app.services.catalog import Services
from app.wire.judge_v1 import CompileReport, Finish, Hello, LanguageOffer, LeaseRequest, Report, RunReport
from web.factory import create_app

ROOT = Path(__file__).resolve().parents[1]
CONTEST = ContestId("spring")
SECRET = "secret of this start"
SAME_ORIGIN = {"Origin": "http://localhost"}
_HOUR = 3600_000
_GIB = 1 << 30


@dataclass
class PagesHouse:
    """Services, the Flask application and people with their cookies."""

    clock: FakeClock
    services: Services
    app: flask.Flask
    people: dict[str, Account]
    node: NodeRecord

    def client(self, username: str = "") -> FlaskClient:
        """A browser behind the gate, signed in as this person; as nobody for ""."""
        client = self.app.test_client()
        client.environ_base["HTTP_X_CONTESTBOX_SECRET"] = SECRET
        if username:
            password = self.services.accounts.password_of(self.people[username])
            signed_in = self.services.accounts.sign_in(username, password, "127.0.0.1").result(5)
            client.set_cookie(self.services.accounts.cookie_name, signed_in.token)
        return client

    def start(self) -> None:
        """The contest starts now; its clock moves on by a minute."""
        self.services.control.start(None).result(5)
        self.clock.forward(minutes=1)
        self.settle()

    def settle(self) -> None:
        """What the ticker does: the boards catch up."""
        self.clock.forward(seconds=1)
        self.services.control.tick()
        self.services.standings.tick()

    def judge(self, verdict: str = "AC", *, compiles: str = "") -> None:
        """The machine takes the oldest task and finishes it: all tests pass, or the first one ends as `verdict`."""
        grant = self.services.dispatch.lease(self.node, LeaseRequest(free_slots=1, free_memory_bytes=16 * _GIB)).result(
            5
        )
        assert grant is not None
        lease_id, attempt = grant.lease_id, grant.attempt
        if compiles:
            finish = Finish(lease_id=lease_id, attempt=attempt, compile=CompileReport(ok=False, output=compiles))
        else:
            tests = grant.tests if verdict == "AC" else grant.tests[:1]
            runs = [_run(test.number, test.name, verdict) for test in tests]
            finish = Finish(lease_id=lease_id, attempt=attempt, compile=CompileReport(ok=True), runs=runs)
        assert self.services.report.finish(self.node, finish).result(5).accepted
        self.settle()

    def compile_and_run(self, passed: int) -> None:
        """The machine takes the oldest task and passes the first tests, without an end."""
        grant = self.services.dispatch.lease(self.node, LeaseRequest(free_slots=1, free_memory_bytes=16 * _GIB)).result(
            5
        )
        assert grant is not None
        runs = [_run(test.number, test.name, "AC") for test in grant.tests[:passed]]
        report = Report(
            lease_id=grant.lease_id, attempt=grant.attempt, phase="running", compile=CompileReport(ok=True), runs=runs
        )
        self.services.report.take(self.node, report).result(5)

    def close(self) -> None:
        self.services.accounts.close()
        self.services.store.close()


def submit_code(client: FlaskClient, problem: str, language: str, code: str, **more: str) -> TestResponse:
    """Sends the submit form with pasted code."""
    data = {"key": secrets.token_hex(8), "problem": problem, "language": language, "code": code, **more}
    return client.post("/submit", data=data, headers=SAME_ORIGIN)


def text_of(response: TestResponse) -> str:
    """The words of a page, tags gone and blanks joined."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))))


def build_house(clock: FakeClock, folder: Path) -> PagesHouse:
    """A contest that has not begun, with problems imported from the samples."""
    services, _ = build_services(clock, folder)
    control, accounts = services.control, services.accounts
    control.create(Contest(CONTEST, "Spring Regional", None, 5 * _HOUR, _HOUR)).result(5)
    teams = {"otters": "Greedy Otters", "compilers": "Los Compiladores"}

    def people(tx: Transaction) -> dict[str, Account]:
        found = {}
        for username, name in teams.items():
            team = control.add_team(tx, Team(TeamId(username), CONTEST, name, "Uni Norte"))
            found[username] = accounts.create(tx, CONTEST, username, Role.TEAM, team.id)
        found["moreau"] = accounts.create(tx, ContestId(""), "moreau", Role.JUDGE)
        return found

    for number, name in enumerate(("crates", "ferry")):
        services.problems.import_package(CONTEST, ROOT / "problems" / name, label="AB"[number])
    known = services.store.write(people).result(5)
    node = NodeRecord(NodeId("node-1"), "judge-b14", "approved", "0" * 64, {}, "127.0.0.1", clock.now())
    services.store.write(lambda tx: tx.put_node(node)).result(5)
    offers = [LanguageOffer(id=name, fingerprint="f") for name in load_languages()]
    hello = Hello(facts={}, slots=1, languages=offers, selftest_passed=True, free_memory_bytes=16 * _GIB)
    services.dispatch.hello(node, hello)
    services.standings.tick()
    app = create_app(
        services, gate_secret=SECRET, server_name="Contestbox", version="v1", cookie_name=accounts.cookie_name
    )
    app.testing = False
    house = PagesHouse(clock, services, app, known, node)
    house.settle()
    return house


def _run(number: int, name: str, verdict: str) -> RunReport:
    return RunReport.model_validate(
        {
            "number": number,
            "test": name,
            "verdict": verdict,
            "cpu_seconds": 0.12,
            "wall_seconds": 0.13,
            "memory_bytes": 9 << 20,
        }
    )
