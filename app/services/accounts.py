"""Signing in and out, tokens, and who is asking (DESIGN 7).

Password checks run at a desk of two threads with a bounded queue; the session's row is written after a right password, and its future
resolves after the commit. Slowing down counts by (username, address), so nobody can lock somebody else out from another place.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import jwt

from app.core.clock import Clock
from app.core.errors import Refusal
from app.core.events import Event, Kind
from app.core.ids import AccountId, ContestId, NodeId, SessionId, TeamId
from app.core.people import Account, Caller, Role, Session
from app.ports.limiter import Limiter
from app.ports.store import Store, Transaction
from app.services.answers import BearerToken, SignedIn
from app.services.futures import FairDesk, failed, pass_on, then
from app.services.passwords import Passwords
from app.services.sessions import SessionBook, caller_from, mark_name, mark_of

SESSION_SECONDS = 12 * 3600
_TOKEN_LENGTH = 43
_TRIES, _WINDOW_SECONDS = 10, 300
_LONGEST = 200
_TOKENS_KEPT = 20_000
"""Tokens whose signature was found right; a wrong one is never kept."""
_RULE = "sign-in"
_WRONG = "The user name or the password is wrong."
_EXPIRED = "The token is not valid any more; ask for a new one."


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys from DATA/secrets: for generated passwords, for bearer tokens (32 bytes each), and the server's public id."""

    password_key: bytes
    token_key: bytes
    server_id: str


class Accounts:
    """Accounts and their sessions. Every method may be called from any thread."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        limiter: Limiter,
        keys: Secrets,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter
        self._keys = keys
        self._random_bytes = random_bytes
        self._passwords = Passwords(keys.password_key)
        self._book = SessionBook(store, clock)
        self._desk = FairDesk("passwords", threads=2, queue_limit=200, share=50)
        self._claims = lru_cache(maxsize=_TOKENS_KEPT)(self._read_claims)
        store.on_commit(self._committed)

    @property
    def cookie_name(self) -> str:
        """The session cookie's name, of this server alone: several servers behind one host name don't disturb each other."""
        return "contestbox_" + self._keys.server_id[:8]

    def sign_in(self, username: str, password: str, address: str) -> Future[SignedIn]:
        """Checks the password and opens a session. Refusal 401 (wrong), 429 (too many tries), 503 (busy)."""
        return self._checked(username, password, address)

    def sign_out(self, token: str) -> Future[None]:
        """Ends the session of a cookie; an unknown one is fine."""
        token_hash = _hashed(token)

        def revoke(tx: Transaction) -> SessionId | None:
            session = tx.session_by_token(token_hash)
            if session is None:
                return None
            tx.put_session(replace(session, revoked=True))
            return session.id

        def forget(session_id: SessionId | None) -> None:
            if session_id is not None:
                self._book.drop_session(session_id)

        return then(self._store.write(revoke), forget)

    def caller_of(self, token: str) -> Caller | None:
        """Who holds this cookie; None for nobody. From memory, but for the first question after a start."""
        if len(token) != _TOKEN_LENGTH:
            return None
        return self._book.by_token(_hashed(token))

    def issue_token(self, username: str, password: str, address: str) -> Future[BearerToken]:
        """A bearer token bound to the account and to a session row of its own. Refusals as in sign_in."""
        return then(self._checked(username, password, address), self._bearer)

    def sign_in_at_console(self, username: str, password: str, address: str, console_id: NodeId) -> Future[BearerToken]:
        """A token for an admin at one paired console, which is worth nothing anywhere else. Refusals as in sign_in, and 403 for other
        roles."""
        checked = self._checked(username, password, address, only=Role.ADMIN)
        return then(checked, lambda signed_in: self._bearer(signed_in, {"aud": _audience(console_id)}))

    def caller_of_bearer(self, token: str, console_id: NodeId | None = None) -> Caller:
        """Who holds this bearer token, one that was made for this console where it is given. Refusal 401 when it is broken, expired,
        revoked or made for somewhere else."""
        session_id, account_id = self._claims(token, "" if console_id is None else _audience(console_id))
        caller = self._book.by_id(session_id)
        if caller is None or caller.account_id != account_id:
            raise Refusal(401, _EXPIRED)
        return caller

    def _read_claims(self, token: str, audience: str) -> tuple[SessionId, str]:
        """Session and account of a token that we signed. Whether the session still lives is asked anew each time, so this may be kept."""
        try:
            claims = jwt.decode(
                token,
                self._keys.token_key,
                algorithms=["HS256"],
                issuer=self._keys.server_id,
                audience=audience or None,
                options={"require": ["sid", "sub", "iss"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            raise Refusal(401, "The token is broken; ask for a new one.") from None
        return SessionId(str(claims["sid"])), str(claims["sub"])

    def on_revoked(self, listener: Callable[[frozenset[SessionId]], None]) -> None:
        """Tells the listener which sessions have just ended, so that their waits can end too."""
        self._book.on_revoked(listener)

    def revoke_account(self, account_id: AccountId) -> Future[None]:
        """Ends every session and token of an account. Refusal 404 for an unknown one."""
        return self._change(account_id, lambda account: account)

    def set_enabled(self, account_id: AccountId, enabled: bool) -> Future[None]:
        """Opens or closes an account; its sessions end at once."""
        return self._change(account_id, lambda account: replace(account, enabled=enabled))

    def renew_password(self, account_id: AccountId) -> Future[None]:
        """Gives the account its next generated password; its sessions end at once."""
        return self._change(
            account_id, lambda account: replace(account, generation=account.generation + 1, password_hash="")
        )

    def choose_password(self, account_id: AccountId, password: str) -> Future[None]:
        """Sets a chosen password (8 to 200 characters); its sessions end at once. Refusal 422 for one too short or long."""
        if not 8 <= len(password) <= _LONGEST:
            return failed(Refusal(422, "A password has 8 to 200 characters.", fields={"password": "length"}))
        hashed = self._passwords.chosen(password)
        return self._change(account_id, lambda account: replace(account, password_hash=hashed))

    def password_of(self, account: Account) -> str:
        """The generated password of an account. Refusal 422 when its owner chose another."""
        if account.password_hash:
            raise Refusal(422, f"{account.username} has a password of their own choice; it cannot be shown.")
        return self._passwords.generated(account.id, account.generation)

    def create(
        self, tx: Transaction, contest_id: ContestId, username: str, role: Role, team_id: TeamId | None = None
    ) -> Account:
        """Adds an account with a generated password, inside a transaction. Refusal 409 when the name is taken, 422 when bad."""
        if not username or len(username) > 60 or not username.isprintable() or username != username.strip():
            raise Refusal(422, "A user name has 1 to 60 printable characters.", fields={"username": "characters"})
        if tx.account_by_name(username) is not None:
            raise Refusal(409, f"There is already an account with the name {username}.")
        account = Account(
            id=AccountId("a" + self._random_bytes(6).hex()),
            contest_id=contest_id,
            username=username,
            role=role,
            team_id=team_id,
        )
        tx.put_account(account)
        tx.append_event(contest_id, Kind.ACCOUNT, self._clock.now(), account_data(account))
        return account

    def close(self) -> None:
        """Ends the desk's threads."""
        self._desk.close()

    def _checked(self, username: str, password: str, address: str, *, only: Role | None = None) -> Future[SignedIn]:
        username = username.strip()
        if len(username) > _LONGEST or len(password) > _LONGEST:
            return failed(Refusal(401, _WRONG))
        key = f"{username}\0{address}"
        wait = self._limiter.hit(_RULE, key, limit=_TRIES, window_seconds=_WINDOW_SECONDS)
        if wait:
            sentence = f"Too many tries with this user name from this place; try again in {wait} s."
            return failed(Refusal(429, sentence, retry_after_seconds=wait))
        outer: Future[SignedIn] = Future()

        def check() -> None:
            try:
                self._open(username, password, address, only, outer)
            except BaseException as reason:  # noqa: BLE001 - whoever waits for the sign-in gets the error
                outer.set_exception(reason)

        def answered(finished: Future[SignedIn]) -> None:
            if finished.exception() is None:
                self._limiter.clear(_RULE, key)

        outer.add_done_callback(answered)
        try:
            self._desk.submit(address, check)
        except Refusal as busy:
            return failed(busy)
        return outer

    def _open(self, username: str, password: str, address: str, only: Role | None, outer: Future[SignedIn]) -> None:
        with self._store.read() as view:
            account = view.account_by_name(username)
        if not self._passwords.matches(account, password) or account is None:
            raise Refusal(401, _WRONG)
        if only is not None and account.role is not only:
            raise Refusal(403, f"Only an account with the role {only.value} may sign in here.")
        token = urlsafe_b64encode(self._random_bytes(32)).decode().rstrip("=")
        session_id = SessionId(self._random_bytes(16).hex())
        checked = account

        def begin(tx: Transaction) -> SignedIn:
            now = tx.account(checked.id)
            if now is None or now != checked:
                raise Refusal(401, _WRONG)
            created = max(self._clock.now(), mark_of(tx, now.id) + 1)
            session = Session(
                id=session_id,
                account_id=now.id,
                contest_id=now.contest_id,
                token_hash=_hashed(token),
                created_ms=created,
                expires_ms=created + SESSION_SECONDS * 1000,
                address=address,
            )
            tx.put_session(session)
            return SignedIn(token, session, now, caller_from(now, session))

        pass_on(self._store.write(begin), outer, lambda signed_in: signed_in)

    def _bearer(self, signed_in: SignedIn, more: Mapping[str, str] = MappingProxyType({})) -> BearerToken:
        session = signed_in.session
        claims = {
            "iss": self._keys.server_id,
            "sub": session.account_id,
            "sid": session.id,
            "iat": session.created_ms // 1000,
            "exp": session.expires_ms // 1000,
            **more,
        }
        return BearerToken(jwt.encode(claims, self._keys.token_key, algorithm="HS256"), SESSION_SECONDS)

    def _change(self, account_id: AccountId, change: Callable[[Account], Account]) -> Future[None]:
        def work(tx: Transaction) -> None:
            account = tx.account(account_id)
            if account is None:
                raise Refusal(404, "There is no such account.")
            changed = change(account)
            now = self._clock.now()
            tx.put_account(changed)
            tx.put_setting(mark_name(account_id), str(now))
            tx.append_event(account.contest_id, Kind.ACCOUNT, now, account_data(changed))

        return then(self._store.write(work), lambda _: self._book.drop_account(account_id))

    def _committed(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.kind is Kind.ACCOUNT:
                self._book.drop_account(AccountId(str(event.data["id"])))


def _audience(console_id: NodeId) -> str:
    return f"console:{console_id}"


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def account_data(account: Account) -> dict[str, Any]:
    """What the log says of an account."""
    return {
        "id": account.id,
        "username": account.username,
        "role": account.role.value,
        "team_id": account.team_id,
        "enabled": account.enabled,
    }
