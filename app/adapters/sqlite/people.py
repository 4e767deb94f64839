"""Rows of people and machines: accounts, teams, sessions, judge nodes, and the server's own settings."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from app.adapters.sqlite.rows import Row, Rows, to_json, upsert
from app.core.ids import AccountId, ContestId, NodeId, SessionId, TeamId
from app.core.people import Account, Role, Session, Team
from app.ports.store import NodeRecord

_ACCOUNT = ("contest_id", "username", "role", "team_id", "enabled", "generation", "password_hash")
_TEAM = ("contest_id", "name", "organization", "team_group", "seat", "hidden")
_SESSION = ("contest_id", "account_id", "token_hash", "created_ms", "expires_ms", "address", "revoked")
_NODE = ("name", "state", "token_hash", "facts", "address", "created_ms", "kind")

_READ_ACCOUNT = f"SELECT id, {', '.join(_ACCOUNT)} FROM accounts"  # noqa: S608 - own constants, as in all four
_READ_TEAM = f"SELECT id, {', '.join(_TEAM)} FROM teams"  # noqa: S608
_READ_SESSION = f"SELECT id, {', '.join(_SESSION)} FROM sessions"  # noqa: S608
_READ_NODE = f"SELECT id, {', '.join(_NODE)} FROM nodes"  # noqa: S608


class PeopleReads(Rows):
    """Who may sign in, and which machines are known."""

    def account(self, account_id: AccountId) -> Account | None:
        return _account(self._one(f"{_READ_ACCOUNT} WHERE id = ?", account_id))

    def accounts_of(self, account_ids: Collection[AccountId]) -> Mapping[AccountId, Account]:
        wanted = to_json(sorted(account_ids))
        rows = self._gathered(
            f"id, {', '.join(_ACCOUNT)}", "FROM accounts WHERE id IN (SELECT value FROM json_each(?))", wanted
        )
        return {account.id: account for account in map(_to_account, rows)}

    def account_by_name(self, username: str) -> Account | None:
        return _account(self._one(f"{_READ_ACCOUNT} WHERE username = ?", username))

    def accounts(self, contest_id: ContestId | None) -> Sequence[Account]:
        rows = self._all(f"{_READ_ACCOUNT} WHERE ?1 IS NULL OR contest_id = ?1 ORDER BY ordinal", contest_id)
        return [_to_account(row) for row in rows]

    def team(self, team_id: TeamId) -> Team | None:
        row = self._one(f"{_READ_TEAM} WHERE id = ?", team_id)
        return None if row is None else _to_team(row)

    def teams(self, contest_id: ContestId) -> Sequence[Team]:
        return [_to_team(row) for row in self._all(f"{_READ_TEAM} WHERE contest_id = ? ORDER BY ordinal", contest_id)]

    def session(self, session_id: SessionId) -> Session | None:
        return _session(self._one(f"{_READ_SESSION} WHERE id = ?", session_id))

    def session_by_token(self, token_hash: str) -> Session | None:
        return _session(self._one(f"{_READ_SESSION} WHERE token_hash = ?", token_hash))

    def nodes(self) -> Sequence[NodeRecord]:
        return [_to_node(row) for row in self._all(f"{_READ_NODE} ORDER BY ordinal")]

    def node(self, node_id: NodeId) -> NodeRecord | None:
        row = self._one(f"{_READ_NODE} WHERE id = ?", node_id)
        return None if row is None else _to_node(row)

    def node_by_token(self, token_hash: str) -> NodeRecord | None:
        row = self._one(f"{_READ_NODE} WHERE token_hash = ? AND token_hash <> ''", token_hash)
        return None if row is None else _to_node(row)

    def setting(self, name: str) -> str | None:
        row = self._one("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else str(row[0])


class PeopleWrites(PeopleReads):
    """Each `put` adds the row or changes the one with its id."""

    def put_account(self, account: Account) -> None:
        self._do(
            upsert("accounts", "id", _ACCOUNT),
            account.id,
            account.contest_id,
            account.username,
            account.role.value,
            account.team_id,
            int(account.enabled),
            account.generation,
            account.password_hash,
        )

    def put_team(self, team: Team) -> None:
        values = (team.id, team.contest_id, team.name, team.organization, team.group, team.seat, int(team.hidden))
        self._do(upsert("teams", "id", _TEAM), *values)

    def put_session(self, session: Session) -> None:
        self._do(
            upsert("sessions", "id", _SESSION),
            session.id,
            session.contest_id,
            session.account_id,
            session.token_hash,
            session.created_ms,
            session.expires_ms,
            session.address,
            int(session.revoked),
        )

    def put_node(self, node: NodeRecord) -> None:
        self._do(
            upsert("nodes", "id", _NODE),
            node.id,
            node.name,
            node.state,
            node.token_hash,
            to_json(node.facts),
            node.address,
            node.created_ms,
            node.kind,
        )

    def put_setting(self, name: str, value: str) -> None:
        self._do(upsert("settings", "name", ("value",)), name, value)


def _account(row: Row | None) -> Account | None:
    return None if row is None else _to_account(row)


def _to_account(row: Row) -> Account:
    key, contest_id, username, role, team_id, enabled, generation, password_hash = row
    return Account(key, contest_id, username, Role(role), team_id, bool(enabled), generation, password_hash)


def _to_team(row: Row) -> Team:
    key, contest_id, name, organization, group, seat, hidden = row
    return Team(key, contest_id, name, organization, group, seat, bool(hidden))


def _session(row: Row | None) -> Session | None:
    if row is None:
        return None
    key, contest_id, account_id, token_hash, created_ms, expires_ms, address, revoked = row
    return Session(key, account_id, contest_id, token_hash, created_ms, expires_ms, address, bool(revoked))


def _to_node(row: Row) -> NodeRecord:
    key, name, state, token_hash, facts, address, created_ms, kind = row
    return NodeRecord(key, name, state, token_hash, json.loads(facts), address, created_ms, kind)
