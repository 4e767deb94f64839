"""Every route of every listener, and what each role gets there.

The routes come from the server's own tables: a new one fails here until somebody has said who may use it. Credentials of one listener are
shown at the others too: they are worth nothing there.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import flask
import httpx2
import pytest
from flow.test_gate_remote_console import pair, sign_in
from gate_house import ADMIN_KEY, House, open_house

from app.core.ids import ContestId
from app.core.people import Role
from app.lan.spoken import spoken
from app.services.catalog import Services
from web.factory import create_app
from web.gate.admin import Admin, HouseKeeping
from web.gate.nodes import NodePort
from web.gate.remote_admin import HERE_ONLY, SESSION_HEADER
from web.pages.trust import Trust

from .calls import submit
from .test_document import nothing_in, people_side

WHO = ("stranger", "team", "other", "juror", "chief")
ALL = (200, 200, 200, 200, 200)
SIGNED_IN = (401, 200, 200, 200, 200)
NOTHING_THERE = (404, 404, 404, 404, 404)
NO_BODY = (415, 415, 415, 415, 415)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# route: the address that is asked, and what a stranger, the team that owns the submission, another team, a juror and an admin get
PAGES: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "GET /": ("/", ALL),
    "GET /sign-in": ("/sign-in", (200, 303, 303, 303, 303)),
    "POST /sign-in": ("/sign-in", NO_BODY),
    "POST /sign-out": ("/sign-out", (303, 303, 303, 303, 303)),
    "GET /problems": ("/problems", ALL),
    "GET /problems/{}": ("/problems/crates", ALL),
    "GET /board": ("/board", ALL),
    "GET /clock.json": ("/clock.json", ALL),
    "GET /submit": ("/submit", SIGNED_IN),
    "POST /submit": ("/submit", (401, 422, 422, 422, 422)),
    "GET /submissions/{}": ("/submissions/{own}", (401, 200, 404, 200, 200)),
    "GET /submissions/{}/files/{}": ("/submissions/{own}/files/0", (401, 200, 404, 200, 200)),
    "GET /submissions/{}/outputs/{}": ("/submissions/{own}/outputs/1", (401, 404, 404, 404, 404)),  # not judged yet
    "GET /fragments/board": ("/fragments/board", ALL),
    "GET /fragments/problems": ("/fragments/problems", ALL),
    "GET /fragments/summary": ("/fragments/summary", SIGNED_IN),
    "GET /fragments/own.json": ("/fragments/own.json", (401, 200, 200, 404, 404)),  # pieces of teams' pages
    "GET /fragments/submissions": ("/fragments/submissions", SIGNED_IN),
    "GET /fragments/submission/{}": ("/fragments/submission/{own}", SIGNED_IN),  # foreign ones without what is theirs
    "GET /blobs/statement/{}/{}": ("/blobs/statement/x/y", NOTHING_THERE),
    "GET /live": ("/live?topics=jury", (401, 403, 403, 200, 200)),
    "GET /live/stream": ("/live/stream?topics=tasks", (401, 403, 403, 403, 403)),
    "GET /live/ping": ("/live/ping", (204, 204, 204, 204, 204)),
    "GET /static/{}/{}": ("/static/x/app.css", ALL),
    "GET /trust": ("/trust", ALL),
    "GET /trust/contestbox-ca.crt": ("/trust/contestbox-ca.crt", ALL),
}
REST: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "POST /api/v1/tokens": ("/api/v1/tokens", NO_BODY),
    "GET /api/v1/problems": ("/api/v1/problems", SIGNED_IN),
    "GET /api/v1/problems/{}": ("/api/v1/problems/crates", SIGNED_IN),
    "POST /api/v1/submissions": ("/api/v1/submissions", (401, 415, 415, 415, 415)),
    "GET /api/v1/submissions": ("/api/v1/submissions", SIGNED_IN),
    "GET /api/v1/submissions/{}": ("/api/v1/submissions/sub_{own}", SIGNED_IN),
    "GET /api/v1/submissions/{}/wait": ("/api/v1/submissions/sub_{own}/wait?after=0", (401, 200, 403, 200, 200)),
    "GET /api/v1/submissions/{}/stream": ("/api/v1/submissions/sub_{own}/stream", (401, 200, 403, 200, 200)),
    "GET /api/v1/leaderboard": ("/api/v1/leaderboard", ALL),
    "GET /api/v1/teams/{}/rank": ("/api/v1/teams/t1/rank", ALL),
    "GET /api/v1/openapi.json": ("/api/v1/openapi.json", ALL),
    "GET /api/v1/docs": ("/api/v1/docs", ALL),
}
# route: what the console gets that sends no body; everybody else gets 401
CONSOLE: Mapping[str, int] = {
    "GET /state": 200,
    "GET /wait": 200,
    "GET /submissions": 200,
    "GET /submissions/{}": 200,
    "GET /submissions/{}/outputs/{}": 404,  # not judged yet
    "GET /machines": 200,
    "GET /events": 200,
    "GET /teams": 200,
    "POST /joins/{}/approve": 415,
    "POST /joins/{}/refuse": 404,
    "POST /machines/{}/{}": 404,
    "POST /contest/start": 415,
    "POST /contest/extend": 415,
    "POST /contest/settings": 415,
    "POST /contest/finalize": 409,  # it still runs
    "POST /contest/thaw": 409,  # as well
    "POST /desk/{}/again": 409,  # nothing failed
    "POST /submissions/{}/rejudge": 409,  # not judged yet
    "POST /teams/passwords": 200,
    "POST /problems/import": 415,
    "GET /problems/{}": 404,  # no problem 1
    "GET /problems/{}/statement": 404,
    "GET /problems/{}/export": 404,
    "POST /problems/{}/limit": 415,
    "POST /problems/{}/solutions": 404,
    "POST /problems/{}/solutions/stop": 404,
    "GET /pictures/{}/{}": 404,
    "GET /problems/{}/trial": 404,  # nothing is on trial
    "POST /problems/{}/trial": 415,
    "POST /problems/{}/switch": 415,
    "POST /problems/{}/drop": 404,
    "POST /uploads": 415,
    "GET /uploads/{}": 404,
    "PUT /uploads/{}": 404,
    "POST /uploads/{}/import": 415,
    "POST /uploads/{}/trial": 415,
    "POST /server/stop": 202,
    "POST /server/backup": 415,
    "POST /server/https": 415,
}
JUDGE = {"hello", "lease", "renew", "report", "finish", "give_back", "fault"}
JOINING = {"join", "join/open", "join/poll"}


def make_app(services: Services, secret: str) -> flask.Flask:
    """The real pages of a server that people reach by https, so that no route is missing."""
    trust = Trust(b"certificate", "ab" * 32, spoken(bytes(10)), lambda: "https://x:1", lambda: "http://x:2/trust")
    cookie_name = services.accounts.cookie_name if secret else "cookie"
    return create_app(
        services, gate_secret=secret, server_name="Contestbox", version="v1", cookie_name=cookie_name, trust=trust
    )


def people_routes() -> set[str]:
    """METHOD /path/{} of whatever the people's listener answers: the gate's table and Flask's."""
    side = people_side()
    found = {shape(method, route.pattern) for route in side.routes() for method in route.methods}
    for rule in make_app(nothing_in(Services), "").url_map.iter_rules():
        if rule.endpoint != "static":  # the gate's
            found |= {shape(method, rule.rule) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return found


def console_routes() -> set[str]:
    """METHOD /path/{} of the console's API."""
    nothing: Any = None
    wanted = Admin.__init__.__code__.co_argcount - 6  # what other parts of the house it is given
    admin = Admin(nothing_in(Services), nothing, nothing, HouseKeeping(nothing, nothing), "", *[nothing] * wanted)
    routes = admin.routes(lambda handler: handler, 0)
    return {shape(method, route.pattern.removeprefix("/admin/v1")) for route in routes for method in route.methods}


def _here_only() -> set[str]:
    return {shape("", path).strip() for path in HERE_ONLY}


def shape(method: str, pattern: str) -> str:
    """A route whose parameters have lost their names."""
    return f"{method} {re.sub(r'<[^>]+>|{[^}]+}', '{}', pattern)}"


@dataclass
class Everybody:
    """A browser and a program for each role, and the keys of machines."""

    house: House
    browsers: dict[str, httpx2.Client]
    programs: dict[str, httpx2.Client]
    keys: dict[str, str] = field(default_factory=dict)
    session: str = ""
    own: str = ""
    machines: dict[tuple[str, str, str], httpx2.Client] = field(default_factory=dict)
    context: ssl.SSLContext = field(init=False)

    def __post_init__(self) -> None:
        self.context = self.house.node_context()
        ports = self.house.ports
        self.urls = {"nodes": f"https://127.0.0.1:{ports.nodes}", "console": f"http://127.0.0.1:{ports.console}"}

    def at(self, listener: str, key: str = "", session: str = "") -> httpx2.Client:
        """Somebody at the "console" or "nodes" listener who shows a key; kept open until the tests are over."""
        headers = {**({"Authorization": f"Bearer {self.keys[key]}"} if key else {}), SESSION_HEADER: session}
        if (listener, key, session) not in self.machines:
            self.machines[listener, key, session] = httpx2.Client(
                base_url=self.urls[listener], verify=self.context, headers=headers, trust_env=False
            )
        return self.machines[listener, key, session]

    def close(self) -> None:
        """Hangs up."""
        for client in self.machines.values():
            client.close()


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    house = open_house(tmp_path_factory.mktemp("house"), make_app)
    services = house.services
    house.people["chief"] = services.store.write(
        lambda tx: services.accounts.create(tx, ContestId(""), "chief", Role.ADMIN)
    ).result(10)
    names = {"team": "team1", "other": "team2", "juror": "juror", "chief": "chief"}
    with ExitStack() as stack:
        stranger = httpx2.Client(base_url=house.url, headers={"Origin": house.url}, trust_env=False)
        browsers = {who: stack.enter_context(house.browser(name)) for who, name in names.items()}
        programs = {who: stack.enter_context(house.client(name)) for who, name in names.items()}
        browsers["stranger"] = stack.enter_context(stranger)
        programs["stranger"] = stack.enter_context(house.client())
        found = Everybody(house, browsers, programs)
        stack.callback(found.close)
        nodes = found.at("nodes")
        machine, console = pair(house, nodes, "judge-1"), pair(house, nodes, "desk", kind="console")
        found.session = sign_in(house, nodes, console)
        found.keys |= {
            "admin key": ADMIN_KEY,
            "machine": machine.token,
            "console": console.token,
            "team": house.token("team1"),
            "chief": house.token("chief"),
            "nonsense": "nonsense",
        }
        found.own = submit(programs["team"]).json()["submission_id"].removeprefix("sub_")
        yield found
    house.close()


def test_every_route_is_in_the_tables() -> None:
    """Whoever adds a route says here who may use it; whoever takes one away takes it away here."""
    assert people_routes() == set(PAGES) | set(REST)
    assert console_routes() == set(CONSOLE)
    nothing: Any = None
    port = NodePort(
        machines=nothing, dispatch=nothing, reports=nothing, blobs=nothing, bell=nothing, wait_for=nothing, readers=nothing
    )  # fmt: skip
    assert set(port._paired) == JUDGE
    assert set(port._open) == JOINING


@pytest.mark.parametrize("route", [*PAGES, *REST])
def test_each_role_at_each_route(everybody: Everybody, route: str) -> None:
    """People by cookie on pages, by token at REST."""
    address, promised = PAGES.get(route) or REST[route]
    clients = everybody.browsers if route in PAGES else everybody.programs
    if route == "POST /sign-out":  # ends the session, so with one that is for this alone
        with ExitStack() as stack:
            fresh = {
                name: stack.enter_context(everybody.house.browser(name))
                for name in ("team1", "team2", "juror", "chief")
            }
            stranger = everybody.browsers["stranger"].post(address).status_code
            assert (stranger, *(one.post(address).status_code for one in fresh.values())) == promised
            assert {one.get("/submit").status_code for one in fresh.values()} == {401}
        return
    seen = []
    for who in WHO:
        method, _, _ = route.partition(" ")
        with clients[who].stream(method, address.format(own=everybody.own)) as answer:  # an event stream does not end
            seen.append(answer.status_code)
            security_headers(answer)
    assert tuple(seen) == promised


def security_headers(answer: httpx2.Response) -> None:
    """What each answer carries, and what none does: other sites may read nothing, and no name of a product is told."""
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "content-security-policy" in headers
    assert headers["server"] == "contestbox"
    assert not [name for name in headers if name.startswith("access-control-")]
    assert not [name for name in headers if name.startswith("x-contestbox-")]


@pytest.mark.parametrize("route", [*PAGES, *REST])
def test_other_methods_are_refused(everybody: Everybody, route: str) -> None:
    """Whatever a route does not take is 405 with the methods that it takes; a stranger may be told to sign in before."""
    _, _, path = route.partition(" ")
    address, _ = PAGES.get(route) or REST[route]
    taken = {one.partition(" ")[0] for one in (*PAGES, *REST) if one.endswith(f" {path}")}
    clients = everybody.browsers if route in PAGES else everybody.programs
    for other in set(METHODS) - taken:
        for who, allowed in (("stranger", {401, 405}), ("team", {405}), ("chief", {405})):
            answer = clients[who].request(other, address.format(own=everybody.own))
            assert answer.status_code in allowed, (who, other)
            assert answer.status_code == 401 or answer.headers["allow"]


@pytest.mark.parametrize("route", [*PAGES, *REST])
def test_keys_of_machines_and_consoles_open_nothing_for_people(everybody: Everybody, route: str) -> None:
    """The admin key, a judge machine's and a console's token are broken tokens at the people's listener."""
    method, _, _ = route.partition(" ")
    address, _ = PAGES.get(route) or REST[route]
    with everybody.house.client() as client:
        for key in ("admin key", "machine", "console", "nonsense"):
            shown = {"Authorization": f"Bearer {everybody.keys[key]}"}
            answer = client.request(method, address.format(own=everybody.own), headers=shown)
            assert answer.status_code == 401, key


@pytest.mark.parametrize("route", CONSOLE)
def test_each_key_at_each_route_of_the_console(everybody: Everybody, route: str) -> None:
    """On this machine the admin key alone opens it; at the machines' listener a console with an admin's session, and nothing less."""
    method, _, path = route.partition(" ")
    address = "/admin/v1" + path.replace("/submissions/{}", f"/submissions/{everybody.own}").replace("{}", "1")
    if path == "/wait":
        address += "?timeout=1"
    for key in ("", "machine", "console", "team", "chief", "nonsense"):
        assert everybody.at("console", key).request(method, address).status_code == 401, key
    for key, session in (
        ("", ""), ("", everybody.session), ("admin key", ""), ("machine", ""), ("machine", everybody.session), ("console", ""),
        ("team", ""), ("chief", ""), ("console", everybody.keys["chief"]), ("console", everybody.keys["team"]),
    ):  # fmt: skip
        assert everybody.at("nodes", key, session).request(method, address).status_code == 401, (key, bool(session))
    here, afar = everybody.at("console", "admin key"), everybody.at("nodes", "console", everybody.session)
    assert here.request(method, address).status_code == CONSOLE[route]
    assert afar.request(method, address).status_code == (
        403 if method == "POST" and path in _here_only() else CONSOLE[route]
    )


@pytest.mark.parametrize("name", sorted(JUDGE | {"blobs/" + "0" * 64, "nothing"}))
def test_only_paired_machines_speak_the_judges_protocol(everybody: Everybody, name: str) -> None:
    """401 for everybody else, also at addresses that are not there; the machine itself is past that."""
    for key in ("", "admin key", "console", "team", "chief", "nonsense"):
        assert everybody.at("nodes", key).post(f"/judge/v1/{name}").status_code == 401, key
    assert everybody.at("nodes", "machine").post(f"/judge/v1/{name}").status_code in (404, 405, 422)
    assert everybody.programs["chief"].post(f"/judge/v1/{name}").status_code in (404, 405)
    assert everybody.at("console", "admin key").post(f"/judge/v1/{name}").status_code == 404


@pytest.mark.parametrize("name", sorted(JOINING))
def test_joining_is_open_and_wants_a_whole_request(everybody: Everybody, name: str) -> None:
    """Whoever reaches the port may ask to join, and nothing is believed of an empty request."""
    assert everybody.at("nodes").post(f"/judge/v1/{name}").status_code == 422
