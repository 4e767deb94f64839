"""ports/store View over tables in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice

from app.adapters.memory.intake import MemoryIntake
from app.adapters.memory.leases import MemoryLeases
from app.adapters.memory.tables import Tables
from app.core.contest import Contest
from app.core.events import GENESIS, Event, Kind
from app.core.ids import (
    AccountId,
    ContestId,
    JudgementId,
    NodeId,
    PackageVersion,
    ProblemId,
    SessionId,
    SubmissionId,
    TeamId,
)
from app.core.judgement import Judgement, State
from app.core.people import Account, Session, Team
from app.core.problem import PackageRecord, Problem
from app.core.submission import SourceFile, Submission
from app.ports.store import ComparedVersions, NodeRecord, SignedHead, StoredOutput, StoredRun, SubmissionFilter


class MemoryView:
    """Reads one state: a snapshot, or the tables of the function that is just writing."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._intake = MemoryIntake(tables)
        self._leases = MemoryLeases(tables)

    @property
    def intake(self) -> MemoryIntake:
        return self._intake

    @property
    def leases(self) -> MemoryLeases:
        return self._leases

    def contests(self) -> Sequence[Contest]:
        return list(self._tables.contests.values())

    def contest(self, contest_id: ContestId) -> Contest | None:
        return self._tables.contests.get(contest_id)

    def account(self, account_id: AccountId) -> Account | None:
        return self._tables.accounts.get(account_id)

    def accounts_of(self, account_ids: Collection[AccountId]) -> Mapping[AccountId, Account]:
        found = ((account_id, self.account(account_id)) for account_id in account_ids)
        return {account_id: account for account_id, account in found if account is not None}

    def account_by_name(self, username: str) -> Account | None:
        return next((one for one in self._tables.accounts.values() if one.username == username), None)

    def accounts(self, contest_id: ContestId | None) -> Sequence[Account]:
        return [one for one in self._tables.accounts.values() if contest_id is None or one.contest_id == contest_id]

    def team(self, team_id: TeamId) -> Team | None:
        return self._tables.teams.get(team_id)

    def teams(self, contest_id: ContestId) -> Sequence[Team]:
        return [one for one in self._tables.teams.values() if one.contest_id == contest_id]

    def session(self, session_id: SessionId) -> Session | None:
        return self._tables.sessions.get(session_id)

    def session_by_token(self, token_hash: str) -> Session | None:
        return next((one for one in self._tables.sessions.values() if one.token_hash == token_hash), None)

    def problems(self, contest_id: ContestId) -> Sequence[Problem]:
        mine = [one for one in self._tables.problems.values() if one.contest_id == contest_id]
        return sorted(mine, key=lambda one: (one.ordinal, one.id))

    def problem(self, contest_id: ContestId, problem_id: ProblemId) -> Problem | None:
        return self._tables.problems.get((contest_id, problem_id))

    def package(self, version: PackageVersion) -> PackageRecord | None:
        return self._tables.packages.get(version)

    def submission(self, submission_id: SubmissionId) -> Submission | None:
        return self._tables.submissions.get(submission_id)

    def submissions(self, wanted: SubmissionFilter) -> Sequence[Submission]:
        return self._matching(wanted)[wanted.offset : wanted.offset + wanted.limit]

    def count_submissions(self, wanted: SubmissionFilter) -> int:
        return len(self._matching(wanted))

    def sources(self, submission_id: SubmissionId) -> Sequence[SourceFile]:
        return list(self._tables.sources.get(submission_id) or ())

    def judgement(self, judgement_id: JudgementId) -> Judgement | None:
        return self._tables.judgements.get(judgement_id)

    def judgements(self, submission_id: SubmissionId) -> Sequence[Judgement]:
        numbers = self._tables.judged.get(submission_id) or ()
        return [one for one in map(self._tables.judgements.get, numbers) if one is not None]

    def valid_judgements(self, submission_ids: Sequence[SubmissionId]) -> dict[SubmissionId, Judgement]:
        return {number: one for number in submission_ids for one in self.judgements(number) if one.valid}

    def judged_beside(
        self, submission_ids: Sequence[SubmissionId], version: PackageVersion
    ) -> dict[SubmissionId, Judgement]:
        return {
            number: one
            for number in submission_ids
            for one in self.judgements(number)
            if one.package_version == version and not one.valid and one.state is not State.DESK
        }

    def compare_versions(
        self, contest_id: ContestId, problem_id: ProblemId, version: PackageVersion
    ) -> ComparedVersions:
        numbers = [one.id for one in self._matching(SubmissionFilter(contest_id, problem_id=problem_id))]
        valid, beside = self.valid_judgements(numbers), self.judged_beside(numbers, version)
        judged, differing = 0, []
        for number in numbers:
            before, after = valid.get(number), beside.get(number)
            if before is None or before.state is not State.DONE:
                continue
            if before.package_version == version:
                judged += 1
            elif after is not None and after.state is State.DONE:
                judged += 1
                if (before.verdict, before.score_millionths) != (after.verdict, after.score_millionths):
                    differing.append((before, after))
        return ComparedVersions(judged, differing)

    def runs(self, judgement_id: JudgementId) -> Sequence[StoredRun]:
        return list(self._tables.runs.get(judgement_id) or ())

    def outputs(self, judgement_id: JudgementId) -> Sequence[StoredOutput]:
        return list(self._tables.outputs.get(judgement_id) or ())

    def nodes(self) -> Sequence[NodeRecord]:
        return list(self._tables.nodes.values())

    def node(self, node_id: NodeId) -> NodeRecord | None:
        return self._tables.nodes.get(node_id)

    def node_by_token(self, token_hash: str) -> NodeRecord | None:
        return next((one for one in self._tables.nodes.values() if token_hash and one.token_hash == token_hash), None)

    def setting(self, name: str) -> str | None:
        return self._tables.settings.get(name)

    def events_after(self, seq: int, limit: int, kinds: Collection[Kind] | None = None) -> Sequence[Event]:
        later = map(self._tables.events.get, range(max(seq, 0) + 1, self.last_event()[0] + 1))
        wanted = (one for one in later if one is not None and (kinds is None or one.kind in kinds))
        return list(islice(wanted, limit))

    def last_event(self) -> tuple[int, bytes]:
        newest = self._tables.events.get(len(self._tables.events))
        return (0, GENESIS) if newest is None else (newest.seq, newest.hash)

    def heads(self, limit: int) -> Sequence[SignedHead]:
        return list(self._tables.heads.values())[::-1][:limit]

    def _matching(self, wanted: SubmissionFilter) -> list[Submission]:
        return [one for one in reversed(list(self._tables.submissions.values())) if _matches(one, wanted)]


def _matches(one: Submission, wanted: SubmissionFilter) -> bool:
    return (
        one.contest_id == wanted.contest_id
        and wanted.team_id in (None, one.team_id)
        and wanted.account_id in (None, one.account_id)
        and wanted.problem_id in (None, one.problem_id)
        and (wanted.before_id is None or one.id < wanted.before_id)
    )
