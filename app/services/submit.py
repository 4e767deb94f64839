"""Taking a submission in: checks, one item for the writer, an answer after the commit (DESIGN 4).

Theory of operation. What depends on the request alone is checked in the caller's thread, so that nonsense never reaches the writer. What
depends on the contest's truth (account, phase at arrival, rate, idempotency key) is checked inside the transaction, by taking.py. A key
that was answered before goes first of all: a repeated request gets its old answer even after the end of the contest.

Each account has a share of what may wait for the disk: who sends without pause fills their own share, is told to wait without costing the
writer anything, and nobody else's submission is refused for it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future

from app.core.clock import Clock, Instant
from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.ids import AccountId
from app.core.people import Caller
from app.core.problem import Problem
from app.languages.definition import Language
from app.languages.detect import check_entry_point, check_file_names
from app.ports.store import Store
from app.services.answers import Accepted, SubmitRequest
from app.services.contest_book import ContestBook
from app.services.futures import failed
from app.services.taking import UNKNOWN_PROBLEM, Offered, Taking, check_entry

MOST_OUTPUTS = 200
"""Files of a submission that is outputs: one a test."""
SHARE = 20
"""Submissions of one account that may wait for their commit at once; the writer takes some hundreds in each."""


class Submit:
    """Accepts submissions. Safe from any thread; nothing here waits."""

    def __init__(self, *, store: Store, clock: Clock, book: ContestBook, languages: Mapping[str, Language]) -> None:
        self._store = store
        self._taking = Taking(clock)
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
                raise Refusal(404, UNKNOWN_PROBLEM)
            self._check(request, contest, problem)
            self._take_place(account_id)
        except Refusal as refusal:
            return failed(refusal)
        offered = Offered(account_id, contest.id, request, arrived)
        written = self._store.write_together(self._taking.take, offered, arrived=arrived)
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
        if problem.test_count == 0:
            raise Refusal(409, "This problem cannot be judged yet: a judge machine has still to make its tests.")
        language = self._languages.get(request.language)
        if language is None or language.id not in (problem.languages or contest.languages):
            raise Refusal(
                422, f"The language {request.language} is not taken here.", fields={"language": "not one of the list"}
            )
        check_files(request, contest, language, outputs=lambda: self._wants_outputs(problem))

    def _wants_outputs(self, problem: Problem) -> bool:
        """Whether the problem's submissions are outputs, which are in no language. Asked only where no file is in the chosen one."""
        with self._store.read() as view:
            record = view.package(problem.package_version)
        return record is not None and bool((record.manifest.get("ways") or {}).get("submit_answer"))


def check_files(
    request: SubmitRequest, contest: Contest, language: Language, *, outputs: Callable[[], bool] = lambda: False
) -> None:
    """Refusal 413 or 422 unless the files can be a submission in this language."""
    files = request.files
    if not any(file.data.strip() for file in files):
        raise Refusal(422, "The submission is empty; paste code or choose a file.", fields={"code": "empty"})
    if len(files) > contest.file_limit and not (len(files) <= MOST_OUTPUTS and outputs()):
        raise Refusal(413, f"At most {contest.file_limit} files can be submitted at once.")
    if sum(len(file.data) for file in files) > contest.source_limit_bytes:
        raise Refusal(413, f"The source is larger than {contest.source_limit_bytes // 1024} KiB, all files together.")
    names = [file.name for file in files]
    check_file_names(names)
    if len({name.casefold() for name in names}) < len(names):
        raise Refusal(422, "Two files have the same name.", fields={"files": "same name"})
    if not any(language.takes(name) for name in names) and not outputs():
        wanted = ", ".join(f".{extension}" for extension in language.extensions)
        sentence = f"None of the files is {language.name}; a name must end in {wanted}."
        raise Refusal(422, sentence, fields={"language": "does not fit the files"})
    if len(request.entry_point) > 200:
        raise Refusal(422, "The entry point is too long.", fields={"entry_point": "too long"})
    check_entry_point(language, names, request.entry_point or None)


def _account_of(caller: Caller) -> AccountId:
    if caller.account_id is None:
        raise Refusal(401, "Sign in to submit.")
    return caller.account_id


def _check_key(key: str) -> None:
    if len(key) > 128 or not all("!" <= letter <= "~" for letter in key):
        raise Refusal(400, "An Idempotency-Key has 1 to 128 printable characters.")
