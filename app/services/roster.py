"""The teams of a contest with their accounts: the organiser's list, and the passwords for the slips."""

from __future__ import annotations

from app.core.errors import Refusal
from app.core.ids import ContestId
from app.core.people import Account, Role, Team
from app.ports.store import Store
from app.services.accounts import Accounts


def teams_with_accounts(store: Store, contest_id: ContestId) -> list[tuple[Team, Account | None]]:
    """Every team by name with its account (None: it has none yet)."""
    with store.read() as view:
        teams = view.teams(contest_id)
        accounts = {one.team_id: one for one in view.accounts(contest_id) if one.role is Role.TEAM}
    return [(team, accounts.get(team.id)) for team in sorted(teams, key=lambda one: (one.name.casefold(), one.id))]


def slips(store: Store, accounts: Accounts, contest_id: ContestId) -> list[dict[str, str]]:
    """`team_id`, `username` and `password` of every team; "" for a password that its owner chose."""
    found = []
    for team, account in teams_with_accounts(store, contest_id):
        if account is not None:
            try:
                password = accounts.password_of(account)
            except Refusal:
                password = ""
            found.append({"team_id": team.id, "username": account.username, "password": password})
    return found
