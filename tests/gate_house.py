"""A whole gate over real services in memory, with real granian, real waitress and a Flask application, for the flows of the front door."""

from __future__ import annotations

import contextlib
import secrets
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import Any

import flask
import httpx2

from app.adapters.anchored_clock import AnchoredClock
from app.adapters.disk.blobs import DiskBlobs
from app.adapters.memory.bell import MemoryBell
from app.adapters.memory.limiter import MemoryLimiter
from app.adapters.memory.store import MemoryStore
from app.core.contest import Contest
from app.core.ids import ContestId, ProblemId, TeamId
from app.core.people import Account, Role, Team
from app.lan.pki import open_authority
from app.languages.loader import load_languages
from app.ports.store import Transaction
from app.services.accounts import Accounts, Secrets
from app.services.audit import Audit
from app.services.catalog import Services
from app.services.contest_book import ContestBook
from app.services.control import Control
from app.services.desk import Desk, HostFacts
from app.services.dispatch import Dispatch
from app.services.exports import Exports
from app.services.judging_book import JudgingBook
from app.services.jury_solutions import JurySolutions
from app.services.live_work import LiveWork
from app.services.machines import Machines
from app.services.problem_detail import ProblemDetails
from app.services.problems import Problems
from app.services.rejudge import Rejudge
from app.services.report import Reports
from app.services.standings import Standings
from app.services.submissions import Submissions
from app.services.submit import Submit
from app.services.uploads import Uploads
from app.services.versions import Versions
from web.backstage import Backstage, new_secret
from web.factory import spoken_languages
from web.gate.admin import HouseKeeping
from web.gate.build import Plan, build_gate
from web.gate.listener import Certificate
from web.gate.server import Address, Gate, Ports
from web.gate.static import load_static

CONTEST = ContestId("spring")
SERVER_ID = "0123456789abcdef"
ADMIN_KEY = "key-of-this-test"
CRATES = Path(__file__).parent.parent / "problems" / "crates"
_MINUTE = 60_000


def build_services(clock: Any, folder: Path) -> tuple[Services, DiskBlobs]:
    """All services over the memory adapters."""
    store, blobs, bell = MemoryStore(), DiskBlobs.open_folder(folder / "blobs"), MemoryBell(clock)
    book, languages, work = ContestBook(store, clock), load_languages(), LiveWork()
    authority = open_authority(folder / "secrets")
    accounts = Accounts(
        store=store,
        clock=clock,
        limiter=MemoryLimiter(clock),
        keys=Secrets(secrets.token_bytes(32), secrets.token_bytes(32), SERVER_ID),
    )
    judging = JudgingBook(store, bell)
    standings = Standings(store=store, bell=bell, clock=clock, book=book)
    machines = Machines(store=store, bell=bell, clock=clock, work=work, ca_der=authority.der, ca_pem=authority.pem)
    dispatch = Dispatch(
        store=store, bell=bell, clock=clock, machines=machines, work=work, languages=languages, server_id=SERVER_ID
    )
    reports = Reports(store=store, bell=bell, clock=clock, machines=machines, work=work)
    desk = Desk(
        store=store,
        bell=bell,
        clock=clock,
        book=book,
        judging=judging,
        machines=machines,
        dispatch=dispatch,
        rejudge=Rejudge(store=store, clock=clock),
        host_facts=lambda: HostFacts(SERVER_ID, "0", 0, "", "", str(folder), 0, None, None, 10**12),
    )
    solutions = JurySolutions(store=store, bell=bell, clock=clock, book=book, machines=machines, languages=languages)
    services = Services(
        accounts=accounts,
        submit=Submit(store=store, clock=clock, book=book, languages=languages),
        submissions=Submissions(store=store, bell=bell, clock=clock, book=book, progress_of=reports.progress),
        standings=standings,
        problems=Problems(store=store, clock=clock, blobs=blobs, book=book, standings=standings),
        solutions=solutions,
        details=ProblemDetails(store=store, blobs=blobs, solutions=solutions),
        exports=Exports(folder / "exports", store, blobs),
        versions=Versions(store=store, clock=clock, blobs=blobs, book=book),
        uploads=Uploads(folder / "uploads", clock, blobs.has_room),
        control=Control(store=store, bell=bell, clock=clock, book=book, judging=judging),
        machines=machines,
        dispatch=dispatch,
        report=reports,
        audit=Audit(store=store, clock=clock, book=book, private_key=secrets.token_bytes(32)),
        desk=desk,
        bell=bell,
        clock=clock,
        store=store,
    )
    return services, blobs


@dataclass
class House:
    """A running gate. `stopped` holds one entry for each time that a console asked the server to stop."""

    services: Services
    gate: Gate
    ports: Ports
    backstage: Backstage
    folder: Path
    secret: str
    pages_socket: Path
    people: dict[str, Account]
    stopped: SimpleQueue[bool]
    blobs: DiskBlobs
    languages: Any = field(default_factory=load_languages)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports.people}"

    def password(self, username: str) -> str:
        return self.services.accounts.password_of(self.people[username])

    def token(self, username: str) -> str:
        """A bearer token of the account."""
        issued = self.services.accounts.issue_token(username, self.password(username), "127.0.0.1")
        return issued.result(10).access_token

    def client(self, username: str = "") -> httpx2.Client:
        """A program that asks as this account, or as nobody."""
        headers = {"Authorization": f"Bearer {self.token(username)}"} if username else {}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    @contextmanager
    def browser(self, username: str) -> Iterator[httpx2.Client]:
        """A browser that has signed in by the form."""
        client = httpx2.Client(base_url=self.url, headers={"Origin": self.url}, timeout=30, trust_env=False)
        answer = client.post("/sign-in", data={"username": username, "password": self.password(username)})
        assert answer.status_code == 303, answer.text
        with contextlib.closing(client):
            yield client

    def node_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cadata=open_authority(self.folder / "secrets").pem)
        context.check_hostname = False
        return context

    def close(self) -> None:
        self.gate.stop()
        self.backstage.stop()
        self.services.accounts.close()
        self.services.store.close()


def open_house(
    folder: Path,
    make_app: Callable[[Services, str], flask.Flask],
    *,
    port: int = 0,
    body_span_seconds: float = 10,
    behind: frozenset[str] = frozenset(),
    static_files: Path | None = None,
) -> House:
    """A contest that runs since ten minutes, two teams, a juror, and the gate before it; `static_files` are other ones than the test's."""
    services, blobs = build_services(AnchoredClock(), folder)
    people = _contest(services)
    secret = new_secret()
    backstage = Backstage()
    pages_socket = backstage.start(make_app(services, secret), folder / "gate", secret)
    stopped: SimpleQueue[bool] = SimpleQueue()
    static = folder / "static"
    static.mkdir()
    (static / "app.css").write_text("body { color: black }\n" * 100)
    files = open_authority(folder / "secrets").server_certificate(["127.0.0.1"])
    plan = Plan(
        people=Address("127.0.0.1", port),
        nodes=Address("127.0.0.1"),
        console=Address("127.0.0.1"),
        certificate=Certificate(files.certificate, files.key),
        pages_socket=pages_socket,
        secret=secret,
        admin_key=ADMIN_KEY,
        static=load_static(static_files or static),
        languages=load_languages(),
        house=HouseKeeping(stop=lambda: stopped.put(True), backup=services.store.backup),
        spoken=spoken_languages(),
    )
    plan = replace(plan, body_span_seconds=body_span_seconds, behind=behind)
    gate = build_gate(plan, services, blobs, Random(7))
    try:
        ports = gate.start()
    except BaseException:
        backstage.stop()
        raise
    return House(services, gate, ports, backstage, folder, secret, pages_socket, people, stopped, blobs)


def _contest(services: Services) -> dict[str, Account]:
    def work(tx: Transaction) -> list[Account]:
        for number in (1, 2):
            services.control.add_team(tx, Team(TeamId(f"t{number}"), CONTEST, f"Team {number}"))
        create = services.accounts.create
        return [
            create(tx, CONTEST, "team1", Role.TEAM, TeamId("t1")),
            create(tx, CONTEST, "team2", Role.TEAM, TeamId("t2")),
            create(tx, ContestId(""), "juror", Role.JUDGE),
        ]

    services.control.create(Contest(CONTEST, "Spring", services.clock.now(), 300 * _MINUTE)).result(10)
    accounts = services.store.write(work).result(10)
    services.problems.import_package(CONTEST, CRATES, label="A", problem_id=ProblemId("crates"))
    services.standings.tick()
    return {account.username: account for account in accounts}
