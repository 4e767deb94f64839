"""Signing in, tokens and closing accounts."""

from __future__ import annotations

from dataclasses import replace

import jwt
import pytest
from argon2 import PasswordHasher

from app.core.errors import Refusal
from app.core.people import Role
from unit.app.services.world import World

HOUR = 3600


def password(world: World, name: str) -> str:
    with world.store.read() as view:
        account = view.account_by_name(name)
    assert account is not None
    return world.services.accounts.password_of(account)


def test_a_team_signs_in_with_the_password_of_its_slip(running: World) -> None:
    """A team types the password of its slip, in capitals and without dashes, and is who it is."""
    running.team("lanterns")
    word = password(running, "lanterns")
    assert len(word.replace("-", "")) == 12
    typed = word.upper().replace("-", "").replace("0", "O")
    signed_in = running.services.accounts.sign_in("lanterns", typed, "10.0.0.1").result(5)
    caller = running.services.accounts.caller_of(signed_in.token)
    assert caller is not None
    assert (caller.role, caller.team_id, caller.username) == (Role.TEAM, "lanterns", "lanterns")


def test_a_wrong_password_and_an_unknown_name_are_refused_alike(running: World) -> None:
    """Nobody learns from a refusal whether a user name exists."""
    running.team("lanterns")
    refusals = []
    for name in ("lanterns", "nobody"):
        with pytest.raises(Refusal) as caught:
            running.services.accounts.sign_in(name, "wrong", "10.0.0.1").result(5)
        refusals.append((caught.value.code, caught.value.sentence))
    assert refusals[0] == refusals[1]
    assert refusals[0][0] == 401


def test_many_wrong_tries_slow_down_one_place_only(running: World) -> None:
    """After ten wrong tries a seat has to wait; the team at its own seat still signs in."""
    running.team("lanterns")
    accounts = running.services.accounts
    for _ in range(10):
        with pytest.raises(Refusal, match="wrong"):
            accounts.sign_in("lanterns", "guess", "10.0.0.66").result(5)
    with pytest.raises(Refusal) as caught:
        accounts.sign_in("lanterns", password(running, "lanterns"), "10.0.0.66").result(5)
    assert caught.value.code == 429
    assert caught.value.retry_after_seconds
    assert accounts.sign_in("lanterns", password(running, "lanterns"), "10.0.0.1").result(5).token
    running.clock.forward(seconds=301)
    assert accounts.sign_in("lanterns", password(running, "lanterns"), "10.0.0.66").result(5).token


def test_signing_out_ends_that_session_at_once(running: World) -> None:
    """After signing out the old cookie is nobody's; the other seat stays signed in."""
    running.team("lanterns")
    accounts, word = running.services.accounts, password(running, "lanterns")
    here = accounts.sign_in("lanterns", word, "10.0.0.1").result(5)
    there = accounts.sign_in("lanterns", word, "10.0.0.2").result(5)
    assert accounts.caller_of(here.token)
    ended: list[object] = []
    accounts.on_revoked(ended.append)
    accounts.sign_out(here.token).result(5)
    assert accounts.caller_of(here.token) is None
    assert accounts.caller_of(there.token) is not None
    assert ended == [frozenset({here.session.id})]


def test_a_session_ends_after_twelve_hours(running: World) -> None:
    """The cookie of yesterday opens nothing."""
    running.team("lanterns")
    signed_in = running.services.accounts.sign_in("lanterns", password(running, "lanterns"), "a").result(5)
    running.clock.forward(seconds=12 * HOUR - 1)
    assert running.services.accounts.caller_of(signed_in.token)
    running.clock.forward(seconds=1)
    assert running.services.accounts.caller_of(signed_in.token) is None


def test_closing_an_account_ends_its_sessions_and_tokens(running: World) -> None:
    """A closed account is out everywhere at once, also for programs, and stays out after a restart of the server."""
    team = running.team("lanterns")
    accounts, word = running.services.accounts, password(running, "lanterns")
    signed_in = accounts.sign_in("lanterns", word, "a").result(5)
    bearer = accounts.issue_token("lanterns", word, "a").result(5)
    assert accounts.caller_of_bearer(bearer.access_token).team_id == "lanterns"
    assert accounts.caller_of(signed_in.token)
    assert team.account_id is not None
    accounts.set_enabled(team.account_id, False).result(5)
    again = World(running.clock, running.store).services.accounts
    for service in (accounts, again):
        assert service.caller_of(signed_in.token) is None
        with pytest.raises(Refusal, match="ask for a new one"):
            service.caller_of_bearer(bearer.access_token)
        with pytest.raises(Refusal, match="wrong"):
            service.sign_in("lanterns", word, "a").result(5)
    again.close()


def test_a_new_password_ends_the_old_one(running: World) -> None:
    """When a slip was seen by others, the next generated password replaces it and all sessions end."""
    team = running.team("lanterns")
    accounts, old = running.services.accounts, password(running, "lanterns")
    signed_in = accounts.sign_in("lanterns", old, "a").result(5)
    assert team.account_id is not None
    accounts.renew_password(team.account_id).result(5)
    new = password(running, "lanterns")
    assert new != old
    assert accounts.caller_of(signed_in.token) is None
    with pytest.raises(Refusal):
        accounts.sign_in("lanterns", old, "a").result(5)
    assert accounts.caller_of(accounts.sign_in("lanterns", new, "a").result(5).token)


def test_a_chosen_password_is_checked_and_never_shown(running: World) -> None:
    """Somebody's own password opens their account, and no slip can show it."""
    jury = running.jury()
    accounts = running.services.accounts
    assert jury.account_id is not None
    with pytest.raises(Refusal, match="8 to 200"):
        accounts.choose_password(jury.account_id, "short").result(5)
    accounts.choose_password(jury.account_id, "a long enough one").result(5)
    assert accounts.sign_in("jury", "a long enough one", "a").result(5).caller.role is Role.JUDGE
    with pytest.raises(Refusal, match="own choice"):
        password(running, "jury")


def test_a_forged_token_is_refused(running: World) -> None:
    """A token signed by another key, or by none, opens nothing."""
    running.team("lanterns")
    accounts = running.services.accounts
    real = accounts.issue_token("lanterns", password(running, "lanterns"), "a").result(5).access_token
    claims = jwt.decode(real, options={"verify_signature": False})
    forged = [
        jwt.encode(claims, "x" * 32, algorithm="HS256"),
        jwt.encode(claims, None, algorithm="none"),
        real[:-2],
        "",
    ]
    for token in forged:
        with pytest.raises(Refusal) as caught:
            accounts.caller_of_bearer(token)
        assert caught.value.code == 401


def test_a_server_that_starts_again_knows_its_sessions(running: World) -> None:
    """A restart of the server signs nobody out."""
    running.team("lanterns")
    signed_in = running.services.accounts.sign_in("lanterns", password(running, "lanterns"), "a").result(5)
    again = World(running.clock, running.store).services.accounts
    assert again.caller_of(signed_in.token) == signed_in.caller
    assert again.caller_of("x" * 43) is None
    again.close()


def test_one_place_cannot_fill_the_password_desk(running: World) -> None:
    """A seat that floods the sign-in is told to come back; another seat is served meanwhile."""
    running.team("lanterns")
    accounts, word = running.services.accounts, password(running, "lanterns")
    flood = [accounts.sign_in(f"guess{number}", "x", "10.0.0.66") for number in range(120)]
    assert accounts.sign_in("lanterns", word, "10.0.0.1").result(20).token
    codes = {getattr(future.exception(20), "code", None) for future in flood}
    assert codes == {401, 503}


def test_every_refusal_does_the_same_work(running: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a refusal does not tell whether the name exists: each costs one argon2 check, and a right password none."""
    running.team("lanterns")
    word = password(running, "lanterns")
    passwords = running.services.accounts._passwords
    checks: list[str] = []
    really = PasswordHasher.verify

    def counted(self: PasswordHasher, hashed: str | bytes, given: str | bytes) -> bool:
        checks.append(str(given))
        return bool(really(self, hashed, given))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    with running.store.read() as view:
        known = view.account_by_name("lanterns")
    assert known is not None
    for account in (known, None, replace(known, enabled=False), replace(known, password_hash=passwords.chosen("else"))):
        checks.clear()
        assert not passwords.matches(account, "wrong")
        assert checks == ["wrong"], account
    checks.clear()
    assert passwords.matches(known, word)
    assert checks == []
