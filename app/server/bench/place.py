"""Where a measurement happens: a temporary folder with a contest of its own, the server for it, and the empty page beside.

Nothing of the organiser's is touched; everything listens on loopback only and is gone at the end.
"""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app.core.contest import Contest
from app.core.errors import Fault
from app.core.ids import ContestId, ProblemId
from app.core.people import Account, Role
from app.server.bench.crowd import Crowd, Measured, Target
from app.server.bench.target import settings
from app.server.enrol import enrol
from app.server.folder import Folder
from app.server.wiring import House, build

CONTEST = ContestId("bench")
PROBLEM = ProblemId("sum")
EMPTY_PAGE_REQUESTS = 4000
EMPTY_PAGE_LANES = 16
_AT_ONCE = 40
_PACKAGE = {
    "problem.yaml": "problem_format_version: 2025-09\nname: Sum\nuuid: 5b0a7b3a-53f1-4c37-8a7e-2f3c4c6e0b11\nlimits:\n  time_limit: 1\n",
    "statement/problem.en.md": "Read two whole numbers and print their sum.\n",
    "data/sample/1.in": "1 2\n",
    "data/sample/1.ans": "3\n",
    "data/secret/01.in": "30 12\n",
    "data/secret/01.ans": "42\n",
    "submissions/accepted/sum.py": "print(sum(map(int, input().split())))\n",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """A team, how it signs in, and its two ways of showing who it is."""

    team_id: str
    username: str
    password: str
    cookie: str
    bearer: str


def open_contest(root: Path, teams: int) -> tuple[Folder, tuple[Visitor, ...]]:
    """A running contest with one problem and so many teams, all signed in. Nobody holds the folder afterwards."""
    folder = Folder(root / "data")
    with build(folder, settings()) as house:
        contest = Contest(CONTEST, "Measurement", house.services.clock.now(), 5 * 3600_000)
        house.services.control.create(contest).result(30)
        accounts = enrol(house, contest, [(f"Team {number}", "Hall") for number in range(teams)])
        for name, text in _PACKAGE.items():
            path = root / "package" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        house.services.problems.import_package(CONTEST, root / "package", label="A", problem_id=PROBLEM)
        return folder, tuple(_signed_in(house, [one for one in accounts if one.role is Role.TEAM]))


def _signed_in(house: House, accounts: list[Account]) -> Iterator[Visitor]:
    services = house.services.accounts
    for first in range(0, len(accounts), _AT_ONCE):
        some = accounts[first : first + _AT_ONCE]
        pages = [services.sign_in(one.username, services.password_of(one), "127.0.0.1") for one in some]
        tokens = [services.issue_token(one.username, services.password_of(one), "::1") for one in some]
        for account, page, token in zip(some, pages, tokens, strict=True):
            cookie, bearer = page.result(30).token, token.result(30).access_token
            yield Visitor(str(account.team_id), account.username, services.password_of(account), cookie, bearer)


@dataclass(frozen=True, slots=True)
class Server:
    """The measured server."""

    target: Target
    pid: int
    cookie_name: str
    _console_port: int
    _admin_key: str
    pages: Target
    """Flask under waitress behind the gate, asked without it."""
    _pages_secret: str
    node_port: int

    def get(self, path: str, *headers: str) -> bytes:
        """A GET, ready to be sent."""
        return get(self.target, path, *headers)

    def behind(self, path: str, *headers: str) -> bytes:
        """A GET as the gate sends it to Flask, ready to be sent to `pages`."""
        told = (f"X-Contestbox-Secret: {self._pages_secret}", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Proto: http")
        return get(self.target, path, *headers, *told)

    def cookie(self, visitor: Visitor) -> str:
        """The Cookie header of a visitor."""
        return f"Cookie: {self.cookie_name}={visitor.cookie}"

    def post_json(self, path: str, body: bytes, *headers: str) -> bytes:
        """A POST with a JSON body, ready to be sent."""
        head = [f"POST {path} HTTP/1.1", f"Host: {self.target.authority}", "Content-Type: application/json"]
        return "\r\n".join([*head, *headers, f"Content-Length: {len(body)}", "", ""]).encode() + body

    def post_form(self, path: str, fields: Mapping[str, str]) -> bytes:
        """A form of a page of this server's, ready to be sent."""
        body = urlencode(fields).encode()
        head = [f"POST {path} HTTP/1.1", f"Host: {self.target.authority}", f"Origin: http://{self.target.authority}"]
        kind = ["Content-Type: application/x-www-form-urlencoded", "Accept: text/html", f"Content-Length: {len(body)}"]
        return "\r\n".join([*head, *kind, "", ""]).encode() + body

    def extend(self) -> None:
        """The organiser extends the contest by a minute: an event that every page hears of."""
        self._order("POST", "/admin/v1/contest/extend", {"minutes": 1})

    def approve(self, name: str, code: str) -> None:
        """The organiser lets the machine with this name in, whose letters are these."""
        pending = self._order("GET", "/admin/v1/machines")["pending"]
        wanted = next(one["request_id"] for one in pending if one["name"] == name)
        self._order("POST", f"/admin/v1/joins/{wanted}/approve", {"code": code})

    def _order(self, method: str, path: str, value: Mapping[str, Any] | None = None) -> dict[str, Any]:
        line = http.client.HTTPConnection("127.0.0.1", self._console_port, timeout=30)
        headers = {"Authorization": f"Bearer {self._admin_key}", "Content-Type": "application/json"}
        line.request(method, path, body=None if value is None else json.dumps(value), headers=headers)
        answer = line.getresponse()
        told = answer.read()
        line.close()
        if answer.status >= 300:
            raise Fault("bench", f"The measured server did not do what its organiser wants ({path}): {told[:200]!r}")
        found: dict[str, Any] = json.loads(told)
        return found


def get(target: Target, path: str, *headers: str) -> bytes:
    """A GET to a target, ready to be sent."""
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {target.authority}", *headers, "", ""]).encode()


@contextmanager
def served(folder: Folder, *, tls: bool = False) -> Iterator[Server]:
    """The real front door before the folder's contest, in a process of its own."""
    argv = ["-m", "app.server.bench.target", str(folder.root), *(["tls"] if tls else [])]
    with _process(argv) as (process, line):
        told: dict[str, Any] = json.loads(line)
        context = None
        if tls:
            context = ssl.create_default_context(cadata=told["ca"])
        target, pages = Target(told["people"], context), Target(told["people"], unix=told["pages"])
        keys = told["admin_key"], pages, told["pages_secret"], told["nodes"]
        yield Server(target, process.pid, told["cookie"], told["console"], *keys)


@contextmanager
def empty_page() -> Iterator[Target]:
    """Flask's empty page under waitress alone."""
    with _process(["-m", "web.empty_page"]) as (_, line):
        yield Target(int(line))


def ask_empty_page(target: Target, requests: int = EMPTY_PAGE_REQUESTS) -> Measured:
    """The rate of the empty page, asked by as many as waitress has threads."""
    with Crowd(target, EMPTY_PAGE_LANES) as crowd:
        return crowd.run([get(target, "/")] * requests).only(200, "The empty page")


@contextmanager
def _process(argv: list[str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen([sys.executable, *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise Fault("bench", f"The process to be measured did not start ({argv[1]}).")
        yield process, line
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
