"""The demo contest: written once into an empty folder through the same services that an organiser uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from app.core.contest import Contest, Phase
from app.core.errors import Refusal
from app.core.ids import ContestId, ProblemId
from app.core.people import Account, Role
from app.server.enrol import enrol
from app.server.folder import Folder
from app.server.settings import Settings
from app.server.wiring import House, build

DEMO = ContestId("demo")
DURATION_MS = 5 * 3600 * 1000
FREEZE_MS = 3600 * 1000
_NAMES = (
    ("Binary Bakers", "Northshore School"),
    ("Heap of Hay", "Meadow College"),
    ("Modulo Moose", "Pinewood University"),
    ("Segment Orchard", "Orchard Hill"),
    ("Off By Two", "Harbour Tech"),
    ("Greedy Goats", "Alpine Institute"),
    ("Null Island Ferry", "Harbour Tech"),
    ("Stack of Pancakes", "Northshore School"),
    ("Prime Suspects", "Pinewood University"),
    ("Lazy Propagators", "Meadow College"),
    ("Cycle Detectives", "Orchard Hill"),
    ("Quiet Queue", "Alpine Institute"),
)


@dataclass(frozen=True, slots=True)
class Login:
    """A user name with its generated password."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class TeamLogin:
    """A team's way in."""

    team_id: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class DemoContest:
    """What the demo knows of its contest; `packages` maps a problem's id to its folder."""

    contest_id: str
    admin: Login
    judge: Login
    teams: tuple[TeamLogin, ...]
    packages: dict[str, Path]


def problems_folder() -> Path:
    """Where the sample problems lie: beside the packages in a checkout."""
    found = Path(str(resources.files("app"))).parent / "problems"
    if not (found / "contest.yaml").is_file():
        raise Refusal(404, f"The sample problems are not in {found}: run the demo from a checkout of Contestbox.")
    return found


def open_demo_folder(wanted: Path) -> Folder:
    """The folder to go on with: `wanted`, or the first of `wanted-2`, `wanted-3` … whose contest is not over. Old ones are kept."""
    number = 1
    while True:
        path = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        if not (path / "contest.db").exists():
            return Folder(path)
        folder = Folder(path)
        if not _is_over(folder):
            return folder
        number += 1


def seed(folder: Folder, teams: int, tell: Callable[[str], None]) -> DemoContest:
    """The demo contest of a folder, written as far as it isn't there yet: a start that was cut short is carried on.

    Holds the folder only while it works. Raises Refusal where the folder holds somebody's own contest.
    """
    with _opened(folder) as house:
        listing = yaml.safe_load((problems_folder() / "contest.yaml").read_text(encoding="utf-8"))
        with house.services.store.read() as view:
            known = list(view.contests())
        foreign = [contest for contest in known if contest.id != DEMO]
        if foreign:
            raise Refusal(
                409,
                f"{folder.root} holds the contest «{foreign[0].name}», not a demo: serve it with «contestbox serve», "
                "or choose another folder with --data.",
            )
        if not known:
            tell(f"Writing the demo contest «{listing['name']}» into {folder.root} …")
        _write(house, listing, teams, tell)
        return _describe(house, listing)


def _opened(folder: Folder) -> House:
    return build(folder, Settings(host="127.0.0.1"))


def _is_over(folder: Folder) -> bool:
    with _opened(folder) as house:
        with house.services.store.read() as view:
            contests = view.contests()
        now = house.services.clock.now()
        return bool(contests) and all(contest.phase(now) in (Phase.OVER, Phase.FINAL) for contest in contests)


def _write(house: House, listing: dict[str, Any], teams: int, tell: Callable[[str], None]) -> None:
    services = house.services
    with services.store.read() as view:
        contest = view.contest(DEMO)
        enrolled = any(account.role is Role.JUDGE for account in view.accounts(None))
        imported = {problem.id for problem in view.problems(DEMO)}
    if contest is None:
        contest = Contest(
            id=DEMO,
            name=str(listing["name"]),
            start=services.clock.now(),
            duration_ms=DURATION_MS,
            freeze_ms=FREEZE_MS,
        )
        services.control.create(contest).result(30)
    if not enrolled:
        enrol(house, contest, [_team(number) for number in range(teams)])
    for entry in listing["problems"]:
        if entry["id"] not in imported:
            tell(f"  problem {entry['label']}: {entry['id']}")
            _import(house, entry)


def _import(house: House, entry: dict[str, Any]) -> None:
    house.services.problems.import_package(
        DEMO,
        problems_folder() / entry["id"],
        label=entry["label"],
        rgb=entry["rgb"],
        color=entry["color"],
        problem_id=ProblemId(entry["id"]),
    )


def _team(number: int) -> tuple[str, str]:
    """Name and organization of the team with this number; the names come round again with a number behind."""
    again, place = divmod(number, len(_NAMES))
    name, organization = _NAMES[place]
    return (name if again == 0 else f"{name} {again + 1}"), organization


def _describe(house: House, listing: dict[str, Any]) -> DemoContest:
    services = house.services
    with services.store.read() as view:
        accounts = list(view.accounts(None))

    def login(account: Account) -> Login:
        return Login(account.username, services.accounts.password_of(account))

    teams = sorted((one for one in accounts if one.role is Role.TEAM), key=lambda one: one.username)
    return DemoContest(
        contest_id=str(services.control.contest().id),
        admin=login(next(one for one in accounts if one.role is Role.ADMIN)),
        judge=login(next(one for one in accounts if one.role is Role.JUDGE)),
        teams=tuple(TeamLogin(str(one.team_id), one.username, services.accounts.password_of(one)) for one in teams),
        packages={entry["id"]: problems_folder() / entry["id"] for entry in listing["problems"]},
    )
