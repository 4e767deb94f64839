"""An organiser makes a contest of their own, from nothing to a team that signs in."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

from running import PROGRAM, Client, Server, admin_of

PROBLEMS = Path(__file__).resolve().parents[2] / "problems"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """One of our commands, to its end."""
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=60)


def test_from_nothing_to_a_signed_in_team(folder: Path) -> None:
    """Made, a problem imported, served, started by the organiser: a team of the file signs in with its slip and reads the problem."""
    teams = folder.parent / "teams.tsv"
    teams.write_text("Ünïcode Ünited\tNorth School\nThe Others\n", encoding="utf-8")
    made = run("new", "--data", str(folder), "--name", "Spring Regional", "--teams", str(teams))
    assert made.returncode == 0, made.stderr
    slips = folder / "passwords.tsv"
    assert slips.stat().st_mode & 0o077 == 0, "passwords are for the organiser alone"
    rows = list(csv.DictReader(slips.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    assert [row["team"] for row in rows if row["role"] == "team"] == ["Ünïcode Ünited", "The Others"]
    imported = run("import", "--data", str(folder), str(PROBLEMS / "crates"))
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.startswith("Problem A: ")
    team = next(row for row in rows if row["role"] == "team")
    with (
        Server(folder, "--host", "127.0.0.1") as server,
        Client(server.url, team["username"], team["password"]) as client,
    ):
        assert client.http.get("/api/v1/problems").json()["items"] == [], "nothing is shown before the start"
        with admin_of(server.running) as admin:
            assert admin.post("/admin/v1/contest/start", json={"at": None}).status_code == 200
        problems = client.http.get("/api/v1/problems").json()["items"]
        assert [one["label"] for one in problems] == ["A"]


def test_clumsy_organiser(folder: Path) -> None:
    """A folder that is taken, a team named twice, a time that is none, a package that is none: one sentence each, nothing half made."""
    teams = folder.parent / "teams.csv"
    teams.write_text("Same,One\nSame,Two\n", encoding="utf-8")
    twice = run("new", "--data", str(folder), "--name", "X", "--teams", str(teams))
    assert (twice.returncode, "stands twice" in twice.stderr) == (1, True)
    when = run("new", "--data", str(folder), "--name", "X", "--start", "tomorrow")
    assert (when.returncode, "is not a time" in when.stderr) == (1, True)
    assert not (folder / "contest.db").exists()
    assert run("new", "--data", str(folder), "--name", "X").returncode == 0
    again = run("new", "--data", str(folder), "--name", "X")
    assert (again.returncode, "already a contest" in again.stderr) == (1, True)
    package = run("import", "--data", str(folder), str(folder.parent))
    assert package.returncode == 1
    assert package.stderr.count("\n") <= 3, "the report, its count, the refusal"
    assert "Traceback" not in package.stderr
