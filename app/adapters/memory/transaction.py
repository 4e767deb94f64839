"""ports/store Transaction over tables in memory, with the same demands as the database's: what a row points at must exist."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.adapters.memory.tables import Tables
from app.adapters.memory.view import MemoryView
from app.core.clock import Instant
from app.core.contest import Contest
from app.core.errors import Fault
from app.core.events import Event, Kind, chain, payload_of
from app.core.ids import ContestId, JudgementId, PackageVersion, SubmissionId
from app.core.judgement import Judgement, Run, State
from app.core.people import Account, Session, Team
from app.core.problem import PackageRecord, Problem
from app.core.submission import Submission
from app.ports.store import NewEvent, NodeRecord, SignedHead, StoredOutput, StoredRun


class MemoryTransaction(MemoryView):
    """Changes the tables; `appended` collects the new events."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self.appended: list[Event] = []

    def put_contest(self, contest: Contest) -> None:
        self._tables.contests.put(contest.id, contest)

    def put_account(self, account: Account) -> None:
        same_name = self.account_by_name(account.username)
        _demand(same_name is None or same_name.id == account.id, f"the name {account.username} is another account's")
        self._tables.accounts.put(account.id, account)

    def put_team(self, team: Team) -> None:
        self._demand_contest(team.contest_id)
        self._tables.teams.put(team.id, team)

    def put_session(self, session: Session) -> None:
        _demand(self.account(session.account_id) is not None, f"there is no account {session.account_id}")
        same_token = self.session_by_token(session.token_hash)
        _demand(same_token is None or same_token.id == session.id, "the token is another session's")
        self._tables.sessions.put(session.id, session)

    def put_problem(self, problem: Problem) -> None:
        self._demand_contest(problem.contest_id)
        self._tables.problems.put((problem.contest_id, problem.id), problem)

    def put_package(self, package: PackageRecord) -> None:
        self._demand_contest(package.contest_id)
        kept = replace(package, manifest=json.loads(json.dumps(package.manifest)))
        self._tables.packages.put(package.version, kept)

    def add_judgement(
        self, submission: Submission, package_version: PackageVersion, test_count: int, *, valid: bool
    ) -> Judgement:
        _demand(self.submission(submission.id) is not None, f"there is no submission {submission.id}")
        number = JudgementId(self._tables.next_number("judgements"))
        judgement = Judgement(
            number,
            submission.contest_id,
            submission.id,
            package_version,
            State.QUEUED,
            valid,
            test_count=test_count,
        )
        self._tables.judged.put(submission.id, (*(self._tables.judged.get(submission.id) or ()), number))
        self.put_judgement(judgement)
        return judgement

    def add_judgements(self, new: Sequence[tuple[Submission, PackageVersion, int]]) -> Sequence[Judgement]:
        return [self.add_judgement(one, version, tests, valid=True) for one, version, tests in new]

    def put_judgement(self, judgement: Judgement) -> None:
        numbers = self._tables.judged.get(judgement.submission_id) or ()
        _demand(judgement.id in numbers, f"submission {judgement.submission_id} has no judgement {judgement.id}")
        if judgement.valid:
            self._withdraw_others(judgement.submission_id, judgement.id)
        self._tables.judgements.put(judgement.id, judgement)

    def add_run(self, judgement_id: JudgementId, attempt: int, run: Run, at: Instant, *, late: bool = False) -> bool:
        """Keeps a run; the very same report again (same attempt, equal run) is not kept twice and gives False."""
        _demand(self.judgement(judgement_id) is not None, f"there is no judgement {judgement_id}")
        before = self._tables.runs.get(judgement_id) or ()
        known = [one for one in before if one.run.number == run.number]
        if any(one.attempt == attempt and one.run == run for one in known):
            return False
        counted = not late and not any(one.counted for one in known)
        self._tables.runs.put(judgement_id, (*before, StoredRun(judgement_id, attempt, counted, at, run)))
        return counted

    def put_output(self, output: StoredOutput) -> None:
        _demand(self.judgement(output.judgement_id) is not None, f"there is no judgement {output.judgement_id}")
        before = self._tables.outputs.get(output.judgement_id) or ()
        place = (output.number, output.attempt)
        others = [one for one in before if (one.number, one.attempt) != place]
        kept = sorted((*others, output), key=lambda one: (one.number, one.attempt))
        self._tables.outputs.put(output.judgement_id, tuple(kept))

    def put_node(self, node: NodeRecord) -> None:
        same_token = self.node_by_token(node.token_hash)
        _demand(same_token is None or same_token.id == node.id, "the token is another machine's")
        self._tables.nodes.put(node.id, replace(node, facts=json.loads(json.dumps(node.facts))))

    def put_setting(self, name: str, value: str) -> None:
        self._tables.settings.put(name, value)

    def put_head(self, head: SignedHead) -> None:
        self._tables.heads.put(self._tables.next_number("heads"), head)

    def append_event(self, contest_id: ContestId, kind: Kind, at: Instant, data: Mapping[str, Any]) -> Event:
        previous_seq, previous_hash = self.last_event()
        seq, payload = previous_seq + 1, payload_of(contest_id, kind, at, data)
        event = Event(
            seq,
            contest_id,
            kind,
            at,
            json.loads(payload)["data"],
            payload,
            chain(previous_hash, seq, payload),
        )
        self._tables.events.put(seq, event)
        self.appended.append(event)
        return event

    def append_events(self, entries: Sequence[NewEvent]) -> Sequence[Event]:
        return [self.append_event(one.contest_id, one.kind, one.at, one.data) for one in entries]

    def _withdraw_others(self, submission_id: SubmissionId, keep: JudgementId) -> None:
        for one in self.judgements(submission_id):
            if one.valid and one.id != keep:
                self._tables.judgements.put(one.id, replace(one, valid=False))

    def _demand_contest(self, contest_id: ContestId) -> None:
        _demand(self.contest(contest_id) is not None, f"there is no contest {contest_id}")


def _demand(holds: bool, sentence: str) -> None:
    if not holds:
        raise Fault("storage", f"The store refused: {sentence}.")
