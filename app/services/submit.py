"""Taking a submission in: checks, one function for the writer, an answer after the commit (DESIGN 4).

Theory of operation. What depends on the request alone is checked in the caller's thread, so that nonsense never reaches the writer. What
depends on the contest's truth (account, phase at arrival, rate, idempotency key) is checked inside the transaction. A key that was
answered before goes first of all: a repeated request gets its old answer even after the end of the contest.

Each account has a share of what may wait for the disk: who sends without pause fills their own share, is told to wait without costing the
writer anything, and nobody else's submission is refused for it.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future

from app.core import visibility
from app.core.clock import Clock, Instant
from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.events import Kind, canonical
from app.core.ids import AccountId, ContestId
from app.core.judgement import Judgement
from app.core.people import Account, Caller
from app.core.problem import Problem
from app.core.submission import NewSubmission, Submission
from app.core.visibility import Entry
from app.languages.definition import Language
from app.languages.detect import check_entry_point, check_file_names
from app.ports.leases import TaskKind
from app.ports.store import Store, SubmissionFilter, Transaction
from app.services.answers import Accepted, SubmitRequest
from app.services.contest_book import ContestBook
from app.services.futures import failed

AIR_BYTES = 256 * 1024 * 1024
_WINDOW_MS = 60_000
SHARE = 20
"""Submissions of one account that may wait for their commit at once; the writer takes some hundreds in each."""
_UNKNOWN_PROBLEM = "There is no such problem in this contest."
_CLOSED = {
    Entry.SIGN_IN: (401, "Sign in to submit."),
    Entry.NOT_A_TEAM: (403, "This account cannot submit."),
    Entry.OTHER_CONTEST: (404, _UNKNOWN_PROBLEM),
    Entry.NOT_BEGUN: (403, "The contest has not begun; submit when the clock says so."),
    Entry.OVER: (403, "The contest is over; it takes no more submissions."),
}


class Submit:
    """Accepts submissions. Safe from any thread; nothing here waits."""

    def __init__(self, *, store: Store, clock: Clock, book: ContestBook, languages: Mapping[str, Language]) -> None:
        self._store = store
        self._clock = clock
        self._book = book
        self._languages = languages
        self._waiting: Counter[AccountId] = Counter()
        self._lock = threading.Lock()

    def accept(self, caller: Caller, request: SubmitRequest, arrived: Instant) -> Future[Accepted]:
        """Takes a submission whose body was complete at `arrived`; resolves when it is on disk.

        Refusals: 401 not signed in, 403 phase or role, 404 problem, 409 key with another body, 413 too large, 422 language, files or
        entry point, 429 too many (with retry_after_seconds), 503 store.
        """
        try:
            account_id = _account_of(caller)
            contest = self._book.meant(caller, request.contest_id)
            # Before the start first of all: else 404 or not would tell which problems there will be. After the end a key may be known.
            if not (request.idempotency_key and contest.phase(arrived).begun):
                check_entry(caller, contest, arrived)
            problem = self._book.problem(contest.id, request.problem_id)
            if problem is None:
                raise Refusal(404, _UNKNOWN_PROBLEM)
            self._check(request, contest, problem)
            self._take_place(account_id)
        except Refusal as refusal:
            return failed(refusal)
        digest = command_digest(request)
        written = self._store.write(
            lambda tx: self._take(tx, account_id, contest.id, request, digest, arrived), arrived=arrived
        )
        written.add_done_callback(lambda _: self._give_place_back(account_id))
        return written

    def _take_place(self, account_id: AccountId) -> None:
        with self._lock:
            if self._waiting[account_id] >= SHARE:
                sentence = f"{SHARE} of your submissions wait to be stored; submit again in a moment."
                raise Refusal(429, sentence, retry_after_seconds=1)
            self._waiting[account_id] += 1

    def _give_place_back(self, account_id: AccountId) -> None:
        with self._lock:
            self._waiting[account_id] -= 1
            if not self._waiting[account_id]:
                del self._waiting[account_id]

    def _check(self, request: SubmitRequest, contest: Contest, problem: Problem) -> None:
        _check_key(request.idempotency_key)
        language = self._languages.get(request.language)
        if language is None or language.id not in (problem.languages or contest.languages):
            raise Refusal(
                422, f"The language {request.language} is not taken here.", fields={"language": "not one of the list"}
            )
        check_files(request, contest, language)

    def _take(
        self,
        tx: Transaction,
        account_id: AccountId,
        contest_id: ContestId,
        request: SubmitRequest,
        digest: str,
        arrived: Instant,
    ) -> Accepted:
        account = tx.account(account_id)
        if account is None or not account.enabled:
            raise Refusal(401, "This account is closed.")
        if request.idempotency_key:
            before = tx.intake.remembered(account_id, request.idempotency_key)
            if before is not None:
                if before[0] != digest:
                    raise Refusal(409, "This Idempotency-Key was used with another submission; take a new one.")
                return Accepted(before[1], repeated=True)
        contest, problem = tx.contest(contest_id), tx.problem(contest_id, request.problem_id)
        if contest is None or problem is None:
            raise Refusal(404, _UNKNOWN_PROBLEM)
        check_entry(_caller_now(account), contest, arrived)
        _check_rate(tx, account, contest, arrived)
        submission = tx.intake.append(_new(account, contest_id, request, digest, arrived), self._clock.now())
        judgement = self._queue(tx, submission, problem)
        self._tell(tx, submission, judgement, request)
        return Accepted(submission.id, repeated=False)

    def _queue(self, tx: Transaction, submission: Submission, problem: Problem) -> Judgement:
        judgement = tx.add_judgement(submission, problem.package_version, problem.test_count, valid=True)
        tx.leases.enqueue(
            submission.contest_id,
            TaskKind.JUDGE,
            judgement.id,
            {},
            needs_memory_bytes=problem.memory_bytes + AIR_BYTES,
            language=submission.language,
            at=self._clock.now(),
        )
        return judgement

    def _tell(self, tx: Transaction, submission: Submission, judgement: Judgement, request: SubmitRequest) -> None:
        now = self._clock.now()
        sources = [
            {"name": file.name, "sha256": hashlib.sha256(file.data).hexdigest(), "size": len(file.data)}
            for file in request.files
        ]
        data = {
            "id": submission.id,
            "team_id": submission.team_id,
            "account_id": submission.account_id,
            "problem_id": submission.problem_id,
            "language": submission.language,
            "arrived": submission.arrived,
            "late_commit": submission.late_commit,
            "sources": sources,
        }
        tx.append_event(submission.contest_id, Kind.SUBMISSION, now, data)
        tx.append_event(submission.contest_id, Kind.JUDGEMENT, now, judgement_data(judgement))


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


def command_digest(request: SubmitRequest) -> str:
    """SHA-256 of the parsed command: equal commands have equal digests, however they were sent."""
    files = [[file.name, hashlib.sha256(file.data).hexdigest()] for file in request.files]
    command = [request.contest_id or "", request.problem_id, request.language, request.entry_point, files]
    return hashlib.sha256(canonical({"submit": command})).hexdigest()


def check_entry(caller: Caller, contest: Contest, arrived: Instant) -> None:
    """Refusal 401, 403 or 404 unless the caller may submit what arrived at this moment (core/visibility decides)."""
    entry = visibility.may_submit(caller, contest, arrived)
    if entry is not Entry.OPEN:
        raise Refusal(*_CLOSED[entry])


def check_files(request: SubmitRequest, contest: Contest, language: Language) -> None:
    """Refusal 413 or 422 unless the files can be a submission in this language."""
    files = request.files
    if not any(file.data.strip() for file in files):
        raise Refusal(422, "The submission is empty; paste code or choose a file.", fields={"code": "empty"})
    if len(files) > contest.file_limit:
        raise Refusal(413, f"At most {contest.file_limit} files can be submitted at once.")
    if sum(len(file.data) for file in files) > contest.source_limit_bytes:
        raise Refusal(413, f"The source is larger than {contest.source_limit_bytes // 1024} KiB, all files together.")
    names = [file.name for file in files]
    check_file_names(names)
    if len({name.casefold() for name in names}) < len(names):
        raise Refusal(422, "Two files have the same name.", fields={"files": "same name"})
    if not any(language.takes(name) for name in names):
        wanted = ", ".join(f".{extension}" for extension in language.extensions)
        sentence = f"None of the files is {language.name}; a name must end in {wanted}."
        raise Refusal(422, sentence, fields={"language": "does not fit the files"})
    if len(request.entry_point) > 200:
        raise Refusal(422, "The entry point is too long.", fields={"entry_point": "too long"})
    check_entry_point(language, names, request.entry_point or None)


def _account_of(caller: Caller) -> AccountId:
    if caller.account_id is None:
        raise Refusal(*_CLOSED[Entry.SIGN_IN])
    return caller.account_id


def _check_key(key: str) -> None:
    if len(key) > 128 or not all("!" <= letter <= "~" for letter in key):
        raise Refusal(400, "An Idempotency-Key has 1 to 128 printable characters.")


def _check_rate(tx: Transaction, account: Account, contest: Contest, arrived: Instant) -> None:
    limit = contest.submissions_per_minute
    if tx.intake.count_since(account.id, Instant(arrived - _WINDOW_MS + 1)) < limit:
        return
    newest = tx.submissions(SubmissionFilter(contest.id, account_id=account.id, limit=limit))
    oldest = min((one.arrived for one in newest), default=arrived)
    wait = max(1, -(-(oldest + _WINDOW_MS - arrived) // 1000))
    sentence = f"More than {limit} submissions in a minute; submit again in {wait} s."
    raise Refusal(429, sentence, retry_after_seconds=wait)


def _caller_now(account: Account) -> Caller:
    """Who asks by what the store says now: role and team may have changed since the sign-in."""
    return Caller(account.role, account.id, account.team_id, account.contest_id or None)


def _new(
    account: Account, contest_id: ContestId, request: SubmitRequest, digest: str, arrived: Instant
) -> NewSubmission:
    return NewSubmission(
        contest_id=contest_id,
        account_id=account.id,
        team_id=account.team_id,
        problem_id=request.problem_id,
        language=request.language,
        files=request.files,
        arrived=arrived,
        entry_point=request.entry_point,
        idempotency_key=request.idempotency_key,
        command_digest=digest,
    )
