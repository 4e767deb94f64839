"""`contestbox new`: a contest in a folder of its own, with its organiser, jury and teams."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import click

from app.core.clock import Instant
from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.ids import ContestId
from app.core.people import Account
from app.server.called import called
from app.server.enrol import enrol
from app.server.folder import Folder, write_private
from app.server.settings import load
from app.server.wiring import House, build

_HOUR_MS = 3600 * 1000
_CONFIG = """\
# Who is served: "0.0.0.0" the whole room, "127.0.0.1" this machine only.
host = "0.0.0.0"
# Where a checked copy goes every minute; best a stick or another disk.
# backup = "/media/stick/contest"
"""


@click.command("new", short_help="Makes a contest in a new folder.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The contest's data folder, new.")
@click.option("--name", required=True, help="The contest's name, as everybody reads it.")
@click.option(
    "--start", help="When it starts, like 2026-12-05T10:00 (this machine's time); without it, by hand in the console."
)
@click.option("--hours", type=click.FloatRange(0.1, 240), default=5.0, show_default=True, help="How long it lasts.")
@click.option(
    "--freeze",
    type=click.IntRange(0),
    default=60,
    show_default=True,
    help="Minutes before the end that the board freezes.",
)
@click.option(
    "--teams",
    type=click.Path(path_type=Path),
    help="A file with a team a line: name, organization (tab or comma between).",
)
def command(data: Path, name: str, start: str | None, hours: float, freeze: int, teams: Path | None) -> None:
    """Makes a contest with accounts for organiser, jury and teams, and writes their passwords to passwords.tsv in the folder.

    Example: contestbox new --data spring --name "Spring Regional 2027" --start 2027-04-10T10:00 --teams teams.tsv
    """
    if (data / "contest.db").exists():
        raise Refusal(409, f"There is already a contest in {data}: choose another folder.")
    listed = _read_teams(teams) if teams is not None else []
    contest = Contest(
        id=ContestId("contest"),
        name=name,
        start=None if start is None else _instant(start),
        duration_ms=round(hours * _HOUR_MS),
        freeze_ms=min(freeze * 60_000, round(hours * _HOUR_MS)) or None,
    )
    folder = Folder(data)
    if not folder.config.exists():
        folder.config.write_text(_CONFIG, encoding="utf-8")
    with build(folder, load(folder.config, {})) as house:
        house.services.control.create(contest).result(30)
        slips = _slips(house, enrol(house, contest, listed))
    write_private(folder.root / "passwords.tsv", slips.encode())
    click.echo(
        f"«{name}» is in {folder.root}, with {len(listed)} teams; every password is in {folder.root / 'passwords.tsv'}."
    )
    bring, look = called("import", "--data", data, "PACKAGE"), called("console", "--data", data)
    click.echo(f"Next: «{bring}» for each problem, then «{look}».")


def _instant(text: str) -> Instant:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal(422, f"«{text}» is not a time: write it like 2026-12-05T10:00.") from error
    local = moment if moment.tzinfo else moment.astimezone()
    return Instant(int(local.astimezone(UTC).timestamp() * 1000))


def _read_teams(path: Path) -> list[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refusal(404, f"The teams' file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Refusal(422, f"The teams' file {path} is not UTF-8 text: save it as UTF-8 and try again.") from error
    rows = csv.reader(text.splitlines(), delimiter="\t" if "\t" in text else ",")
    teams = [(row[0].strip(), row[1].strip() if len(row) > 1 else "") for row in rows if row and row[0].strip()]
    seen: set[str] = set()
    for name, _ in teams:
        if name in seen:
            raise Refusal(422, f"The team «{name}» stands twice in {path}: give each team a name of its own.")
        seen.add(name)
    return teams


def _slips(house: House, accounts: list[Account]) -> str:
    lines = ["role\tusername\tpassword\tteam"]
    for account in accounts:
        team = house.services.control.team(account.team_id) if account.team_id else None
        password = house.services.accounts.password_of(account)
        lines.append(f"{account.role}\t{account.username}\t{password}\t{team.name if team else ''}")
    return "\n".join(lines) + "\n"
