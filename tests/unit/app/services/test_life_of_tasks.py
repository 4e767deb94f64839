"""Whatever machines and server do to each other, every submission gets one verdict of its own, or comes to the desk (hypothesis)."""

from __future__ import annotations

import logging
from collections import Counter

from clocks import FakeClock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import LeaseId
from app.core.judgement import State
from app.core.verdict import Verdict
from app.ports.leases import TaskKind
from app.ports.store import SubmissionFilter
from app.services.dispatch import TICK_SECONDS, Dispatch
from app.services.judging_book import JudgingBook
from app.services.live_work import LiveWork
from app.services.machines import Machines
from app.services.report import Reports
from app.wire.judge_v1 import (
    CompileReport,
    FaultReport,
    Finish,
    GiveBack,
    Hello,
    LanguageOffer,
    LeaseRequest,
    RenewRequest,
    Report,
    RunReport,
    TaskGrant,
)
from unit.app.services.world import SPRING, Machine, World

MACHINES = 3
WHICH = st.integers(0, MACHINES - 1)
PICK = st.integers(0, 50)
VERDICTS = st.sampled_from(["AC", "AC", "AC", "WA", "TLE", "JE"])
FREE = 1 << 40


class Hall(RuleBasedStateMachine):
    """Three machines that may do all that a broken or lying one can, a server that is killed, and time."""

    @initialize()
    def open(self) -> None:
        logging.disable(logging.CRITICAL)
        self.clock = FakeClock()
        self.world = World(self.clock)
        self.world.contest()
        self.problem = self.world.problem("crates")
        self.team = self.world.team("ada")
        self.machines = [self.world.machine(f"m{number}") for number in range(MACHINES)]
        self.grants: list[tuple[Machine, TaskGrant]] = []
        self.verdicts: dict[int, str] = {}
        self._take_services()

    def teardown(self) -> None:
        if hasattr(self, "dispatch"):
            self._drain()
            self.world.services.accounts.close()
        logging.disable(logging.NOTSET)

    def _take_services(self) -> None:
        services = self.world.services
        self.dispatch, self.reports = services.dispatch, services.report
        self.registry = services.machines

    @rule()
    def submit(self) -> None:
        self.world.submit(self.team, self.problem.id, f"print({self.clock.now()})")

    @rule(which=WHICH)
    def take(self, which: int) -> None:
        self._take(self.machines[which])

    @rule(which=WHICH, passed=st.booleans(), languages=st.sampled_from([("python3",), ("c",), ("python3", "c")]))
    def hello(self, which: int, passed: bool, languages: tuple[str, ...]) -> None:
        self._hello(self.machines[which], passed=passed, languages=languages)

    @rule(pick=PICK, number=st.integers(1, 20), verdict=VERDICTS, twice=st.booleans(), liar=WHICH)
    def report(self, pick: int, number: int, verdict: str, twice: bool, liar: int) -> None:
        """A run; perhaps told twice, perhaps by a machine that holds another lease, perhaps of no test that there is."""
        if not self.grants:
            return
        machine, grant = self.grants[pick % len(self.grants)]
        message = Report(
            lease_id=grant.lease_id, attempt=grant.attempt, phase="running", runs=[self._run(number, verdict)]
        )
        for _ in range(1 + twice):
            self.reports.take(machine.node, message).result(5)
        self.reports.take(self.machines[liar].node, message).result(5)

    @rule(pick=PICK, verdict=VERDICTS, upto=st.integers(0, 20), compiles=st.sampled_from([True, True, True, False]))
    def finish(self, pick: int, verdict: str, upto: int, compiles: bool) -> None:
        """An end with all, some or no tests; told twice."""
        if self.grants:
            machine, grant = self.grants[pick % len(self.grants)]
            runs = [self._run(n, "AC") for n in range(1, min(upto, len(grant.tests)) + 1)]
            if verdict != "AC" and runs:
                runs[-1] = self._run(len(runs), verdict)
            message = Finish(
                lease_id=grant.lease_id, attempt=grant.attempt, compile=CompileReport(ok=compiles), runs=runs
            )
            for _ in range(2):
                self.reports.finish(machine.node, message).result(5)

    @rule(pick=PICK, which=WHICH)
    def give_back(self, pick: int, which: int) -> None:
        if self.grants:
            grant = self.grants[pick % len(self.grants)][1]
            self.dispatch.give_back(self.machines[which].node, GiveBack(lease_id=grant.lease_id, reason="x")).result(5)

    @rule(pick=PICK, which=WHICH)
    def fault(self, pick: int, which: int) -> None:
        if self.grants:
            grant = self.grants[pick % len(self.grants)][1]
            report = FaultReport(lease_id=grant.lease_id, kind="sandbox", sentence="no")
            self.dispatch.fault(self.machines[which].node, report).result(5)

    @rule(seconds=st.sampled_from([1, 3, 9, 40]), alive=WHICH)
    def time_passes(self, seconds: int, alive: int) -> None:
        """One machine renews what it holds, the others are silent."""
        mine = [grant.lease_id for machine, grant in self.grants if machine is self.machines[alive]]
        for _ in range(seconds):
            self._ticks(1)
            self.dispatch.renew(self.machines[alive].node, RenewRequest(lease_ids=mine[:1000])).result(5)

    @rule(which=WHICH)
    def pause(self, which: int) -> None:
        state = self.registry.node(self.machines[which].id)
        assert state is not None
        change = self.registry.resume if state.state == "paused" else self.registry.pause
        change(self.machines[which].id).result(5)

    @rule()
    def server_is_killed(self) -> None:
        """All that was in memory is gone; the store stays."""
        world, store, bell, clock = self.world, self.world.store, self.world.bell, self.clock
        work = LiveWork()
        self.registry = Machines(store=store, bell=bell, clock=clock, work=work, ca_der=b"ca", ca_pem="ca")
        self.dispatch = Dispatch(
            store=store,
            bell=bell,
            clock=clock,
            machines=self.registry,
            work=work,
            languages=world.languages,
            server_id="f" * 16,
        )
        self.reports = Reports(store=store, bell=bell, clock=clock, machines=self.registry, work=work)
        self.dispatch.start()

    @invariant()
    def verdicts_stand(self) -> None:
        """One verdict a judgement, never another one, never a judging error; what is done has one."""
        if not hasattr(self, "world"):
            return
        with self.world.store.read() as view:
            told = [event.data for event in view.events_after(0, 100_000, {Kind.VERDICT})]
            live = [task.judgement_id for task, _ in view.leases.live()]
        count = Counter(data["judgement_id"] for data in told)
        assert not [one for one, times in count.items() if times > 1]
        for data in told:
            assert data["verdict"] != Verdict.JE.value
            assert self.verdicts.setdefault(data["judgement_id"], data["verdict"]) == data["verdict"]
        assert len(live) == len(set(live))
        assert not set(live) & set(count)

    def _drain(self) -> None:
        """Two good machines come: in the end nothing waits any more."""
        for machine in self.machines:
            self.registry.resume(machine.id).result(5)
        self._ticks(40)
        for _ in range(200):
            for machine in self.machines[:2]:
                self._hello(machine, passed=True, languages=("python3", "c"))
                grant = self._take(machine)
                if grant is not None and grant.kind == "judge":
                    self._judge_well(machine, grant)
            with self.world.store.read() as view:
                waiting, _ = view.leases.waiting(TaskKind.JUDGE)
                if not waiting and not view.leases.live():
                    break
            self._ticks(1)
        else:
            raise AssertionError("a submission waits for ever")
        self.verdicts_stand()
        self._nothing_is_lost()

    def _nothing_is_lost(self) -> None:
        book = JudgingBook(self.world.store, self.world.bell)
        with self.world.store.read() as view:
            book.catch_up(view.events_after(0, 100_000))
            wanted = SubmissionFilter(SPRING, limit=10_000)
            judgements = [one for sent in view.submissions(wanted) for one in view.judgements(sent.id)]
        desk = {one.judgement_id for one in book.errors()}
        for one in judgements:
            assert one.state in (State.DONE, State.DESK)
            assert (one.id in desk) == (one.state is State.DESK)
            shown = self.world.services.submissions.view(self.team, one.submission_id)
            assert shown.verdict == (one.verdict if one.state is State.DONE else None)
            assert shown.status == ("DONE" if one.state is State.DONE else "PENDING")

    def _judge_well(self, machine: Machine, grant: TaskGrant) -> None:
        runs = [self._run(number, "AC") for number in range(1, len(grant.tests) + 1)]
        message = Finish(lease_id=grant.lease_id, attempt=grant.attempt, compile=CompileReport(ok=True), runs=runs)
        self.reports.finish(machine.node, message).result(5)

    def _take(self, machine: Machine) -> TaskGrant | None:
        node = self.registry.node(machine.id)
        assert node is not None
        try:
            wish = LeaseRequest(free_slots=2, free_memory_bytes=FREE)
            grant = self.dispatch.lease(node, wish).result(5)
        except Refusal:
            # It has to say hello first.
            return None
        if grant is not None and grant.kind == "judge":
            assert self.dispatch.blob_allowed(machine.id, LeaseId(grant.lease_id), grant.tests[0].input)
            self.grants.append((machine, grant))
        return grant

    def _hello(self, machine: Machine, *, passed: bool, languages: tuple[str, ...]) -> None:
        offers = [LanguageOffer(id=one, fingerprint="1") for one in languages]
        message = Hello(facts={}, slots=2, languages=offers, selftest_passed=passed, free_memory_bytes=FREE)
        self.dispatch.hello(machine.node, message)

    def _ticks(self, seconds: int) -> None:
        for _ in range(round(seconds / TICK_SECONDS)):
            self.clock.forward(seconds=TICK_SECONDS)
            self.dispatch.tick()

    @staticmethod
    def _run(number: int, verdict: str) -> RunReport:
        return RunReport.model_validate(
            {
                "number": number,
                "test": f"t{number}",
                "verdict": verdict,
                "cpu_seconds": 0.1,
                "wall_seconds": 0.1,
                "memory_bytes": 1,
            }
        )


TestHall = Hall.TestCase
TestHall.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
