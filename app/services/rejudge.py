"""Judging a submission again: a new judgement counts, the old one stays as it was.

The old verdict stops counting at once, so table and pages show the submission as pending until the new one is there; both
judgements stay in the log and in the submission's history, and a difference is there to be seen (DESIGN 6).
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

from app.core.clock import Clock
from app.core.errors import Refusal
from app.core.events import Kind
from app.core.ids import JudgementId, SubmissionId
from app.core.judgement import Judgement, State
from app.ports.leases import TaskKind
from app.ports.store import Store, Transaction
from app.services.final_results import check_not_final
from app.services.taking import AIR_BYTES, judgement_data


class Rejudge:
    """Starts judgements anew. Safe from any thread."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def submission(self, submission_id: SubmissionId, *, final_too: bool = False) -> Future[JudgementId]:
        """Judges a submission again with the problem's present package. Refusal 404, 409 while it is being judged, or in a contest whose
        results are final unless `final_too`."""

        def work(tx: Transaction) -> JudgementId:
            submission = tx.submission(submission_id)
            if submission is not None:
                check_not_final(tx, submission.contest_id, final_too)
            return self._again(tx, submission_id)

        return self._store.write(work)

    def judging_error(self, judgement_id: JudgementId) -> Future[JudgementId]:
        """Judges again what came to the desk. Refusal 404, 409 when it is not on the desk any more."""

        def work(tx: Transaction) -> JudgementId:
            judgement = tx.judgement(judgement_id)
            if judgement is None:
                raise Refusal(404, "There is no such judgement.")
            if judgement.state is not State.DESK or not judgement.valid:
                raise Refusal(409, "This judgement is not on the desk any more.")
            return self._again(tx, judgement.submission_id)

        return self._store.write(work)

    def _again(self, tx: Transaction, submission_id: SubmissionId) -> JudgementId:
        submission = tx.submission(submission_id)
        problem = tx.problem(submission.contest_id, submission.problem_id) if submission is not None else None
        if submission is None or problem is None:
            raise Refusal(404, "There is no such submission.")
        old = tx.valid_judgements([submission_id]).get(submission_id)
        if old is not None:
            self._set_aside(tx, old)
        new = tx.add_judgement(submission, problem.package_version, problem.test_count, valid=True)
        now = self._clock.now()
        tx.leases.enqueue(
            submission.contest_id,
            TaskKind.JUDGE,
            new.id,
            {},
            needs_memory_bytes=problem.memory_bytes + AIR_BYTES,
            language=submission.language,
            at=now,
        )
        tx.append_event(submission.contest_id, Kind.JUDGEMENT, now, judgement_data(new))
        return new.id

    def _set_aside(self, tx: Transaction, old: Judgement) -> None:
        if old.state in (State.QUEUED, State.LEASED):
            raise Refusal(409, "This submission is being judged; wait for its verdict.")
        aside = replace(old, valid=False)
        tx.put_judgement(aside)
        tx.append_event(old.contest_id, Kind.JUDGEMENT, self._clock.now(), judgement_data(aside))
