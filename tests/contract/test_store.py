"""ports/store: what every store promises."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.core.clock import Instant
from app.core.errors import Fault, Refusal
from app.core.events import GENESIS, Event, Kind, first_break
from app.core.ids import AccountId, ContestId, JudgementId, LanguageId, NodeId, ProblemId, SessionId, SubmissionId
from app.core.judgement import Run, State
from app.core.people import Account, Role, Session
from app.core.submission import NewSubmission, Submission
from app.core.verdict import Verdict
from app.ports.leases import NewTask, TaskKind
from app.ports.store import NewEvent, NodeRecord, SignedHead, Store, StoredOutput, SubmissionFilter, Transaction
from contract.rows import ACCOUNT, CONTEST, PACKAGE, PROBLEM, TEAM, furnish, new_submission, submit

NODE = NodeRecord(NodeId("n1"), "judge-1", "approved", "f" * 64, {"cores": 4, "os": ["debian", 12]}, "10.0.0.7", 9)
CONSOLE = NodeRecord(NodeId("n2"), "office", "approved", "e" * 64, {}, "10.0.0.8", 9, "console")
RUN = Run(
    1, "sample/1", Verdict.AC, 0.25, 0.3125, 4096, exit_code=0, stdout_head="3\n", repeats=(0.24, 0.26), node="n1"
)


def test_what_was_put_is_read_back_equal(store: Store) -> None:
    """Contest, team, account, package, problem, session, machine and setting come back as they were."""
    furnish(store)
    session = Session(SessionId("s1"), ACCOUNT.id, CONTEST.id, "a" * 64, 1, 2, "10.0.0.9")

    def work(tx: Transaction) -> None:
        tx.put_session(session)
        tx.put_node(NODE)
        tx.put_node(CONSOLE)
        tx.put_setting("server_name", "Hall 3")

    store.write(work).result(5)
    with store.read() as view:
        assert view.contest(CONTEST.id) == CONTEST
        assert list(view.contests()) == [CONTEST]
        assert view.team(TEAM.id) == TEAM
        assert list(view.teams(CONTEST.id)) == [TEAM]
        assert view.account(ACCOUNT.id) == view.account_by_name("lanterns") == ACCOUNT
        assert list(view.accounts(None)) == list(view.accounts(CONTEST.id)) == [ACCOUNT]
        assert list(view.accounts(ContestId("other"))) == []
        assert view.package(PACKAGE.version) == PACKAGE
        assert view.problem(CONTEST.id, PROBLEM.id) == PROBLEM
        assert list(view.problems(CONTEST.id)) == [PROBLEM]
        assert view.session(session.id) == view.session_by_token("a" * 64) == session
        assert view.node(NODE.id) == view.node_by_token("f" * 64) == NODE
        assert list(view.nodes()) == [NODE, CONSOLE]
        assert view.setting("server_name") == "Hall 3"
        assert view.setting("nothing") is None
        assert view.contest(ContestId("other")) is None


def test_problem_ids_are_per_contest(store: Store) -> None:
    """Two contests hold a problem of the same id: each has its own row, and a submission belongs to its own contest's."""
    furnish(store)
    other = replace(CONTEST, id=ContestId("autumn"), name="Autumn contest")
    theirs = replace(PROBLEM, contest_id=other.id, label="Q", memory_bytes=1 << 20)

    def work(tx: Transaction) -> None:
        tx.put_contest(other)
        tx.put_problem(theirs)

    store.write(work).result(5)
    new = NewSubmission(other.id, ACCOUNT.id, None, ProblemId("nothing"), LanguageId("c"), (), Instant(1))
    with pytest.raises(Fault):
        store.write(lambda tx: tx.intake.append(new, Instant(1))).result(5)
    store.write(lambda tx: tx.intake.append(replace(new, problem_id=PROBLEM.id), Instant(1))).result(5)
    with store.read() as view:
        assert view.problem(CONTEST.id, PROBLEM.id) == PROBLEM
        assert view.problem(other.id, PROBLEM.id) == theirs
        assert list(view.problems(other.id)) == [theirs]
        assert view.problem(ContestId("winter"), PROBLEM.id) is None


def test_putting_again_changes_the_same_row(store: Store) -> None:
    """A renamed team, an extended contest, a disabled account and an unpaired machine are still one each."""
    furnish(store)
    longer = replace(CONTEST, duration_ms=CONTEST.duration_ms + 600_000, thawed=Instant(9), finalized=Instant(10))

    def work(tx: Transaction) -> None:
        tx.put_contest(longer)
        tx.put_team(replace(TEAM, name="The Lamps", hidden=False))
        tx.put_account(replace(ACCOUNT, enabled=False))
        tx.put_problem(replace(PROBLEM, ordinal=1))
        tx.put_node(NODE)
        tx.put_node(replace(NODE, state="unpaired", token_hash=""))

    store.write(work).result(5)
    with store.read() as view:
        assert list(view.contests()) == [longer]
        assert [team.name for team in view.teams(CONTEST.id)] == ["The Lamps"]
        assert [account.enabled for account in view.accounts(None)] == [False]
        assert [problem.ordinal for problem in view.problems(CONTEST.id)] == [1]
        assert view.node_by_token("f" * 64) is None
        assert view.node_by_token("") is None


def test_a_name_belongs_to_one_account(store: Store) -> None:
    """Two accounts cannot sign in under one name."""
    furnish(store)
    twin = Account(AccountId("a2"), ContestId(""), "lanterns", Role.JUDGE)
    with pytest.raises(Fault):
        store.write(lambda tx: tx.put_account(twin)).result(5)
    with store.read() as view:
        assert view.account(AccountId("a2")) is None


def test_submission_with_sources_and_key(store: Store) -> None:
    """A submission gets a rising number, keeps its bytes, and its key is remembered for this account only."""
    furnish(store)
    first, second = submit(store, 1_500_000, key="k"), submit(store, 1_500_001)
    assert second.id > first.id
    with store.read() as view:
        assert view.submission(first.id) == first
        assert list(view.sources(first.id)) == list(new_submission().files)
        assert view.intake.remembered(ACCOUNT.id, "k") == ("digest of k", first.id)
        assert view.intake.remembered(AccountId("a9"), "k") is None
        assert view.intake.count_since(ACCOUNT.id, Instant(1_500_001)) == 1
        assert list(view.intake.read_after(first.id, 5)) == [second]
        assert view.submission(SubmissionId(99)) is None


def test_a_late_commit_is_marked(store: Store) -> None:
    """More than five seconds between arrival and commit can be seen; five seconds are fine."""
    furnish(store)
    new = new_submission(1_500_000)
    late = store.write(lambda tx: tx.intake.append(new, Instant(1_505_001))).result(5)
    fine = store.write(lambda tx: tx.intake.append(new, Instant(1_505_000))).result(5)
    assert (late.late_commit, fine.late_commit) == (True, False)


def test_lists_of_submissions_are_newest_first_and_in_pages(store: Store) -> None:
    """A team's page shows its newest tries; filters and counts agree."""
    furnish(store)
    made = [submit(store, 1_500_000 + step) for step in range(5)]
    with store.read() as view:
        every = SubmissionFilter(CONTEST.id, team_id=TEAM.id, problem_id=PROBLEM.id, account_id=ACCOUNT.id)
        assert list(view.submissions(every)) == made[::-1]
        assert list(view.submissions(replace(every, limit=2, offset=1))) == [made[3], made[2]]
        assert list(view.submissions(replace(every, before_id=made[2].id))) == [made[1], made[0]]
        assert view.count_submissions(every) == 5
        assert view.count_submissions(SubmissionFilter(ContestId("other"))) == 0


def test_one_judgement_is_valid(store: Store) -> None:
    """A rejudging takes validity from the judgement before, and putting that one back takes it again."""
    furnish(store)
    submission = submit(store)

    def work(tx: Transaction) -> tuple[JudgementId, JudgementId]:
        first = tx.add_judgement(submission, PACKAGE.version, 7, valid=True)
        again = tx.add_judgement(submission, PACKAGE.version, 7, valid=True)
        done = replace(
            first,
            valid=True,
            state=State.DONE,
            verdict=Verdict.WA,
            tests_passed=3,
            cpu_seconds=0.125,
            memory_bytes=77,
            failing_test=4,
            grades='[["secret", "AC", "15000000"]]',
            attempt=2,
            started=Instant(5),
            ended=Instant(6),
            score_millionths=1,
            compile_output="warning: x",
        )
        assert [one.valid for one in tx.judgements(submission.id)] == [False, True]
        tx.put_judgement(done)
        assert tx.judgement(first.id) == done
        return first.id, again.id

    first_id, again_id = store.write(work).result(5)
    with store.read() as view:
        assert [(one.id, one.valid) for one in view.judgements(submission.id)] == [(first_id, True), (again_id, False)]
        assert view.valid_judgements([submission.id, SubmissionId(99)])[submission.id].verdict is Verdict.WA


def test_first_run_of_a_test_counts(store: Store) -> None:
    """The first report of a test stands; a different one is evidence; the same report again is kept once."""
    furnish(store)
    submission = submit(store)

    def work(tx: Transaction) -> list[bool]:
        judgement = tx.add_judgement(submission, PACKAGE.version, 7, valid=True)
        late = replace(RUN, verdict=Verdict.WA, node="n2", repeats=())
        return [
            tx.add_run(judgement.id, 1, RUN, Instant(10)),
            tx.add_run(judgement.id, 2, late, Instant(11)),
            tx.add_run(judgement.id, 1, RUN, Instant(12)),
            tx.add_run(judgement.id, 1, replace(RUN, number=2), Instant(13)),
        ]

    assert store.write(work).result(5) == [True, False, False, True]
    with store.read() as view:
        judgement = view.judgements(submission.id)[0]
        kept = [(one.run.number, one.attempt, one.counted, one.run.verdict) for one in view.runs(judgement.id)]
        assert kept == [(1, 1, True, Verdict.AC), (1, 2, False, Verdict.WA), (2, 1, True, Verdict.AC)]
        assert view.runs(judgement.id)[0].run == RUN


def test_late_run_never_counts(store: Store) -> None:
    """What a machine says after its lease is evidence, also as the first word about a test; the next report of it in time counts."""
    furnish(store)
    submission = submit(store)

    def work(tx: Transaction) -> list[bool]:
        judgement = tx.add_judgement(submission, PACKAGE.version, 7, valid=True)
        return [
            tx.add_run(judgement.id, 1, replace(RUN, stdout_bytes=2), Instant(10), late=True),
            tx.add_run(judgement.id, 2, RUN, Instant(11)),
            tx.add_run(judgement.id, 1, replace(RUN, number=2), Instant(12), late=True),
        ]

    assert store.write(work).result(5) == [False, True, False]
    with store.read() as view:
        kept = view.runs(view.judgements(submission.id)[0].id)
    assert [(one.run.number, one.attempt, one.counted) for one in kept] == [(1, 1, False), (1, 2, True), (2, 1, False)]
    assert [one.run.stdout_bytes for one in kept] == [2, None, None]
    assert kept[0].run.whole_stdout == b"3\n"


def test_outputs_of_runs(store: Store) -> None:
    """What is known of a run's whole output is kept by test and attempt; said again it takes the earlier word's place."""
    furnish(store)
    submission = submit(store)

    def work(tx: Transaction) -> JudgementId:
        judgement = tx.add_judgement(submission, PACKAGE.version, 7, valid=True)
        tx.put_output(StoredOutput(judgement.id, 2, 1, "", 0, "no room"))
        tx.put_output(StoredOutput(judgement.id, 1, 2, "b" * 64, 9))
        tx.put_output(StoredOutput(judgement.id, 1, 1, "a" * 64, 5))
        tx.put_output(StoredOutput(judgement.id, 2, 1, "c" * 64, 7))
        return judgement.id

    judgement_id = store.write(work).result(5)
    with store.read() as view:
        assert list(view.outputs(judgement_id)) == [
            StoredOutput(judgement_id, 1, 1, "a" * 64, 5),
            StoredOutput(judgement_id, 1, 2, "b" * 64, 9),
            StoredOutput(judgement_id, 2, 1, "c" * 64, 7),
        ]
        assert list(view.outputs(JudgementId(99))) == []


def test_a_refusal_undoes_its_own_function_only(store: Store) -> None:
    """One team's refused command leaves no row, number or log entry, and hurts nobody else in the same commit."""
    furnish(store)
    seen: list[Event] = []
    store.on_commit(seen.extend)

    def refused(tx: Transaction) -> None:
        tx.intake.append(new_submission(), Instant(1_500_000))
        tx.put_team(replace(TEAM, name="Spoiled"))
        tx.append_event(CONTEST.id, Kind.TEAM, Instant(1), {"id": "spoiled"})
        raise Refusal(403, "no")

    futures = [
        store.write(lambda tx: tx.append_event(CONTEST.id, Kind.SERVER, Instant(1), {"what": "one"})),
        store.write(refused),
        store.write(lambda tx: tx.append_event(CONTEST.id, Kind.SERVER, Instant(1), {"what": "two"})),
    ]
    assert [futures[0].result(5).seq, futures[2].result(5).seq] == [1, 2]
    with pytest.raises(Refusal, match="no"):
        futures[1].result(5)
    assert submit(store).id == 1
    assert [event.data["what"] for event in seen] == ["one", "two"]
    with store.read() as view:
        assert view.team(TEAM.id) == TEAM
        assert view.last_event()[0] == 2


def test_an_unforeseen_error_reaches_the_caller(store: Store) -> None:
    """A bug in one command is told to its caller, and the next command is served."""

    def broken(tx: Transaction) -> None:
        raise ZeroDivisionError("bug")

    with pytest.raises(ZeroDivisionError):
        store.write(broken).result(5)
    assert store.write(lambda tx: 7).result(5) == 7


def test_rows_need_what_they_point_at(store: Store) -> None:
    """A submission to an unknown problem or a run of an unknown judgement cannot be stored."""
    with pytest.raises(Fault):
        store.write(lambda tx: tx.intake.append(new_submission(), Instant(1))).result(5)
    with pytest.raises(Fault):
        store.write(lambda tx: tx.put_team(TEAM)).result(5)


def test_commands_that_wait_together_run_by_arrival(store: Store) -> None:
    """Who arrived first gets the smaller number, although their command was queued later; the others keep their place."""
    furnish(store)
    entered, go = threading.Event(), threading.Event()
    order: list[str] = []

    def hold(tx: Transaction) -> None:
        entered.set()
        assert go.wait(10)

    holder = threading.Thread(target=lambda: store.write(hold).result(10))
    holder.start()
    assert entered.wait(10)
    futures = [
        store.write(lambda tx: order.append("late"), arrived=Instant(30)),
        store.write(lambda tx: order.append("untimed")),
        store.write(lambda tx: order.append("early"), arrived=Instant(10)),
    ]
    go.set()
    for future in futures:
        future.result(10)
    holder.join(10)
    assert order == ["early", "untimed", "late"]


def test_events_make_a_chain_without_gaps(store: Store) -> None:
    """The log's numbers have no gap, its hashes hold, its bytes are canonical, and it can be read in parts."""
    with store.read() as view:
        assert view.last_event() == (0, GENESIS)

    def work(tx: Transaction) -> None:
        for number in range(5):
            tx.append_event(CONTEST.id, Kind.SETTING, Instant(number), {"value": "ä", "name": str(number)})

    store.write(work).result(5)
    with store.read() as view:
        events = view.events_after(0, 100)
        assert [event.seq for event in events] == [1, 2, 3, 4, 5]
        assert first_break((event.seq, event.payload, event.hash) for event in events) is None
        assert events[0].payload == (
            '{"at":0,"contest_id":"spring","data":{"name":"0","value":"ä"},"kind":"setting"}'.encode()
        )
        assert [event.seq for event in view.events_after(3, 1)] == [4]
        assert view.last_event() == (5, events[4].hash)


def test_the_log_can_be_read_by_kind(store: Store) -> None:
    """A start reads only the entries that it needs: in order, as many as asked for, whatever lies between them."""

    def work(tx: Transaction) -> None:
        for number in range(9):
            kind = (Kind.SETTING, Kind.RUNS, Kind.LEASE)[number % 3]
            tx.append_event(CONTEST.id, kind, Instant(number), {"name": str(number)})

    store.write(work).result(5)
    with store.read() as view:
        assert [event.seq for event in view.events_after(1, 3, {Kind.RUNS, Kind.SETTING})] == [2, 4, 5]
        assert [event.seq for event in view.events_after(5, 9, {Kind.RUNS, Kind.SETTING})] == [7, 8]
        assert list(view.events_after(0, 9, set())) == []


def test_the_log_refuses_floats(store: Store) -> None:
    """A float in an event is a bug that is told, not stored."""
    with pytest.raises(TypeError):
        store.write(lambda tx: tx.append_event(CONTEST.id, Kind.RUNS, Instant(1), {"cpu": 0.5})).result(5)
    with store.read() as view:
        assert view.last_event()[0] == 0


def test_listeners_hear_events_before_the_answer(store: Store) -> None:
    """When a caller has its answer, the tables in memory already know; a broken listener is logged and harms nothing."""
    heard: list[int] = []
    store.on_commit(lambda events: heard.extend(event.seq for event in events))
    event = store.write(lambda tx: tx.append_event(CONTEST.id, Kind.SERVER, Instant(1), {"what": "started"})).result(5)
    assert heard == [event.seq]


def test_a_failing_listener_is_logged(store: Store, expected_warnings: list[str]) -> None:
    """One part that stumbles over an event keeps neither the others nor the caller from theirs."""
    expected_warnings.append("a listener of the store failed")
    heard: list[int] = []

    def stumble(events: object) -> None:
        raise ValueError("stumbled")

    store.on_commit(stumble)
    store.on_commit(lambda events: heard.append(len(events)))
    store.write(lambda tx: tx.append_event(CONTEST.id, Kind.SERVER, Instant(1), {"what": "x"})).result(5)
    assert heard == [1]


def test_a_listener_may_write(store: Store) -> None:
    """A part that hears of an event can order the next change; it comes in a later commit."""
    done = threading.Event()

    def answer(events: object) -> None:
        if not done.is_set():
            done.set()
            store.write(lambda tx: tx.put_setting("heard", "yes"))

    store.on_commit(answer)
    store.write(lambda tx: tx.append_event(CONTEST.id, Kind.SERVER, Instant(1), {"what": "x"})).result(5)
    store.write(lambda tx: None).result(5)
    with store.read() as view:
        assert view.setting("heard") == "yes"


def test_a_view_stands_still(store: Store) -> None:
    """Who reads sees one state, whatever is committed meanwhile."""
    store.write(lambda tx: tx.put_setting("name", "before")).result(5)
    with store.read() as view:
        assert view.setting("name") == "before"
        store.write(lambda tx: tx.put_setting("name", "after")).result(5)
        assert view.setting("name") == "before"
    with store.read() as view:
        assert view.setting("name") == "after"


def test_signed_heads_newest_first(store: Store) -> None:
    """The signatures over the log can be read from the newest back; the same head may be signed again."""
    heads = [SignedHead(number, bytes(32), Instant(number), b"sig") for number in (1, 2, 2)]

    def work(tx: Transaction) -> None:
        for head in heads:
            tx.put_head(head)

    store.write(work).result(5)
    with store.read() as view:
        assert list(view.heads(2)) == [heads[2], heads[1]]


def test_cancelled_command_is_not_run(store: Store) -> None:
    """A command that its caller gave up before its turn is not carried out."""
    entered, go = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        entered.set()
        assert go.wait(10)

    holder = threading.Thread(target=lambda: store.write(hold).result(10))
    holder.start()
    assert entered.wait(10)
    given_up = store.write(lambda tx: tx.put_setting("x", "y"))
    assert given_up.cancel()
    go.set()
    holder.join(10)
    store.write(lambda tx: None).result(10)
    with store.read() as view:
        assert view.setting("x") is None


def test_a_hall_that_submits_at_once(store: Store) -> None:
    """Eight threads submit together: each hears its own number, no number is given twice, and the log has each once, in one chain."""
    furnish(store)
    answers: list[int] = []

    def team(offset: int) -> None:
        for step in range(25):
            new = new_submission(1_500_000 + 100 * step + offset, text=b"%d %d" % (offset, step))

            def work(tx: Transaction, new: NewSubmission = new) -> int:
                submission = tx.intake.append(new, new.arrived)
                tx.append_event(CONTEST.id, Kind.SUBMISSION, new.arrived, {"id": submission.id})
                return submission.id

            number = store.write(work, arrived=new.arrived).result(20)
            with store.read() as view:
                assert view.sources(SubmissionId(number))[0].data == new.files[0].data
            answers.append(number)

    threads = [threading.Thread(target=team, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == list(range(1, 201))
    with store.read() as view:
        events = view.events_after(0, 1000)
        assert sorted(event.data["id"] for event in events) == sorted(answers)
        assert first_break((event.seq, event.payload, event.hash) for event in events) is None


def test_a_closed_store_refuses(store: Store) -> None:
    """After closing every command is refused with 503, and closing twice is fine."""
    store.close()
    store.close()
    with pytest.raises(Refusal) as refusal:
        store.write(lambda tx: None).result(5)
    assert refusal.value.code == 503
    with pytest.raises(Fault), store.read():
        pass


def test_items_of_one_work_are_answered_each(store: Store) -> None:
    """Commands that are taken together are answered each by itself, in order of arrival; a refused one refuses nobody else."""
    furnish(store)
    entered, go = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        entered.set()
        assert go.wait(10)

    def take(tx: Transaction, lot: Sequence[int]) -> Sequence[int | Refusal]:
        fine = [one for one in lot if one % 3]
        taken = tx.intake.append_all([new_submission(1_500_000 + one) for one in fine], Instant(1_500_000))
        numbers = dict(zip(fine, (submission.id for submission in taken), strict=True))
        return [numbers[one] if one in numbers else Refusal(409, "no") for one in lot]

    holder = threading.Thread(target=lambda: store.write(hold).result(10))
    holder.start()
    assert entered.wait(10)
    futures = [store.write_together(take, one, arrived=Instant(one)) for one in (5, 1, 3, 2)]
    go.set()
    holder.join(10)
    assert [futures[place].result(10) for place in (1, 3, 0)] == [1, 2, 3]
    with pytest.raises(Refusal, match="no"):
        futures[2].result(10)


def test_an_error_among_many_reaches_its_own_caller(store: Store) -> None:
    """A bug that one command of many brings to light is told to its caller only; the others are taken, nothing of the first try stays."""
    furnish(store)
    entered, go = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        entered.set()
        assert go.wait(10)

    def take(tx: Transaction, lot: Sequence[int]) -> Sequence[int]:
        events = [NewEvent(CONTEST.id, Kind.SETTING, Instant(1), {"name": str(10 // one), "value": ""}) for one in lot]
        return [event.seq for event in tx.append_events(events)]

    holder = threading.Thread(target=lambda: store.write(hold).result(10))
    holder.start()
    assert entered.wait(10)
    futures = [store.write_together(take, one, arrived=Instant(number)) for number, one in enumerate((1, 0, 2))]
    go.set()
    holder.join(10)
    assert [futures[0].result(10), futures[2].result(10)] == [1, 2]
    with pytest.raises(ZeroDivisionError):
        futures[1].result(10)
    with store.read() as view:
        assert [event.data["name"] for event in view.events_after(0, 10)] == ["10", "5"]


@pytest.mark.parametrize("many", [1, 3, 5, 21, 150])
def test_many_rows_at_once_are_the_same_rows(store: Store, many: int) -> None:
    """However many submissions come together, each has its sources, its key, its judgement, its task and its numbers."""
    furnish(store)

    def work(tx: Transaction) -> list[Submission]:
        new = [new_submission(1_500_000 + one, key=f"k{one}", text=b"%d" % one) for one in range(many)]
        taken = list(tx.intake.append_all(new, Instant(1_500_000)))
        judgements = tx.add_judgements([(one, PACKAGE.version, 7) for one in taken])
        tx.leases.enqueue_all([NewTask(CONTEST.id, one.id, 1 << 30, "c") for one in judgements], Instant(9))
        return taken

    taken = store.write(work).result(10)
    assert [one.id for one in taken] == list(range(1, many + 1))
    assert submit(store).id == many + 1
    with store.read() as view:
        assert view.leases.waiting() == (many, Instant(9))
        assert view.intake.counts_since([ACCOUNT.id, AccountId("a9")], Instant(1_500_001)) == (
            {ACCOUNT.id: many - 1} if many > 1 else {}
        )
        assert view.accounts_of([ACCOUNT.id, AccountId("a9")]) == {ACCOUNT.id: ACCOUNT}
        for number, one in enumerate(taken):
            assert view.submission(one.id) == one
            assert [file.data for file in view.sources(one.id)] == [b"%d" % number, b""]
            assert view.intake.remembered(ACCOUNT.id, f"k{number}") == (f"digest of k{number}", one.id)
            judgement = view.valid_judgements([one.id])[one.id]
            assert (judgement.state, judgement.test_count) == (State.QUEUED, 7)
            task = view.leases.task_of(judgement.id)
            assert task is not None
            assert (task.kind, task.needs_memory_bytes, task.payload, task.queued) == (TaskKind.JUDGE, 1 << 30, {}, 9)
