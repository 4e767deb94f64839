"""ports/store: what another version of a package says beside the judgements that count."""

from __future__ import annotations

from dataclasses import replace

from app.core.ids import ContestId, JudgementId, PackageVersion, ProblemId
from app.core.judgement import State
from app.core.submission import Submission
from app.core.verdict import Verdict
from app.ports.store import Store, Transaction
from contract.rows import CONTEST, PACKAGE, PROBLEM, furnish, submit

OTHER = PackageVersion("1" * 64)


def judged(
    store: Store,
    submission: Submission,
    version: PackageVersion,
    verdict: Verdict | None,
    *,
    valid: bool,
    state: State = State.DONE,
    score: int | None = None,
) -> JudgementId:
    """A judgement of a submission that is in a state."""

    def work(tx: Transaction) -> JudgementId:
        new = tx.add_judgement(submission, version, 7, valid=valid)
        tx.put_judgement(replace(new, state=state, verdict=verdict, score_millionths=score))
        return new.id

    return store.write(work).result(5)


def test_versions_are_compared(store: Store) -> None:
    """Equal verdicts are only counted, other verdicts and other scores are listed, and what has no verdict on one side is left out."""
    furnish(store)
    same, fails, scores, waits, aside, present, unjudged = (submit(store) for _ in range(7))
    for one in (same, fails, waits, aside):
        judged(store, one, PACKAGE.version, Verdict.AC, valid=True)
    counts = judged(store, scores, PACKAGE.version, Verdict.AC, valid=True, score=5)
    judged(store, present, OTHER, Verdict.AC, valid=True)
    judged(store, unjudged, PACKAGE.version, None, valid=True, state=State.LEASED)
    judged(store, same, OTHER, Verdict.WA, valid=False)
    newest = judged(store, same, OTHER, Verdict.AC, valid=False)
    failed = judged(store, fails, OTHER, Verdict.WA, valid=False)
    lower = judged(store, scores, OTHER, Verdict.AC, valid=False, score=4)
    on_its_way = judged(store, waits, OTHER, None, valid=False, state=State.QUEUED)
    judged(store, aside, OTHER, None, valid=False, state=State.DESK)
    judged(store, unjudged, OTHER, Verdict.WA, valid=False)
    with store.read() as view:
        found = view.compare_versions(CONTEST.id, PROBLEM.id, OTHER)
        pairs = [(before.submission_id, before.verdict, after.verdict, after.id) for before, after in found.differing]
        assert found.judged == 4
        assert pairs == [
            (scores.id, Verdict.AC, Verdict.AC, lower),
            (fails.id, Verdict.AC, Verdict.WA, failed),
        ]
        assert found.differing[0] == (view.judgement(counts), view.judgement(lower))
        beside = view.judged_beside([same.id, waits.id, aside.id, present.id], OTHER)
        assert {number: one.id for number, one in beside.items()} == {same.id: newest, waits.id: on_its_way}
        nothing = view.compare_versions(CONTEST.id, ProblemId("unknown"), OTHER)
        assert (nothing.judged, list(nothing.differing)) == (0, [])
        assert view.compare_versions(ContestId("autumn"), PROBLEM.id, OTHER).judged == 0
