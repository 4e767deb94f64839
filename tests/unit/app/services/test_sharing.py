"""One long judgement on several machines: who gets what, and that it ends as it would with one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from clocks import FakeClock
from contract.openers import OPENERS
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.core.events import Kind
from app.core.ids import JudgementId, LeaseId
from app.core.judgement import Judgement, Run, State
from app.core.people import Caller
from app.core.problem import Problem
from app.core.scoring.grading_document import read_grading
from app.core.scoring.groups import ScoreFiles
from app.core.spans import MOST_TESTS, WHOLE, Rules, Span
from app.core.verdict import Verdict
from app.ports.leases import TaskState
from app.services.dispatch import TICK_SECONDS
from app.services.lending import LEAST_SECONDS, MOST_SECONDS, how_many_to_lend
from app.services.live_work import Pace
from app.services.rows_and_log import rows_against_log
from app.wire.judge_v1 import (
    MAX_OUTPUT_BYTES,
    SHARES_TESTS,
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
from unit.app.services.world import Machine, World

FREE = 8 << 30
TEST_SECONDS = 0.5
FAILED = st.sampled_from([Verdict.WA, Verdict.TLE])


@dataclass(repr=False)
class Sharer:
    """A machine that shares tests, and goes through its span one test at a time by the rule that real ones go by."""

    world: World
    clock: FakeClock
    machine: Machine
    outcomes: dict[int, Verdict]
    beat: Callable[[], None]
    grant: TaskGrant | None = None
    span: Span = WHOLE
    results: dict[int, Run] = field(default_factory=dict)
    told: bool = False

    def hello(self, fingerprint: str = "1", abilities: tuple[str, ...] = (SHARES_TESTS,)) -> None:
        offers = [LanguageOffer(id="python3", fingerprint=fingerprint)]
        hello = Hello(
            facts={},
            slots=4,
            languages=offers,
            abilities=list(abilities),
            selftest_passed=True,
            free_memory_bytes=FREE,
        )
        self.world.services.dispatch.hello(self.machine.node, hello)

    def take(self) -> TaskGrant | None:
        """Asks for work."""
        wish = LeaseRequest(free_slots=1, free_memory_bytes=FREE)
        grant = self.world.services.dispatch.lease(self.machine.node, wish).result(5)
        if grant is not None and grant.kind == "judge":
            self.grant, self.span, self.told = grant, Span(grant.first, grant.last), False
            self.results = {
                one.number: Run(one.number, "", one.verdict, 0, 0, 0, score_millionths=one.score_millionths)
                for one in grant.known
            }
        return grant

    def rules(self) -> Rules:
        assert self.grant is not None
        return Rules(len(self.grant.tests), read_grading(self.grant.grading), self.grant.all_tests)

    def step(self, *, learns: bool = True) -> bool:
        """One more test, or the end; whether the lease goes on. `learns`: it hears in the answer where its span ends now."""
        assert self.grant is not None
        number = next(self.rules().due(self.results, lambda: self.span), None)
        reports = self.world.services.report
        compiled = None if self.told else CompileReport(ok=True, wall_seconds=0.5)
        self.told = True
        if number is None:
            last = Finish(lease_id=self.grant.lease_id, attempt=self.grant.attempt, compile=compiled)
            reports.finish(self.machine.node, last).result(5)
            self.grant = None
            return False
        self.beat()
        if self.grant is None:
            return False
        run = self.run(number)
        report = Report(
            lease_id=self.grant.lease_id, attempt=self.grant.attempt, phase="running", compile=compiled, runs=[run]
        )
        answer = reports.take(self.machine.node, report).result(5)
        verdict = self.outcomes.get(number, Verdict.AC)
        self.results[number] = Run(number, "", verdict, 0, 0, 0, score_millionths=run.score_millionths)
        if not answer.accepted:
            self.grant = None
            return False
        if learns and answer.last is not None:
            self.span = Span(self.span.first, answer.last)
        return True

    def alone(self) -> dict[int, Run]:
        """What this machine would run of its task if nobody helped."""
        found: dict[int, Run] = {}
        for number in self.rules().due(found):
            run = self.run(number)
            found[number] = Run(
                number,
                "",
                Verdict(run.verdict),
                run.cpu_seconds,
                0,
                run.memory_bytes,
                score_millionths=run.score_millionths,
            )
        return found

    def run(self, number: int) -> RunReport:
        verdict = self.outcomes.get(number, Verdict.AC)
        grading = self.rules().grading
        score = None if grading is None else grading.points(number, verdict, ScoreFiles()).score_millionths
        return RunReport.model_validate(
            {
                "number": number,
                "test": f"t{number}",
                "verdict": verdict.value,
                "cpu_seconds": 0.001 * number,
                "wall_seconds": TEST_SECONDS,
                "memory_bytes": 1000 * number,
                "score_millionths": score,
            }
        )


@dataclass(repr=False)
class Room:
    """A contest with two problems, one of which has groups, and three machines that share tests."""

    world: World
    clock: FakeClock
    ada: Caller
    strikes: Problem
    stretch: Problem
    machines: list[Sharer]
    outcomes: dict[int, Verdict]

    def __repr__(self) -> str:
        return "Room()"

    def beat(self) -> None:
        """Half a second passes; every two seconds whoever holds a lease renews it."""
        self.clock.forward(seconds=TICK_SECONDS)
        for one in self.machines if self.clock.now() % 2000 == 0 else ():
            if one.grant is not None:
                wish = RenewRequest(lease_ids=[one.grant.lease_id])
                answer = self.world.services.dispatch.renew(one.machine.node, wish).result(5)
                one.grant = None if answer.cancelled else one.grant
        self.world.services.dispatch.tick()

    def submit(self, problem: Problem, outcomes: dict[int, Verdict]) -> None:
        """A submission whose tests end so; those that are not named pass."""
        for _ in range(30):
            # A team may not submit too often.
            self.beat()
        self.outcomes.clear()
        self.outcomes.update(outcomes)
        for one in self.machines:
            one.grant = None
            one.hello()
        self.world.submit(self.ada, problem.id, f"print({self.clock.now()})")

    def silence(self) -> None:
        """Long enough for the lease of a machine that is gone."""
        for _ in range(18):
            self.beat()

    def judgement(self) -> Judgement:
        """Of the newest submission."""
        with self.world.store.read() as view:
            number = max(event.data["judgement_id"] for event in view.events_after(0, 1_000_000, {Kind.LEASE}))
            found = view.judgement(JudgementId(number))
        assert found is not None
        return found

    def counted(self) -> list[int]:
        """The tests that count, in the order in which they came."""
        with self.world.store.read() as view:
            return [one.run.number for one in view.runs(self.judgement().id) if one.counted]

    def verdicts(self) -> int:
        """How many verdicts the newest judgement got."""
        mine = self.judgement().id
        with self.world.store.read() as view:
            told = view.events_after(0, 1_000_000, {Kind.VERDICT})
            return sum(1 for event in told if event.data["judgement_id"] == mine)


def make_room(world: World, clock: FakeClock) -> Room:
    """The room, ready."""
    world.contest(minutes=6000)
    room = Room(world, clock, world.team("ada"), world.problem("strikes"), world.problem("stretch"), [], {})
    room.machines = [
        Sharer(world, clock, world.machine(one), room.outcomes, room.beat) for one in ("one", "two", "three")
    ]
    return room


@pytest.fixture
def room(world: World, clock: FakeClock) -> Room:
    return make_room(world, clock)


def long_room(opener: str, folder: Path) -> Iterator[Room]:
    """A room for many judgements."""
    clock = FakeClock()
    world = World(clock, OPENERS[opener](folder))
    yield make_room(world, clock)
    world.services.accounts.close()
    world.store.close()


@pytest.fixture(scope="module")
def in_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    yield from long_room("memory", tmp_path_factory.mktemp("sharing"))


@pytest.fixture(scope="module")
def in_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    yield from long_room("sqlite", tmp_path_factory.mktemp("sharing"))


def begun(room: Room, outcomes: dict[int, Verdict] | None = None, tests: int = 10) -> tuple[Sharer, Sharer, Sharer]:
    """A submission of 203 tests of which the first machine has run some."""
    room.submit(room.strikes, outcomes or {})
    one, two, three = room.machines
    assert one.take() is not None
    for _ in range(tests):
        assert one.step()
    return one, two, three


def to_the_end(*sharers: Sharer) -> None:
    """Each goes on until its lease is over, in turn."""
    while any(one.grant is not None for one in sharers):
        for one in sharers:
            if one.grant is not None:
                one.step()


def test_an_idle_machine_gets_the_tail(room: Room) -> None:
    """While nothing waits a second machine takes the last tests, bounded in time; the first one stops before them; one verdict."""
    one, two, three = begun(room)
    grant = two.take()
    assert grant is not None
    assert grant.last == MOST_TESTS
    assert 203 - grant.first + 1 == MOST_SECONDS / TEST_SECONDS
    assert [known.number for known in grant.known] == list(range(1, 11))
    later = three.take()
    assert later is not None
    assert later.last == grant.first - 1, "the next one gets what comes before"
    to_the_end(one, two, three)
    assert one.span.last == later.first - 1
    # Whoever is done asks again, until all is run.
    while room.judgement().state is not State.DONE:
        for sharer in (one, two, three):
            if sharer.grant is None:
                sharer.take()
        to_the_end(one, two, three)
    assert sorted(room.counted()) == list(range(1, 204))
    assert (room.judgement().verdict, room.judgement().tests_passed, room.verdicts()) == (Verdict.AC, 203, 1)
    assert list(rows_against_log(room.world.store)) == []
    lines = [one.sentence for one in room.world.audit.log_lines(0, 10_000)]
    task = next(line for line in lines if " lent " in line).split("task ")[1].split(",")[0]
    assert f"one lent what comes after test 193 of task {task}, attempt 1." in lines
    assert f"two took task {task} from test 194 on, attempt 2." in lines
    detail = room.world.services.submissions.admin_detail(room.judgement().submission_id)
    assert detail.row.machine == "one, three, two", "by their first tests"
    assert {run.machine for run in detail.runs if run.number in grant_tests(grant)} == {"two"}


def grant_tests(grant: TaskGrant) -> range:
    """The numbers of a grant's tests."""
    return range(grant.first, len(grant.tests) + 1)


def test_nothing_is_lent_where_a_submission_waits(room: Room) -> None:
    """A submission in the queue goes before, also one that this machine cannot judge."""
    one, two, _ = begun(room)
    room.world.submit(room.ada, room.strikes.id, "print(2)")
    assert one.grant is not None
    judged = one.grant.judgement_id
    granted = two.take()
    assert granted is not None
    assert (granted.judgement_id, granted.first) == (judged + 1, 1)


@pytest.mark.parametrize(("fingerprint", "abilities"), [("2", (SHARES_TESTS,)), ("1", ()), ("1", ("judge",))])
def test_only_machines_alike_share(room: Room, fingerprint: str, abilities: tuple[str, ...]) -> None:
    """Another compiler, or an older machine that would run all tests, gets no part."""
    _, two, three = begun(room)
    two.hello(fingerprint, abilities)
    assert two.take() is None
    assert three.take() is not None


def test_a_failing_test_ends_what_comes_after_it(room: Room) -> None:
    """The first machine finds a failing test: the verdict is there at once, and the other machine is told to stop."""
    one, two, _ = begun(room, {12: Verdict.WA, 200: Verdict.TLE})
    assert two.take() is not None
    two.step()
    assert two.grant is not None
    lease = two.grant.lease_id
    to_the_end(one)
    done = room.judgement()
    assert (done.verdict, done.tests_passed, done.failing_test, done.state) == (Verdict.WA, 11, 12, State.DONE)
    assert round(done.cpu_seconds * 1000) == 12, "what the other machine measured of later tests is no part of it"
    answer = room.world.services.dispatch.renew(two.machine.node, RenewRequest(lease_ids=[lease])).result(5)
    assert answer.cancelled == [lease]
    assert room.verdicts() == 1


def test_a_failing_test_of_the_tail_waits_for_those_before(room: Room) -> None:
    """The second machine finds one in its part: what comes after is spared, what comes before is run, and may still decide."""
    for earlier in (None, 100):
        outcomes = {198: Verdict.TLE} | ({earlier: Verdict.WA} if earlier else {})
        one, two, three = begun(room, outcomes)
        assert two.take() is not None
        to_the_end(two)
        assert room.judgement().verdict is None
        assert max(room.counted()) == 198
        assert three.take() is not None
        while room.judgement().state is not State.DONE:
            to_the_end(one, three)
            if one.grant is None:
                one.take()
        wanted = (Verdict.WA, 100) if earlier else (Verdict.TLE, 198)
        assert (room.judgement().verdict, room.judgement().failing_test) == wanted
        assert room.judgement().tests_passed == wanted[1] - 1


@pytest.mark.parametrize("dies", [False, True])
def test_all_tests_are_run_where_the_organiser_asks(room: Room, dies: bool) -> None:
    """A failing test early, one late, both machines, perhaps one that vanishes: every test is run, and the first failing one decides."""
    book = room.world.services.control
    every = replace(book.contest(), all_tests=True)
    room.world.store.write(lambda tx: tx.put_contest(every)).result(5)
    one, two, three = begun(room, {5: Verdict.WA, 200: Verdict.TLE})
    assert two.take() is not None
    two.step()
    if dies:
        two.grant = None
        room.silence()
    to_the_end(one, two)
    while room.judgement().state is not State.DONE:
        assert three.take() is not None
        to_the_end(three)
    assert sorted(room.counted()) == list(range(1, 204))
    done = room.judgement()
    assert (done.verdict, done.failing_test, done.tests_passed, room.verdicts()) == (Verdict.WA, 5, 201, 1)


def test_a_part_comes_back_when_its_machine_vanishes(room: Room) -> None:
    """The second machine is silent: its tests are open again, and whoever asks next gets what it had not reported."""
    one, two, three = begun(room)
    assert two.take() is not None
    two.step()
    lost, two.grant = two.span, None
    room.silence()
    again = three.take()
    assert again is not None
    assert (again.first, again.last) == (lost.first, lost.last)
    assert lost.first in [known.number for known in again.known]
    assert one.grant is not None, "the first machine goes on meanwhile"
    assert room.judgement().state is State.LEASED
    to_the_end(one, three)
    assert sorted(room.counted()) == list(range(1, 204))
    assert room.judgement().verdict is Verdict.AC


def test_the_first_machine_vanishes(room: Room) -> None:
    """The machine that began it is gone: its tests go to another, the second one keeps its part."""
    one, two, three = begun(room)
    assert two.take() is not None
    one.grant = None
    room.silence()
    again = three.take()
    assert again is not None
    assert (again.first, again.last) == (1, two.span.first - 1)
    to_the_end(two, three)
    assert sorted(room.counted()) == list(range(1, 204))
    assert (room.judgement().verdict, room.verdicts()) == (Verdict.AC, 1)


def test_all_machines_vanish(room: Room) -> None:
    """Both are gone at once, which is two vanishings: one machine alone runs the rest, and nothing twice."""
    one, two, three = begun(room)
    assert two.take() is not None
    two.step()
    one.grant = two.grant = None
    room.silence()
    three.hello()
    again = three.take()
    assert again is not None
    assert again.alone
    assert (again.first, again.last) == (1, MOST_TESTS)
    to_the_end(three)
    assert sorted(room.counted()) == list(range(1, 204))
    assert room.judgement().verdict is Verdict.AC


def test_a_helper_that_cannot_compile_is_broken(room: Room, expected_warnings: list[str]) -> None:
    """What has run elsewhere compiles: the machine is held, the part goes to another, the team sees nothing of it."""
    one, two, three = begun(room)
    grant = two.take()
    assert grant is not None
    expected_warnings.append("it could not compile what 10 tests were run with")
    no = CompileReport(ok=False, output="no such header")
    finish = Finish(lease_id=grant.lease_id, attempt=grant.attempt, compile=no)
    assert room.world.services.report.finish(two.machine.node, finish).result(5).cancel
    assert room.judgement().verdict is None
    assert room.judgement().compile_output == ""
    again = three.take()
    assert again is not None
    assert again.first == grant.first
    to_the_end(one, three)
    assert room.judgement().verdict is Verdict.AC


def fail(room: Room, broken: Sharer) -> None:
    """The machine reports a fault of what it holds."""
    assert broken.grant is not None
    fault = FaultReport(lease_id=broken.grant.lease_id, kind="sandbox", sentence="It broke.")
    room.world.services.dispatch.fault(broken.machine.node, fault).result(5)
    broken.grant = None


def test_helpers_that_fail_take_no_verdict_away(room: Room, expected_warnings: list[str]) -> None:
    """Two helpers fail at a late test; one machine would have come to a wrong answer before it, and so does the first one."""
    one, two, three = begun(room, {150: Verdict.WA})
    expected_warnings.append("It broke.")
    for broken in (two, three):
        assert broken.take() is not None
        fail(room, broken)
    assert room.judgement().state is State.LEASED
    two.hello()
    assert two.take() is None, "nobody joins any more"
    to_the_end(one)
    # What the first one does not hold any more is for one machine, if it is for anybody.
    while room.judgement().state is not State.DONE:
        assert one.take() is not None
        to_the_end(one)
    assert (room.judgement().verdict, room.judgement().failing_test, room.verdicts()) == (Verdict.WA, 150, 1)


def test_faults_end_at_the_desk(room: Room, expected_warnings: list[str]) -> None:
    """Every machine fails on it: after helpers and first machine it is on the desk, and all of them judge the next submission."""
    one, two, three = begun(room)
    expected_warnings.append("It broke.")
    for broken in (two, three):
        assert broken.take() is not None
        fail(room, broken)
    fail(room, one)
    assert room.judgement().state is State.DESK
    with room.world.store.read() as view:
        task = view.leases.task_of(room.judgement().id)
        assert not view.leases.live()
    assert task is not None
    assert task.state is TaskState.DESK
    room.submit(room.stretch, {})
    assert room.machines[1].take() is not None
    to_the_end(room.machines[1])
    assert room.judgement().verdict is Verdict.AC


def test_one_pulled_cable_is_no_case_for_the_desk(room: Room) -> None:
    """Three that share a submission fall silent together: one machine alone runs the rest; only if that vanishes too it is looked at."""
    for ends_well in (True, False):
        one, two, three = begun(room)
        assert two.take() is not None
        assert three.take() is not None
        one.grant = two.grant = three.grant = None
        room.silence()
        assert room.judgement().state is State.QUEUED
        three.hello()
        again = three.take()
        assert again is not None
        assert again.alone
        assert (again.first, again.last) == (1, MOST_TESTS)
        if ends_well:
            to_the_end(three)
            assert (room.judgement().verdict, room.verdicts()) == (Verdict.AC, 1)
    three.grant = None
    room.silence()
    assert room.judgement().state is State.DESK


def test_an_older_machine_takes_no_open_part(room: Room) -> None:
    """A part that was given back is nothing for a machine of a version that would run all tests; the first machine's end opens it."""
    one, two, three = begun(room)
    assert two.take() is not None
    assert two.grant is not None
    give = GiveBack(lease_id=two.grant.lease_id, reason="It stops.")
    room.world.services.dispatch.give_back(two.machine.node, give).result(5)
    two.grant = None
    three.hello(abilities=("judge",))
    assert three.take() is None
    to_the_end(one)
    assert one.take() is not None
    to_the_end(one)
    assert (room.judgement().verdict, room.verdicts()) == (Verdict.AC, 1)
    assert sorted(room.counted()) == list(range(1, 204))


def test_whole_outputs_of_both_parts_are_kept(room: Room) -> None:
    """Each machine gives outputs of tests that it ran; together they are no more than one machine may give."""
    one, two, _ = begun(room)
    assert two.take() is not None
    work, reports = room.world.work, room.world.services.report
    big = MAX_OUTPUT_BYTES - 1000
    for sharer, number, digest, size in ((two, 203, "b" * 64, big), (one, 1, "a" * 64, 2000)):
        while sharer.rules().needs(sharer.results, sharer.span):
            sharer.step()
        assert sharer.grant is not None
        assert work.take_output(LeaseId(sharer.grant.lease_id), digest, size, MAX_OUTPUT_BYTES)
        finish = Finish(
            lease_id=sharer.grant.lease_id,
            attempt=sharer.grant.attempt,
            compile=CompileReport(ok=True),
            output_blobs={str(number): digest},
        )
        assert reports.finish(sharer.machine.node, finish).result(5).accepted
    judged = room.judgement()
    assert judged.verdict is Verdict.AC
    with room.world.store.read() as view:
        kept = {one.number: (one.sha256, one.size, bool(one.note)) for one in view.outputs(judged.id)}
    assert kept == {203: ("b" * 64, big, False), 1: ("", 0, True)}


def test_lent_parts_survive_the_server(room: Room) -> None:
    """The server is started again: both machines still hold their parts, and hear where they end."""
    one, two, _ = begun(room)
    assert two.take() is not None
    room.world.services.dispatch.start()
    assert one.grant is not None
    assert room.world.work.last_test(LeaseId(one.grant.lease_id)) == two.span.first - 1
    to_the_end(one, two)
    assert room.judgement().verdict is Verdict.AC


def test_a_group_that_failed_is_not_lent(room: Room) -> None:
    """A scoring problem: of a group that is lost nothing more is run, the score is that of one machine."""
    room.submit(room.stretch, {5: Verdict.WA})
    one, two, _ = room.machines
    assert one.take() is not None
    rules = one.rules()
    alone = one.alone()
    for _ in range(3):
        one.step()
    assert two.take() is not None
    to_the_end(one, two)
    graded = rules.fold(alone)
    assert graded is not None
    assert room.judgement().score_millionths == graded.score_millionths
    assert set(alone) <= set(room.counted())


ACTIONS = st.tuples(st.integers(0, 2), st.integers(1, 12), st.booleans(), st.integers(0, 19).map(lambda one: one == 0))


CASE = (st.booleans(), st.dictionaries(st.integers(1, 203), FAILED, max_size=3), st.lists(ACTIONS, max_size=40))
Actions = list[tuple[int, int, bool, bool]]


@given(*CASE)
@settings(max_examples=20, deadline=None, phases=[Phase.generate])
def test_whatever_happens_it_ends_as_with_one(
    in_memory: Room, groups: bool, failing: dict[int, Verdict], actions: Actions
) -> None:
    """Random outcomes, helpers, deaths, late news of a cut: verdict, score and numbers are those of one machine, each test counts once."""
    ends_as_with_one(in_memory, groups, failing, actions)


@given(*CASE)
@settings(max_examples=2, deadline=None, phases=[Phase.generate])
def test_whatever_happens_on_the_database(
    in_sqlite: Room, groups: bool, failing: dict[int, Verdict], actions: Actions
) -> None:
    """The same on the database."""
    ends_as_with_one(in_sqlite, groups, failing, actions)


def ends_as_with_one(room: Room, groups: bool, failing: dict[int, Verdict], actions: Actions) -> None:
    """One submission through all of it."""
    room.submit(room.stretch if groups else room.strikes, failing)
    first = room.machines[0]
    assert first.take() is not None
    rules, alone = first.rules(), first.alone()
    deaths = 0
    for which, count, learns, dies in actions:
        one = room.machines[which]
        if one.grant is None:
            one.take()
        elif deaths < 2 and dies:
            deaths += 1
            one.grant = None
            room.silence()
        else:
            for _ in range(count):
                if one.grant is not None:
                    one.step(learns=learns)
    for _ in range(100):
        if room.judgement().state is State.DONE:
            break
        for one in room.machines:
            if one.grant is None:
                one.hello()
                one.take()
            to_the_end(one)
    done, graded = room.judgement(), rules.fold(alone)
    assert graded is not None
    assert (done.verdict, done.score_millionths) == (graded.verdict, graded.score_millionths)
    assert done.tests_passed == sum(1 for run in alone.values() if run.verdict is Verdict.AC)
    assert done.memory_bytes == max(run.memory_bytes for run in alone.values())
    assert room.verdicts() == 1
    counted = room.counted()
    assert len(counted) == len(set(counted))
    assert set(alone) <= set(counted)
    with room.world.store.read() as view:
        assert not view.leases.live()


@given(st.integers(0, 500), st.floats(0, 60), st.floats(0, 100), st.integers(0, 50))
def test_how_much_is_lent(left: int, compile_seconds: float, seconds: float, ran: int) -> None:
    """Never all, never what is not worth a compilation, never so much that the next submission waits long."""
    count = how_many_to_lend(left, Pace(compile_seconds, seconds, ran))
    assert 0 <= count <= left // 2
    if count:
        per_test = seconds / ran
        assert count * per_test >= max(LEAST_SECONDS, compile_seconds)
        assert count == 1 or count * per_test <= max(MOST_SECONDS, compile_seconds) + 1e-9
        assert compile_seconds + count * per_test <= (left - count) * per_test + 1e-6, (
            "the first one is not done before"
        )
