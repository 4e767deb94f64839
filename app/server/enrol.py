"""Accounts of a new contest: organiser, jury and one for each team, with generated passwords."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.contest import Contest
from app.core.ids import ContestId, TeamId
from app.core.people import Account, Role, Team
from app.ports.store import Transaction
from app.server.wiring import House


def enrol(house: House, contest: Contest, teams: Sequence[tuple[str, str]]) -> list[Account]:
    """Writes the people of a contest in one transaction; `teams` are (name, organization). Blocks until it is on disk."""
    services = house.services

    def people(tx: Transaction) -> list[Account]:
        accounts = [
            services.accounts.create(tx, ContestId(""), "organiser", Role.ADMIN),
            services.accounts.create(tx, ContestId(""), "jury", Role.JUDGE),
        ]
        for number, (name, organization) in enumerate(teams, start=1):
            team = Team(id=TeamId(f"t{number:03d}"), contest_id=contest.id, name=name, organization=organization)
            services.control.add_team(tx, team)
            accounts.append(services.accounts.create(tx, contest.id, f"team{number:03d}", Role.TEAM, team.id))
        return accounts

    return services.store.write(people).result(60)
