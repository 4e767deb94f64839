"""Submissions that no machine can judge, each a fault of whatever machine takes it: no machine is lost by them, no queue stops."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from running import PROGRAM, Client, Judge, Server, admin_of, until

pytestmark = [pytest.mark.root, pytest.mark.full, pytest.mark.timeout(300)]

YAML = "problem_format_version: 2025-09\nname: {name}\nuuid: 11111111-2222-3333-4444-{number}\nlimits: {{time_limit: 1.0}}\n"
# A validator that gives up where the output is not a number: 1 is neither right nor wrong, so judging has failed.
VALIDATOR = """
#include <stdio.h>
int main(void) { int n; if (scanf("%d", &n) != 1) return 1; return n == 7 ? 42 : 43; }
"""
FILES = {
    "poison/problem.yaml": YAML.format(name="Poison", number="777777777777"),
    "poison/output_validator/check.c": VALIDATOR,
    "sound/problem.yaml": YAML.format(name="Sound", number="888888888888"),
    **{
        f"{one}/{name}": text
        for one in ("poison", "sound")
        for name, text in {
            "statement/problem.en.md": "Say seven.\n",
            "data/secret/1.in": "",
            "data/secret/1.ans": "7\n",
        }.items()
    },
}
RIGHT = '#include <stdio.h>\nint main(void) { puts("7"); return 0; }\n'
POISON = '#include <stdio.h>\nint main(void) { puts("seven"); return 0; }\n'


@pytest.fixture
def room(tmp_path: Path) -> Iterator[tuple[Server, Client]]:
    """A running contest with one team."""
    for name, text in FILES.items():
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    teams = tmp_path / "teams.csv"
    teams.write_text("The Poisoners,North School\n")
    data = tmp_path / "data"
    for words in (
        ("new", "--name", "Poison", "--teams", str(teams)),
        ("import", str(tmp_path / "poison")),
        ("import", str(tmp_path / "sound")),
    ):
        argv = [*PROGRAM, words[0], "--data", str(data), *words[1:]]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((data / "passwords.tsv").read_text().splitlines(), delimiter="\t"))
    user, password = next((row["username"], row["password"]) for row in rows if row["role"] == "team")
    with Server(data, "--host", "127.0.0.1") as server:
        with admin_of(server.running) as admin:
            assert admin.post("/admin/v1/contest/start", json={"at": None}).status_code == 200
        with Client(server.url, user, password) as client:
            yield server, client


def test_no_submission_stops_the_hall(room: tuple[Server, Client], tmp_path: Path) -> None:
    """Four submissions on which every machine fails, three machines: each comes to the desk after two of them, the team sees none of it,
    a sound submission behind them is judged, and all machines take work again by themselves."""
    server, client = room
    ask: Callable[[str], Any] = lambda path: asked(server, path)  # noqa: E731
    with ExitStack() as machines:
        for number in range(3):
            judge = Judge(tmp_path / f"judge-{number}", server.running, "--name", f"judge-{number}", "--slots", "1")
            machines.callback(judge.stop)
            judge.approve(server.running)
            judge.ready()
        poisoned = [sent(client, "poison", POISON) for _ in range(4)]
        sound = sent(client, "sound", RIGHT)
        assert client.verdict(sound, 120)["status"] == "ACCEPTED"
        until("all four are on the desk", 120, lambda: len(failed(ask("/admin/v1/state")["desk"])) == 4)
        assert all(client.http.get(f"/api/v1/submissions/{one}").json()["status"] == "PENDING" for one in poisoned)
        until(
            "all machines are back", 90,
            lambda: [one["state"] for one in ask("/admin/v1/machines")["items"]] == ["ready"] * 3,
        )  # fmt: skip
        assert client.verdict(sent(client, "poison", RIGHT), 60)["status"] == "ACCEPTED"


def asked(server: Server, path: str) -> Any:
    """What the console's API says."""
    with admin_of(server.running) as admin:
        return admin.get(path).json()


def failed(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The desk's entries about judging that failed."""
    return [one for one in items if "Judging it failed" in str(one)]


def sent(client: Client, problem: str, code: str) -> str:
    """A submission in C."""
    answer = client.submit(problem, "c", code)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["submission_id"])
