"""Groups and points of a Polygon testset: `complete-group` gives its points whole, `each-test` those of every test by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from xml.etree import ElementTree as Xml


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
        requires = [one for other in _dependencies(element) for one in made.get(other, [])]
        made[name] = _split(len(made), name, members[name], element, whole=whole)
        made[name] = [replace(one, requires=tuple(group.name for group in requires)) for one in made[name]]
    return [one for groups in made.values() for one in groups]


def _split(place: int, name: str, tests: list[PolygonTest], element: Xml.Element | None, *, whole: bool) -> list[Group]:
    plain = f"{place:03d}-{re.sub(r'[^A-Za-z0-9]+', '_', name)[:40]}".rstrip("-")
    if whole:
        own = _points(element.get("points")) if element is not None else Fraction(0)
        return [Group(plain, tuple(tests), own or sum((one.points for one in tests), Fraction(0)))]
    return [Group(f"{plain}-{one.number:04d}", (one,), one.points) for one in tests]


def _ordered(names: list[str], about: dict[str, Xml.Element]) -> list[str]:
    done: list[str] = []
    while len(done) < len(names):
        free = [
            name
            for name in names
            if name not in done and all(one in done or one not in names for one in _dependencies(about.get(name)))
        ]
        # Groups that depend on each other in a ring can never be ordered: the file's order has to do.
        done.append(free[0] if free else next(name for name in names if name not in done))
    return done


def _dependencies(element: Xml.Element | None) -> list[str]:
    if element is None:
        return []
    return [one.get("group", "") for one in element.findall("dependencies/dependency")]


def _points(text: str | None) -> Fraction:
    try:
        return max(Fraction(0), Fraction(text or "0"))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)
