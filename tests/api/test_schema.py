"""REST against its own description: schemathesis makes requests from openapi.json, right and wrong ones, and sends them to a gate's port.

A few for each route in every run; many with --full.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import schemathesis
from gate_house import House, open_house
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance, unsupported_method

from web.api.v1 import document

from .calls import make_app, submit

# A parameter that the description does not name is allowed by it, and ours is the token that is sent. What is too large for the
# description is mostly too large for the door as well: 413 rejects it.
REJECTED = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429", "5xx"]
CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {"allow-extra-parameters": False, "with-security-parameters": False},
        "checks": {"negative_data_rejection": {"expected-statuses": REJECTED}},
    }
)
SCHEMA = schemathesis.openapi.from_dict(document.document(), config=CONFIG)
EXAMPLES, MANY_EXAMPLES = 10, 1000
_QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = open_house(tmp_path_factory.mktemp("house"), make_app)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def team(house: House) -> Iterator[httpx2.Client]:
    with house.client("team1") as client:
        yield client


@pytest.fixture(scope="module")
def own(team: httpx2.Client) -> str:
    """A submission that exists: half of the requests for one ask for this."""
    return str(submit(team).json()["submission_id"])


def _send(case: Any, team: httpx2.Client, own: str) -> None:
    """One request with the team's token; every answer is one that the description promises, and none is a 5xx.

    An existing submission's stream would stay open until its verdict: only strange ids are asked for one.
    """
    if case.path_parameters and "submissions" in case.path and not case.path.endswith("stream"):
        asked = str(case.path_parameters.get("id", ""))
        if len(asked) % 2:
            case.path_parameters = {**case.path_parameters, "id": own}
            case.query = {**(case.query or {}), "timeout": "1"} if case.path.endswith("wait") else case.query
    excluded = [unsupported_method, ignored_auth]
    if case.method == "POST" and case.path.endswith("submissions"):
        # Well-formed and impossible is 422 here (an unknown language, an empty source): no schema tells.
        excluded.append(positive_data_acceptance)
    headers = {"Authorization": team.headers["authorization"]}
    case.call_and_validate(base_url=str(team.base_url), headers=headers, timeout=30, excluded_checks=excluded)


@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=_QUIET)
def test_every_answer_is_one_that_was_promised(case: Any, team: httpx2.Client, own: str) -> None:
    """Some requests of each kind."""
    _send(case, team, own)


@pytest.mark.full
@pytest.mark.timeout(1800)
@SCHEMA.parametrize()
@settings(max_examples=MANY_EXAMPLES, deadline=None, suppress_health_check=_QUIET)
def test_every_answer_of_many_is_one_that_was_promised(case: Any, team: httpx2.Client, own: str) -> None:
    """A thousand requests of each kind, other ones each time."""
    _send(case, team, own)
