"""A whole server's services over the memory adapters, with a judge machine that is paired and asks for work like a real one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clocks import FakeClock

from app.adapters.memory.bell import MemoryBell
from app.adapters.memory.blobs import MemoryBlobs
from app.adapters.memory.limiter import MemoryLimiter
from app.adapters.memory.store import MemoryStore
from app.core.clock import Instant
from app.core.contest import Contest
from app.core.ids import ContestId, LanguageId, NodeId, ProblemId, SubmissionId, TeamId
from app.core.people import Account, Caller, Role, Team
from app.core.problem import Problem
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.loader import load_languages
from app.ports.store import NodeRecord, Store, Transaction
from app.services.accounts import Accounts, Secrets
from app.services.answers import Accepted, SubmitRequest
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
from app.services.replay import replay_log
from app.services.report import Reports
from app.services.standings import Standings
from app.services.submissions import Submissions
from app.services.submit import Submit
from app.services.uploads import Uploads
from app.services.versions import Versions
from app.wire.judge_v1 import (
    CompileReport,
    Finish,
    Hello,
    JoinOpen,
    JoinRequest,
    LanguageOffer,
    LeaseRequest,
    Report,
    RunReport,
    TaskGrant,
)

PACKAGES = Path(__file__).resolve().parents[4] / "problems"
SPRING = ContestId("spring")
MINUTE_MS = 60_000
_FREE = 8 << 30


@dataclass
class World:
    """All services on one clock. `facts` is what the host would say of itself."""

    clock: FakeClock
    store: Store = field(default_factory=MemoryStore)
    facts: HostFacts = field(
        default_factory=lambda: HostFacts(
            "f" * 16, "0.1.0", 0, "http://a", "https://b", "/data", 0, None, None, 1 << 40
        )
    )

    def __post_init__(self) -> None:
        store, clock = self.store, self.clock
        self.bell = bell = MemoryBell(clock)
        self.blobs = MemoryBlobs()
        self.languages = load_languages()
        self.book = book = ContestBook(store, clock)
        self.judging = judging = JudgingBook(store, bell)
        self.work = work = LiveWork()
        machines = Machines(store=store, bell=bell, clock=clock, work=work, ca_der=b"ca", ca_pem="ca")
        dispatch = Dispatch(
            store=store,
            bell=bell,
            clock=clock,
            machines=machines,
            work=work,
            languages=self.languages,
            server_id=self.facts.server_id,
        )
        report = Reports(store=store, bell=bell, clock=clock, machines=machines, work=work)
        control = Control(store=store, bell=bell, clock=clock, book=book, judging=judging)
        standings = Standings(store=store, bell=bell, clock=clock, book=book)
        self.audit = Audit(store=store, clock=clock, book=book, private_key=b"k" * 32)
        control.on_phase_change(self.audit.phase_changed)
        self.solutions = JurySolutions(
            store=store, bell=bell, clock=clock, book=book, machines=machines, languages=self.languages
        )
        self.services = Services(
            accounts=Accounts(
                store=store,
                clock=clock,
                limiter=MemoryLimiter(clock),
                keys=Secrets(b"p" * 32, b"t" * 32, self.facts.server_id),
            ),
            submit=Submit(store=store, clock=clock, book=book, languages=self.languages),
            submissions=Submissions(store=store, bell=bell, clock=clock, book=book, progress_of=report.progress),
            standings=standings,
            problems=Problems(store=store, clock=clock, blobs=self.blobs, book=book, standings=standings),
            solutions=self.solutions,
            details=ProblemDetails(store=store, blobs=self.blobs, solutions=self.solutions),
            exports=Exports(Path(self.facts.data, "exports"), store, self.blobs),
            versions=Versions(store=store, clock=clock, blobs=self.blobs, book=book),
            uploads=Uploads(Path(self.facts.data, "uploads"), clock, self.blobs.has_room),
            control=control,
            machines=machines,
            dispatch=dispatch,
            report=report,
            audit=self.audit,
            desk=Desk(
                store=store,
                bell=bell,
                clock=clock,
                book=book,
                judging=judging,
                machines=machines,
                dispatch=dispatch,
                rejudge=Rejudge(store=store, clock=clock),
                host_facts=lambda: self.facts,
            ),
            bell=bell,
            clock=clock,
            store=store,
        )
        replay_log(store, judging, standings)
        dispatch.start()

    def tick(self) -> None:
        """Half a second later, and all beats once."""
        self.clock.forward(ms=500)
        self.services.control.tick()
        self.services.standings.tick()

    def contest(self, *, begins_in_minutes: float | None = 0, minutes: int = 300, freeze: int | None = 60) -> Contest:
        """Creates the contest; None: not scheduled."""
        start = None if begins_in_minutes is None else Instant(self.clock.now() + round(begins_in_minutes * MINUTE_MS))
        freeze_ms = None if freeze is None else freeze * MINUTE_MS
        wanted = Contest(SPRING, "Spring contest", start, minutes * MINUTE_MS, freeze_ms=freeze_ms)
        return self.services.control.create(wanted).result(5)

    def team(self, name: str, *, hidden: bool = False, contest_id: ContestId = SPRING) -> Caller:
        """A team with its account, as the caller that its sign-in would give."""
        team = Team(TeamId(name), contest_id, name.title(), "A school", hidden=hidden)

        def work(tx: Transaction) -> Account:
            self.services.control.add_team(tx, team)
            return self.services.accounts.create(tx, contest_id, name, Role.TEAM, team.id)

        return self._caller(self.store.write(work).result(5))

    def jury(self, name: str = "jury", role: Role = Role.JUDGE) -> Caller:
        """A member of the jury."""
        made = self.store.write(lambda tx: self.services.accounts.create(tx, ContestId(""), name, role)).result(5)
        return self._caller(made)

    def account(self, caller: Caller) -> Account:
        """The account behind a caller."""
        assert caller.account_id is not None
        with self.store.read() as view:
            account = view.account(caller.account_id)
        assert account is not None
        return account

    def problem(self, package: str = "strikes") -> Problem:
        """One of the sample packages, imported."""
        return self.services.problems.import_package(SPRING, PACKAGES / package)

    def submit(self, caller: Caller, problem: ProblemId, code: str = "print(1)", key: str = "") -> Accepted:
        """Submits Python; arrives now."""
        request = SubmitRequest(
            problem, LanguageId("python3"), (SourceFile("main.py", code.encode()),), idempotency_key=key
        )
        return self.services.submit.accept(caller, request, self.clock.now()).result(5)

    def machine(self, name: str = "bench-1") -> Machine:
        """A judge machine, paired and ready."""
        return Machine(self, name)

    def _caller(self, account: Account) -> Caller:
        return Caller(account.role, account.id, account.team_id, account.contest_id or None, username=account.username)


class Machine:
    """A judge machine's side of the protocol, by value instead of by wire."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        machines = world.services.machines
        nonce = hashlib.sha256(name.encode()).digest()
        request = JoinRequest(commitment=hashlib.sha256(nonce).hexdigest(), name=name)
        challenge = machines.begin(request, "10.0.0.5")
        machines.open(JoinOpen(request_id=challenge.request_id, node_nonce=nonce.hex()))
        code = next(one.code for one in machines.pending() if one.request_id == challenge.request_id)
        self.id = NodeId(machines.approve(challenge.request_id, code).result(5).id)
        token = machines.poll(challenge.request_id).token
        node = machines.node_of_token(token)
        assert node is not None
        self.node: NodeRecord = node
        offers = [LanguageOffer(id=one, fingerprint="1") for one in world.languages]
        hello = Hello(facts={}, slots=4, languages=offers, selftest_passed=True, free_memory_bytes=_FREE)
        world.services.dispatch.hello(node, hello)

    def take(self, *, free_slots: int = 4) -> TaskGrant | None:
        """Asks for work."""
        request = LeaseRequest(free_slots=free_slots, free_memory_bytes=_FREE)
        return self._world.services.dispatch.lease(self.node, request).result(5)

    def finish(self, grant: TaskGrant, verdicts: Sequence[Verdict], *, compiled: bool = True) -> None:
        """Reports the runs and the end."""
        runs = [
            RunReport(
                number=number,
                test=test.name,
                verdict=verdict.value,
                cpu_seconds=0.1 * number,
                wall_seconds=0.2,
                memory_bytes=1000 * number,
                message="said the validator",
            )
            for number, (test, verdict) in enumerate(zip(grant.tests, verdicts, strict=False), start=1)
        ]
        answer = self._world.services.report.finish(
            self.node,
            Finish(
                lease_id=grant.lease_id,
                attempt=grant.attempt,
                compile=CompileReport(ok=compiled, output="" if compiled else "line 1: no"),
                runs=runs,
            ),
        )
        assert answer.result(5).accepted

    def progress(self, grant: TaskGrant) -> None:
        """Says that it compiles."""
        report = Report(lease_id=grant.lease_id, attempt=grant.attempt, phase="compiling")
        assert self._world.services.report.take(self.node, report).result(5).accepted

    def fail(self, grant: TaskGrant) -> None:
        """Ends the first test as a judging error; the server has no use for anything more of this lease."""
        run = RunReport(
            number=1,
            test=grant.tests[0].name,
            verdict=Verdict.JE.value,
            cpu_seconds=0.1,
            wall_seconds=0.2,
            memory_bytes=1000,
            message="said the validator",
        )
        finish = Finish(
            lease_id=grant.lease_id, attempt=grant.attempt, compile=CompileReport(ok=True, output=""), runs=[run]
        )
        assert self._world.services.report.finish(self.node, finish).result(5).cancel

    def judge(self, verdict: Verdict = Verdict.AC) -> SubmissionId:
        """Takes the next submission and ends it: all tests pass, or the first one ends so, or it does not compile."""
        grant = self.take()
        assert grant is not None
        if verdict is Verdict.CE:
            self.finish(grant, (), compiled=False)
        else:
            self.finish(grant, [verdict] if verdict is not Verdict.AC else [Verdict.AC] * len(grant.tests))
        return SubmissionId(grant.submission_id)
