"""The organiser's commands as a stranger meets them: help with an example, exit codes 0, 1, 2, one sentence for each mistake."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from running import JUDGE, PROGRAM

from app.server import cli
from judge_node import main as judge

EVERY = [(PROGRAM, name) for name in cli._COMMANDS] + [(JUDGE, name) for name in judge.cli.list_commands(None)]  # type: ignore[arg-type]

_SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def run(program: list[str], *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """One command to its end."""
    clean = {key: value for key, value in os.environ.items() if key not in _SCREEN}
    root = str(Path(__file__).resolve().parents[4])
    return subprocess.run(
        [*program, *words], capture_output=True, text=True, timeout=60, cwd=cwd, env={**clean, "PYTHONPATH": root}
    )


@pytest.mark.parametrize(("program", "name"), EVERY, ids=[f"{'judge ' if p is JUDGE else ''}{n}" for p, n in EVERY])
def test_help_shows_an_example(program: list[str], name: str) -> None:
    """Every listed command exists, explains itself and shows how it is called."""
    group = cli.contestbox if program is PROGRAM else judge.cli
    answer = CliRunner().invoke(group, [name, "--help"])
    assert answer.exit_code == 0, answer.output
    assert "Example: contestbox" in " ".join(answer.output.split()) or "Example: sudo contestbox" in answer.output


# The words of `compare` are those of the validator's protocol, so it has no options.
@pytest.mark.parametrize(("program", "name"), [one for one in EVERY if one[1] != "compare"])
def test_unknown_option_is_wrong_usage(program: list[str], name: str) -> None:
    """A misspelt option ends with exit code 2 and names the option, never with a traceback."""
    answer = CliRunner().invoke(cli.contestbox if program is PROGRAM else judge.cli, [name, "--no-such-thing"])
    assert answer.exit_code == 2, answer.output
    assert "--no-such-thing" in answer.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["serve", "--data", "a-file"], "a-file"),
        (["demo", "--headless", "--data", "a-file"], "a-file"),
        (["import", "--data", "nothing-here", "crates"], "no contest in nothing-here"),
        (["backup", "--data", "nothing-here", "--to", "copy"], "no contest in nothing-here"),
        (["restore", "--from", "nothing-here", "--data", "new"], "no good backup in nothing-here"),
        (["verify-log", "--data", "nothing-here"], "no contest in nothing-here"),
        (["serve", "--data", "misspelt"], "«prot»"),
        (["serve", "--data", "broken"], "not valid TOML"),
        (["doctor", "--data", "broken"], "not valid TOML"),
        (["serve", "--data", "sync"], "backup_sync needs backup"),
        (["serve", "--data", "sync"], "do not go together"),
        (["serve", "--data", "nothing-here"], "no contest in nothing-here"),
        (["serve", "--data", "nothing-here", "--host", "name.of.mine"], "«host» cannot be 'name.of.mine'"),
        (["serve", "--data", "notadb"], "has lost its keys"),
        (["serve", "--data", "emptied"], "is damaged, it is empty"),
        (["import", "--data", "emptied", "crates"], "is damaged, it is empty"),
        (["console", "--data", "new"], "no screen"),
    ],
    ids=lambda value: "-".join(value)[:40] if isinstance(value, list) else "",
)
def test_mistakes_end_in_a_sentence(words: list[str], says: str, tmp_path: Path) -> None:
    """What an organiser gets wrong is told in one line that names it; nothing is made where nothing was."""
    (tmp_path / "a-file").write_text("")
    for name, text in (("misspelt", "prot = 1"), ("broken", "port = = 1"), ("sync", "backup_sync = true")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.toml").write_text(text)
    (tmp_path / "emptied").mkdir()
    (tmp_path / "emptied" / "contest.db").touch()
    (tmp_path / "notadb").mkdir()
    (tmp_path / "notadb" / "contest.db").write_bytes(b"this was never a database" * 400)
    answer = run(PROGRAM, *words, cwd=tmp_path)
    assert answer.returncode in (1, 2), answer.stdout + answer.stderr
    assert says in answer.stderr
    assert "Traceback" not in answer.stderr
    assert len(answer.stderr.strip().splitlines()) <= 4, answer.stderr
    assert not (tmp_path / "nothing-here").exists()


def test_a_contest_that_cannot_be_served(tmp_path: Path) -> None:
    """A backup folder inside the contest's own, a lost key, a database that is none: each start ends in one line, and harms nothing."""
    data = tmp_path / "data"
    assert run(PROGRAM, "new", "--data", str(data), "--name", "X").returncode == 0
    inside = run(PROGRAM, "serve", "--data", str(data), "--port", "0", "--backup", str(data / "copies"))
    assert (inside.returncode, "lies in the contest's own" in inside.stderr) == (1, True), inside.stderr
    keys = (data / "secrets" / "passwords").read_bytes()
    (data / "secrets" / "passwords").unlink()
    lost = run(PROGRAM, "serve", "--data", str(data), "--port", "0")
    assert lost.returncode == 1
    assert "has lost its keys (passwords in" in lost.stderr
    assert not (data / "secrets" / "passwords").exists(), "no new one: the teams' slips would be void"
    (data / "secrets" / "passwords").write_bytes(keys)
    (data / "contest.db").write_bytes(b"this was never a database" * 400)
    for name in ("contest.db-wal", "contest.db-shm"):
        (data / name).unlink(missing_ok=True)
    broken = run(PROGRAM, "serve", "--data", str(data), "--port", "0")
    assert broken.returncode == 1
    assert "damaged (file is not a database). There is no good backup in" in broken.stderr
    for answer in (inside, lost, broken):
        assert answer.stderr.count("\n") == 1, answer.stderr


def test_unknown_command() -> None:
    """A misspelt command is wrong usage."""
    for program in (PROGRAM, JUDGE):
        assert run(program, "srve").returncode == 2


def test_doctor(tmp_path: Path) -> None:
    """The server's doctor tells people and programs the same, and leaves the folder as it was."""
    data = tmp_path / "contest"
    (tmp_path / "config.toml").write_text("port = 0\nnode_port = 0\n")
    answer = run(PROGRAM, "doctor", "--data", str(tmp_path), "--json")
    report = json.loads(answer.stdout)
    assert answer.returncode == (0 if report["able"] else 1), answer.stderr
    found = {one["what"]: one for one in report["findings"]}
    assert {"data folder", "disk space", "web port", "people's address", "being found (mDNS)", "clock"} <= set(found)
    assert found["backup"]["state"] == "weak"
    assert "--backup" in found["backup"]["mend"]
    run(PROGRAM, "doctor", "--data", str(data))
    assert not data.exists(), "a doctor looks, and makes nothing"
