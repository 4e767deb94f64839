"""Who is behind a session, from memory.

Theory of operation. The truth is the session's row; this book is a cache in front of it, so that the gate can ask on its loop. An entry
is read from the store when it is first asked for (after a start), and dropped when the session or its account changes. A reader that
looked into the store before such a change must not put its old finding into the book after it: each drop raises `_epoch`, and a
finding is kept only when the epoch is still the one from before the look. The lock guards the dictionaries and is never held over a
look into the store. All sessions of an account end together by a mark, the instant after which its sessions must have begun; the
mark is a setting, so it survives a restart.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.core.clock import Clock
from app.core.ids import AccountId, SessionId
from app.core.people import Account, Caller, Session
from app.ports.store import Store, View

_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class _Entry:
    session: Session
    caller: Caller


def mark_name(account_id: AccountId) -> str:
    """The setting that holds the mark of an account."""
    return f"sessions_begin:{account_id}"


def mark_of(view: View, account_id: AccountId) -> int:
    """Sessions of the account that were created at or before this instant have ended."""
    return int(view.setting(mark_name(account_id)) or -1)


def caller_from(account: Account, session: Session) -> Caller:
    """Who asks, when this account does."""
    return Caller(
        role=account.role,
        account_id=account.id,
        team_id=account.team_id,
        contest_id=account.contest_id or None,
        session_id=session.id,
        username=account.username,
    )


class SessionBook:
    """Live sessions by the hash of their token and by their id. Safe from any thread."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._epoch = 0
        self._by_id: dict[SessionId, _Entry] = {}
        self._by_token: dict[str, SessionId] = {}
        self._listeners: list[Callable[[frozenset[SessionId]], None]] = []

    def by_token(self, token_hash: str) -> Caller | None:
        """Who holds the token; None when there is no such live session."""
        with self._lock:
            session_id = self._by_token.get(token_hash)
            entry = self._by_id.get(session_id) if session_id is not None else None
        return self._live(entry or self._look_up(lambda view: view.session_by_token(token_hash)))

    def by_id(self, session_id: SessionId) -> Caller | None:
        """Who is signed in by this session; None when it is not live."""
        with self._lock:
            entry = self._by_id.get(session_id)
        return self._live(entry or self._look_up(lambda view: view.session(session_id)))

    def on_revoked(self, listener: Callable[[frozenset[SessionId]], None]) -> None:
        """Calls the listener with sessions that have just ended, from the thread that ended them; it must not block."""
        with self._lock:
            self._listeners.append(listener)

    def drop_session(self, session_id: SessionId) -> None:
        """Forgets one session, and tells the listeners."""
        self._drop([session_id])

    def drop_account(self, account_id: AccountId) -> None:
        """Forgets all sessions of an account, and tells the listeners."""
        with self._lock:
            ended = [key for key, entry in self._by_id.items() if entry.session.account_id == account_id]
        self._drop(ended)

    def _drop(self, ended: Iterable[SessionId]) -> None:
        with self._lock:
            self._epoch += 1
            gone = [entry for key in ended if (entry := self._by_id.pop(key, None)) is not None]
            for entry in gone:
                self._by_token.pop(entry.session.token_hash, None)
            listeners = list(self._listeners)
        if gone:
            for listener in listeners:
                listener(frozenset(entry.session.id for entry in gone))

    def _look_up(self, find: Callable[[View], Session | None]) -> _Entry | None:
        with self._lock:
            epoch = self._epoch
        with self._store.read() as view:
            session = find(view)
            if session is None or session.revoked:
                return None
            account = view.account(session.account_id)
            if account is None or not account.enabled or session.created_ms <= mark_of(view, account.id):
                return None
        entry = _Entry(session, caller_from(account, session))
        with self._lock:
            if self._epoch == epoch:
                self._keep(entry)
        return entry

    def _keep(self, entry: _Entry) -> None:
        while len(self._by_id) >= _LIMIT:
            oldest = self._by_id.pop(next(iter(self._by_id)))
            self._by_token.pop(oldest.session.token_hash, None)
        self._by_id[entry.session.id] = entry
        self._by_token[entry.session.token_hash] = entry.session.id

    def _live(self, entry: _Entry | None) -> Caller | None:
        if entry is None or self._clock.now() >= entry.session.expires_ms:
            return None
        return entry.caller
