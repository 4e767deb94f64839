"""The second half of submitting: what is decided and written inside the writer's transaction, for all that came together.

Theory of operation. The writer gives everything that waits for it in one go, in the order of arrival. What the checks need is asked once
for all of them (accounts, contest, problem, how many each account sent lately); then each submission is decided by itself, in order, and
those that stand are written with a few statements, however many they are. Two requests with one key never stand in the same part: the
second one waits for a further part of the same transaction, where it finds the first one's answer.

The count of the last minute is first taken over the longest span of the part, so it is at least the true one. Only where that bound
reaches the limit is the exact number asked for.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core import visibility
from app.core.clock import Clock, Instant
from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.events import Kind, canonical
from app.core.ids import AccountId, ContestId, ProblemId
from app.core.judgement import Judgement
from app.core.people import Account, Caller
from app.core.problem import Problem
from app.core.submission import NewSubmission, SourceFile, Submission
from app.core.visibility import Entry
from app.ports.leases import NewTask
from app.ports.store import NewEvent, SubmissionFilter, Transaction
from app.services.answers import Accepted, SubmitRequest

AIR_BYTES = 256 * 1024 * 1024
WINDOW_MS = 60_000
UNKNOWN_PROBLEM = "There is no such problem in this contest."
_CLOSED = {
    Entry.SIGN_IN: (401, "Sign in to submit."),
    Entry.NOT_A_TEAM: (403, "This account cannot submit."),
    Entry.OTHER_CONTEST: (404, UNKNOWN_PROBLEM),
    Entry.NOT_BEGUN: (403, "The contest has not begun; submit when the clock says so."),
    Entry.OVER: (403, "The contest is over; it takes no more submissions."),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """A submission on its way to the writer: checked as far as the request alone tells."""

    account_id: AccountId
    contest_id: ContestId
    request: SubmitRequest
    arrived: Instant


@dataclass(frozen=True, slots=True)
class _Standing:
    """One that passed: its place in the lot, and what it is judged by."""

    place: int
    new: NewSubmission
    problem: Problem


class Taking:
    """Decides and writes lots of submissions. Belongs to the writer's thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def take(self, tx: Transaction, lot: Sequence[Offered]) -> Sequence[Accepted | Refusal]:
        """An answer for each, in their order."""
        answers: dict[int, Accepted | Refusal] = {}
        places: Sequence[int] = range(len(lot))
        while places:
            now, places = _apart(lot, places)
            self._take_part(tx, lot, now, answers)
        return [answers[place] for place in range(len(lot))]

    def _take_part(
        self, tx: Transaction, lot: Sequence[Offered], places: Sequence[int], answers: dict[int, Accepted | Refusal]
    ) -> None:
        known = _Known(tx, [lot[place] for place in places])
        standing: list[_Standing] = []
        for place in places:
            try:
                decided = known.decide(lot[place])
            except Refusal as refusal:
                answers[place] = refusal
                continue
            if isinstance(decided, Accepted):
                answers[place] = decided
            else:
                standing.append(_Standing(place, *decided))
        if standing:
            for one, submission in zip(standing, self._write(tx, standing), strict=True):
                answers[one.place] = Accepted(submission.id, repeated=False)

    def _write(self, tx: Transaction, standing: Sequence[_Standing]) -> Sequence[Submission]:
        now = self._clock.now()
        submissions = tx.intake.append_all([one.new for one in standing], now)
        problems = [one.problem for one in standing]
        judgements = tx.add_judgements(
            [(one, of.package_version, of.test_count) for one, of in zip(submissions, problems, strict=True)]
        )
        tasks, events = [], []
        for one, submission, judgement in zip(standing, submissions, judgements, strict=True):
            needed = one.problem.memory_bytes + AIR_BYTES
            tasks.append(NewTask(submission.contest_id, judgement.id, needed, submission.language))
            sent, begun = submission_data(submission, one.new.files), judgement_data(judgement)
            events.append(NewEvent(submission.contest_id, Kind.SUBMISSION, now, sent))
            events.append(NewEvent(submission.contest_id, Kind.JUDGEMENT, now, begun))
        tx.leases.enqueue_all(tasks, now)
        tx.append_events(events)
        return submissions


class _Known:
    """What one part is decided by, asked of the store once."""

    def __init__(self, tx: Transaction, part: Sequence[Offered]) -> None:
        self._tx = tx
        ids = {one.account_id for one in part}
        self._accounts: Mapping[AccountId, Account] = tx.accounts_of(ids)
        earliest = Instant(min(one.arrived for one in part) - WINDOW_MS + 1)
        self._at_most = Counter(tx.intake.counts_since(ids, earliest))
        self._taken: dict[AccountId, list[Instant]] = {}
        self._contests: dict[ContestId, Contest | None] = {}
        self._problems: dict[tuple[ContestId, ProblemId], Problem | None] = {}

    def decide(self, offered: Offered) -> Accepted | tuple[NewSubmission, Problem]:
        """What is to be written, or the answer that was given before. Refusal 401, 403, 404, 409, 429."""
        request, arrived = offered.request, offered.arrived
        account = self._accounts.get(offered.account_id)
        if account is None or not account.enabled:
            raise Refusal(401, "This account is closed.")
        digest = ""
        if request.idempotency_key:
            digest = command_digest(request)
            before = self._tx.intake.remembered(account.id, request.idempotency_key)
            if before is not None:
                if before[0] != digest:
                    raise Refusal(409, "This Idempotency-Key was used with another submission; take a new one.")
                return Accepted(before[1], repeated=True)
        contest, problem = self._contest(offered.contest_id), self._problem(offered.contest_id, request.problem_id)
        if contest is None or problem is None:
            raise Refusal(404, UNKNOWN_PROBLEM)
        check_entry(_caller_now(account), contest, arrived)
        self._check_rate(account, contest, arrived)
        self._taken.setdefault(account.id, []).append(arrived)
        return _new(account, offered, digest), problem

    def _contest(self, contest_id: ContestId) -> Contest | None:
        if contest_id not in self._contests:
            self._contests[contest_id] = self._tx.contest(contest_id)
        return self._contests[contest_id]

    def _problem(self, contest_id: ContestId, problem_id: ProblemId) -> Problem | None:
        key = (contest_id, problem_id)
        if key not in self._problems:
            self._problems[key] = self._tx.problem(contest_id, problem_id)
        return self._problems[key]

    def _check_rate(self, account: Account, contest: Contest, arrived: Instant) -> None:
        limit, own = contest.submissions_per_minute, self._taken.get(account.id, ())
        if self._at_most[account.id] + len(own) < limit:
            return
        since = Instant(arrived - WINDOW_MS + 1)
        recent = [one for one in own if one >= since]
        if self._tx.intake.count_since(account.id, since) + len(recent) < limit:
            return
        newest = self._tx.submissions(SubmissionFilter(contest.id, account_id=account.id, limit=limit))
        times = sorted((*(one.arrived for one in newest), *own), reverse=True)[:limit]
        wait = max(1, -(-(min(times, default=arrived) + WINDOW_MS - arrived) // 1000))
        sentence = f"More than {limit} submissions in a minute; submit again in {wait} s."
        raise Refusal(429, sentence, retry_after_seconds=wait)


def check_entry(caller: Caller, contest: Contest, arrived: Instant) -> None:
    """Refusal 401, 403 or 404 unless the caller may submit what arrived at this moment (core/visibility decides)."""
    entry = visibility.may_submit(caller, contest, arrived)
    if entry is not Entry.OPEN:
        raise Refusal(*_CLOSED[entry])


def command_digest(request: SubmitRequest) -> str:
    """SHA-256 of the parsed command: equal commands have equal digests, however they were sent."""
    files = [[file.name, hashlib.sha256(file.data).hexdigest()] for file in request.files]
    command = [request.contest_id or "", request.problem_id, request.language, request.entry_point, files]
    return hashlib.sha256(canonical({"submit": command})).hexdigest()


def submission_data(submission: Submission, files: Sequence[SourceFile]) -> dict[str, object]:
    """What the log says of a submission with these sources."""
    return {
        "id": submission.id,
        "team_id": submission.team_id,
        "account_id": submission.account_id,
        "problem_id": submission.problem_id,
        "language": submission.language,
        "arrived": submission.arrived,
        "late_commit": submission.late_commit,
        "sources": [
            {"name": file.name, "sha256": hashlib.sha256(file.data).hexdigest(), "size": len(file.data)}
            for file in files
        ],
    }


def judgement_data(judgement: Judgement) -> dict[str, object]:
    """What the log says of a judgement."""
    return {
        "id": judgement.id,
        "submission_id": judgement.submission_id,
        "package_version": judgement.package_version,
        "state": judgement.state.value,
        "attempt": judgement.attempt,
        "valid": judgement.valid,
    }


def verdict_data(judgement: Judgement) -> dict[str, object]:
    """What the log says of a verdict, but for score and groups."""
    return {
        "judgement_id": judgement.id,
        "submission_id": judgement.submission_id,
        "verdict": judgement.verdict.value if judgement.verdict is not None else "",
        "valid": judgement.valid,
        "tests_passed": judgement.tests_passed,
        "cpu_us": round(judgement.cpu_seconds * 1_000_000),
        "memory_bytes": judgement.memory_bytes,
    }


def _apart(lot: Sequence[Offered], places: Sequence[int]) -> tuple[list[int], list[int]]:
    """The places whose keys are all different, and those that repeat one of them."""
    seen: set[tuple[AccountId, str]] = set()
    first, later = [], []
    for place in places:
        one = lot[place]
        key = (one.account_id, one.request.idempotency_key)
        if key[1] and key in seen:
            later.append(place)
        else:
            seen.add(key)
            first.append(place)
    return first, later


def _caller_now(account: Account) -> Caller:
    """Who asks by what the store says now: role and team may have changed since the sign-in."""
    return Caller(account.role, account.id, account.team_id, account.contest_id or None)


def _new(account: Account, offered: Offered, digest: str) -> NewSubmission:
    request = offered.request
    return NewSubmission(
        contest_id=offered.contest_id,
        account_id=account.id,
        team_id=account.team_id,
        problem_id=request.problem_id,
        language=request.language,
        files=request.files,
        arrived=offered.arrived,
        entry_point=request.entry_point,
        idempotency_key=request.idempotency_key,
        command_digest=digest,
    )
