"""Reading submissions: every answer passes core/visibility, so a caller gets exactly what they may know."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from app.core import visibility
from app.core.clock import Clock, Instant
from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.ids import ContestId, JudgementId, ProblemId, SubmissionId, TeamId
from app.core.judgement import Judgement, State
from app.core.people import Caller, Role
from app.core.scoring.groups import GroupResult, decimal
from app.core.submission import SourceFile, Submission
from app.core.visibility import Field
from app.ports.bell import Bell
from app.ports.leases import TaskKind
from app.ports.store import Store, SubmissionFilter, View
from app.services import outputs
from app.services.answers import OutputView, Page, Queue, SubmissionView
from app.services.contest_book import ContestBook
from app.services.gradings import Gradings
from app.services.live_work import Progress
from app.services.submission_rows import RowReader, run_rows
from app.wire.admin_v1 import RunRow, SubmissionDetail, SubmissionRow

ProgressOf = Callable[[JudgementId], Progress | None]
_UNKNOWN = "There is no such submission."
_MOST_FILTERED = 10_000
_MOST_ON_PAGE = 200
_QUEUE_SECONDS = 2.0
_CONSOLE = Caller(Role.ADMIN, None, None, None)


@dataclass(frozen=True, slots=True)
class _Judged:
    submission: Submission
    contest: Contest
    judgement: Judgement | None
    fields: frozenset[Field]


class Submissions:
    """The read side. Safe from any thread; each call is one short look into the store."""

    def __init__(self, *, store: Store, bell: Bell, clock: Clock, book: ContestBook, progress_of: ProgressOf) -> None:
        self._store = store
        self._bell = bell
        self._clock = clock
        self._book = book
        self._progress_of = progress_of
        self._gradings = Gradings()
        self._counting = threading.Lock()
        self._counted: tuple[float, int, Instant | None] | None = None
        self._rows = RowReader(book, progress_of, self._gradings)

    def view(self, caller: Caller, submission_id: SubmissionId) -> SubmissionView:
        """One submission. Refusal 404 for an unknown one or one that the caller may not know of."""
        seq = self._bell.counter(f"submission:{submission_id}")
        with self._store.read() as view:
            judged = self._find(view, caller, submission_id)
            groups = self._groups(view, judged)
        return replace(self._shown(judged, seq), groups=groups)

    def page(
        self,
        caller: Caller,
        *,
        problem_id: ProblemId | None = None,
        states: Collection[str] = (),
        contest_id: ContestId | None = None,
        page: int = 1,
        per_page: int = 50,
    ) -> Page[SubmissionView]:
        """The caller's own submissions, or all of the contest for the jury; newest first, pages from 1 (at most 200 rows).

        `states` are statuses and verdicts' ids, none for any; `contest_id` None means the caller's contest or the present one.
        Refusal 401 for nobody, 422 for an impossible page.
        """
        if caller.role is Role.ANONYMOUS:
            raise Refusal(401, "Sign in to see your submissions.")
        if page < 1 or not 1 <= per_page <= _MOST_ON_PAGE:
            raise Refusal(422, f"Pages count from 1 and hold at most {_MOST_ON_PAGE}.", fields={"page": "out of range"})
        contest = self._book.contest(contest_id or caller.contest_id)
        wanted = self._wanted(caller, contest.id, problem_id)
        if states:
            return self._filtered(caller, contest, wanted, states, page, per_page)
        with self._store.read() as view:
            total = view.count_submissions(wanted)
            found = view.submissions(_slice(wanted, per_page, (page - 1) * per_page))
            judged = self._judge(view, caller, contest, found)
        return Page([self._show(one) for one in judged], page, per_page, total)

    def _groups(self, view: View, judged: _Judged) -> tuple[GroupResult, ...]:
        judgement = judged.judgement
        if judgement is None or judgement.score_millionths is None or Field.SCORE not in judged.fields:
            return ()
        return self._gradings.groups(view, judgement.package_version, judgement.id)

    def queue(self) -> Queue:
        """What waits for a judge; counted at most once in two seconds, however many ask."""
        now = self._clock.monotonic_seconds()
        with self._counting:
            if self._counted is None or now - self._counted[0] >= _QUEUE_SECONDS:
                with self._store.read() as view:
                    self._counted = now, *view.leases.waiting(TaskKind.JUDGE)
            _, waiting, oldest = self._counted
        return Queue(waiting, 0 if oldest is None else max(0, self._clock.now() - oldest))

    def sources(self, caller: Caller, submission_id: SubmissionId) -> tuple[SourceFile, ...]:
        """The submitted files. Refusal 404 for everybody but their owner and the jury."""
        with self._store.read() as view:
            judged = self._find(view, caller, submission_id)
            if not visibility.may_see_sources(caller, judged.submission):
                raise Refusal(404, _UNKNOWN)
            return tuple(view.sources(submission_id))

    def sample_outputs(self, caller: Caller, submission_id: SubmissionId) -> tuple[OutputView, ...]:
        """What the caller may read of what the submission printed, test by test. Refusal 404 for an unknown submission."""
        with self._store.read() as view:
            judged = self._find(view, caller, submission_id)
            found = outputs.readable(view, caller, judged.submission, judged.judgement)
            return tuple(OutputView(one.run.number, one.run.test, size) for one, size in found)

    def output(
        self, caller: Caller, submission_id: SubmissionId, number: int, attempt: int | None = None
    ) -> outputs.WholeOutput:
        """All that a run printed: of the run that counts, or for the jury of a certain attempt's. Refusal 404."""
        with self._store.read() as view:
            judged = self._find(view, caller, submission_id)
            return outputs.whole_output(view, caller, judged.submission, judged.judgement, number, attempt)

    def jury_runs(self, caller: Caller, submission_id: SubmissionId) -> tuple[RunRow, ...]:
        """All runs of the valid judgement with the evidence; none for whoever may not see single runs. Refusal 404."""
        with self._store.read() as view:
            judged = self._find(view, caller, submission_id)
            if judged.judgement is None or Field.RUNS not in judged.fields:
                return ()
            found = outputs.RunOutputs(view, judged.judgement.id)
            return tuple(run_rows(view.runs(judged.judgement.id), found))

    def submission_for_waiting(self, submission_id: SubmissionId) -> Submission | None:
        """The submission itself, for visibility.may_wait."""
        with self._store.read() as view:
            return view.submission(submission_id)

    def admin_rows(
        self,
        before: SubmissionId | None = None,
        limit: int = 100,
        problem: ProblemId | None = None,
        team: TeamId | None = None,
        contest_id: ContestId | None = None,
    ) -> list[SubmissionRow]:
        """Rows of the console's live list, newest first, at most 500. For the jury only: the caller is checked by the door."""
        contest = self._book.contest(contest_id)
        wanted = SubmissionFilter(
            contest.id, team_id=team, problem_id=problem, before_id=before, limit=max(1, min(limit, 500))
        )
        with self._store.read() as view:
            return self._rows.rows(view, contest, view.submissions(wanted))

    def admin_detail(self, submission_id: SubmissionId) -> SubmissionDetail:
        """Everything about one submission, for the jury only. Refusal 404."""
        with self._store.read() as view:
            submission = view.submission(submission_id)
            if submission is None:
                raise Refusal(404, _UNKNOWN)
            return self._rows.detail(view, self._book.contest(submission.contest_id), submission)

    def admin_output(self, submission_id: SubmissionId, number: int, attempt: int | None) -> outputs.WholeOutput:
        """What a run printed, for the console: its caller is checked by the door. Refusal 404."""
        return self.output(_CONSOLE, submission_id, number, attempt)

    def _wanted(self, caller: Caller, contest_id: ContestId, problem_id: ProblemId | None) -> SubmissionFilter:
        if caller.role.is_jury:
            return SubmissionFilter(contest_id, problem_id=problem_id)
        if caller.team_id is not None:
            return SubmissionFilter(contest_id, team_id=caller.team_id, problem_id=problem_id)
        return SubmissionFilter(contest_id, account_id=caller.account_id, problem_id=problem_id)

    def _filtered(
        self,
        caller: Caller,
        contest: Contest,
        wanted: SubmissionFilter,
        states: Collection[str],
        page: int,
        per_page: int,
    ) -> Page[SubmissionView]:
        with self._store.read() as view:
            judged = self._judge(view, caller, contest, view.submissions(_slice(wanted, _MOST_FILTERED, 0)))
        shown = [self._show(one) for one in judged]
        matching = [one for one in shown if one.status in states or (one.verdict and one.verdict.value in states)]
        first = (page - 1) * per_page
        return Page(matching[first : first + per_page], page, per_page, len(matching))

    def _find(self, view: View, caller: Caller, submission_id: SubmissionId) -> _Judged:
        submission = view.submission(submission_id)
        if submission is None:
            raise Refusal(404, _UNKNOWN)
        found = self._judge(view, caller, self._book.contest(submission.contest_id), [submission])
        if not found:
            raise Refusal(404, _UNKNOWN)
        return found[0]

    def _judge(self, view: View, caller: Caller, contest: Contest, submissions: Sequence[Submission]) -> list[_Judged]:
        """The submissions that the caller may know of, with what they may know."""
        valid = view.valid_judgements([one.id for one in submissions])
        now = self._clock.now()
        judged = []
        for submission in submissions:
            team = self._book.team(submission.team_id)
            judgement = valid.get(submission.id)
            fields = visibility.submission_fields(
                caller, submission, contest, judgement, now, team_hidden=team is not None and team.hidden
            )
            if Field.EXISTS in fields:
                judged.append(_Judged(submission, contest, judgement, fields))
        return judged

    def _show(self, judged: _Judged) -> SubmissionView:
        return self._shown(judged, self._bell.counter(f"submission:{judged.submission.id}"))

    def _shown(self, judged: _Judged, seq: int) -> SubmissionView:
        submission, judgement, fields = judged.submission, judged.judgement, judged.fields
        team = self._book.team(submission.team_id)
        problem = self._book.problem(submission.contest_id, submission.problem_id)
        status, passed, total = self._status(judgement, fields)
        result = judgement if judgement is not None and status == "DONE" else None
        tests = result if result is not None and Field.TESTS in fields else None
        cost = result if result is not None and Field.RESOURCES in fields else None
        return SubmissionView(
            id=submission.id,
            seq=seq,
            contest_id=submission.contest_id,
            team_id=submission.team_id,
            team_name=team.name if team is not None else "",
            problem_id=submission.problem_id,
            problem_label=problem.label if problem is not None else "",
            problem_title=problem.title if problem is not None else "",
            language=submission.language,
            arrived=submission.arrived,
            contest_time_ms=contest_time_ms(judged.contest, submission.arrived),
            status=status,
            verdict=result.verdict if result is not None else None,
            tests_passed=tests.tests_passed if tests is not None else passed,
            tests_total=tests.test_count if tests is not None else total,
            cpu_seconds=cost.cpu_seconds if cost is not None else None,
            memory_bytes=cost.memory_bytes if cost is not None else None,
            score=_score(result) if Field.SCORE in fields else None,
            compile_output=result.compile_output if result is not None and Field.COMPILE_OUTPUT in fields else None,
            first_failing_test=result.failing_test if result is not None and Field.FAILING_TEST in fields else None,
        )

    def _status(self, judgement: Judgement | None, fields: frozenset[Field]) -> tuple[str, int | None, int | None]:
        """Status, and while it runs: tests passed so far, of how many."""
        if judgement is None:
            return "PENDING", None, None
        if judgement.state is State.DONE:
            return ("DONE" if Field.VERDICT in fields else "PENDING"), None, None
        if judgement.state is State.DESK:
            return ("DESK" if Field.RUNS in fields else "PENDING"), None, None
        progress = self._progress_of(judgement.id) if Field.PROGRESS in fields else None
        if progress is None or progress.phase == "fetching":
            return "PENDING", None, None
        if progress.phase == "compiling":
            return "COMPILING", None, None
        return "RUNNING", progress.test, progress.tests


def _score(judgement: Judgement | None) -> str | None:
    known = judgement is not None and judgement.score_millionths is not None
    return decimal(judgement.score_millionths or 0) if known and judgement is not None else None


def contest_time_ms(contest: Contest, at: Instant) -> int:
    """Contest time of an instant; 0 for a contest that was never scheduled (a jury's try)."""
    return contest.contest_time_ms(at) if contest.start is not None else 0


def _slice(wanted: SubmissionFilter, limit: int, offset: int) -> SubmissionFilter:
    return SubmissionFilter(
        wanted.contest_id, wanted.team_id, wanted.account_id, wanted.problem_id, None, limit=limit, offset=offset
    )
