"""Groups and points of a Polygon testset: `complete-group` gives its points whole, `each-test` those of every test by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from heapq import heappop, heappush
from xml.etree import ElementTree as Xml

from app.core.errors import Refusal
from app.package.problem_yaml import read_points

_MOST_REQUIREMENTS = 100_000
"""Each test with points of its own repeats what its group depends on."""


@dataclass(frozen=True, slots=True)
class PolygonTest:
    """One test: its number from 1, its points, whether it is shown."""

    number: int
    points: Fraction
    sample: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Tests that are scored together; `requires` names groups that have to pass first."""

    name: str
    tests: tuple[PolygonTest, ...]
    points: Fraction
    requires: tuple[str, ...] = ()


def read_groups(testset: Xml.Element, tests: Sequence[Xml.Element]) -> list[Group]:
    """The groups in an order where each comes after those that it depends on. Without points all of them are worth nothing."""
    members: dict[str, list[PolygonTest]] = {}
    for number, test in enumerate(tests, 1):
        one = PolygonTest(number, _points(test.get("points")), test.get("sample") == "true")
        members.setdefault(test.get("group", ""), []).append(one)
    about = {one.get("name", ""): one for one in testset.findall("groups/group")}
    made: dict[str, list[Group]] = {}
    for name in _ordered(list(members), about):
        element = about.get(name)
        whole = element is not None and element.get("points-policy") == "complete-group"
        requires = tuple(one.name for other in _dependencies(element) for one in made.get(other, []))
        parts = _split(len(made), name, members[name], element, whole=whole)
        if len(parts) * len(requires) > _MOST_REQUIREMENTS:
            raise Refusal(422, f"problem.xml: group {name[:40]!r} depends on too many others.")
        made[name] = [replace(one, requires=requires) for one in parts]
    return [one for groups in made.values() for one in groups]


def _split(place: int, name: str, tests: list[PolygonTest], element: Xml.Element | None, *, whole: bool) -> list[Group]:
    plain = f"{place:03d}-{re.sub(r'[^A-Za-z0-9]+', '_', name)[:40]}".rstrip("-")
    if whole:
        own = _points(element.get("points")) if element is not None else Fraction(0)
        return [Group(plain, tuple(tests), own or sum((one.points for one in tests), Fraction(0)))]
    return [Group(f"{plain}-{one.number:04d}", (one,), one.points) for one in tests]


def _ordered(names: list[str], about: dict[str, Xml.Element]) -> list[str]:
    """Always the first of those whose dependencies are done. Groups that depend on each other in a ring can never be ordered: of them
    the first in the file has to do."""
    place = {name: at for at, name in enumerate(names)}
    waits = {name: {one for one in _dependencies(about.get(name)) if one in place} for name in names}
    behind: dict[str, list[str]] = {}
    for name, others in waits.items():
        for one in others:
            behind.setdefault(one, []).append(name)
    free = [place[name] for name in names if not waits[name]]
    rest = iter(range(len(names)))
    done: dict[str, None] = {}
    while len(done) < len(names):
        name = names[heappop(free) if free else next(at for at in rest if names[at] not in done)]
        if name in done:
            continue
        done[name] = None
        for other in behind.get(name, ()):
            waits[other].discard(name)
            if not waits[other]:
                heappush(free, place[other])
    return list(done)


def _dependencies(element: Xml.Element | None) -> list[str]:
    if element is None:
        return []
    return list(dict.fromkeys(one.get("group", "") for one in element.findall("dependencies/dependency")))


def _points(text: str | None) -> Fraction:
    return read_points(text or "0", "problem.xml")
