"""Accounts, teams, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.ids import AccountId, ContestId, SessionId, TeamId


class Role(StrEnum):
    """What an account may do; ANONYMOUS is whoever has not signed in."""

    ANONYMOUS = "anonymous"
    TEAM = "team"
    STAFF = "staff"
    JUDGE = "judge"
    ADMIN = "admin"

    @property
    def is_jury(self) -> bool:
        """Whether hidden data of the contest may be seen."""
        return self in (Role.JUDGE, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Team:
    """A team of one contest. `organization` and `group` are names, "" where there are none."""

    id: TeamId
    contest_id: ContestId
    name: str
    organization: str = ""
    group: str = ""
    seat: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in. A team account belongs to one contest and one team; others have contest_id ""."""

    id: AccountId
    contest_id: ContestId
    username: str
    role: Role
    team_id: TeamId | None = None
    enabled: bool = True
    generation: int = 1
    password_hash: str = ""
    """"" for generated passwords (checked against the HMAC of DESIGN 7), else an argon2id string."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as the front door found out: the only thing that services and visibility know of a request's sender."""

    role: Role
    account_id: AccountId | None = None
    team_id: TeamId | None = None
    contest_id: ContestId | None = None
    session_id: SessionId | None = None
    username: str = ""


ANONYMOUS = Caller(Role.ANONYMOUS)


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in: a row that can be revoked at once. `token_hash` is the SHA-256 of the opaque id held by the browser."""

    id: SessionId
    account_id: AccountId
    contest_id: ContestId
    token_hash: str
    created_ms: int
    expires_ms: int
    address: str = ""
    revoked: bool = False
