"""A command that doctor prints can be copied into a shell as it stands: it is found, also by sudo."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from app.server.called import called as called_server
from judge_node.called import by_root, called, started_by_systemd


def test_our_commands_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no PATH leads to the environment the whole path is printed; the line works in any folder and any shell."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for line in (called("--help"), called_server("--help")):
        done = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "Usage" in done.stdout


def test_a_name_is_enough_where_the_shell_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In an activated environment nobody has to read a long path; but sudo would not find the name."""
    folder = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    assert called("verify", "my problem") == "contestbox-judge verify 'my problem'"
    assert called_server("new") == "contestbox new"
    assert called("run", as_root=True).endswith(f"{folder}/contestbox-judge run")


def test_another_environment_of_that_name_is_not_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older checkout comes first in PATH: the line still calls this one."""
    stranger = tmp_path / "contestbox"
    stranger.write_text("#!/bin/sh\nexit 9\n")
    stranger.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin")
    assert called_server("serve") == f"{Path(sys.executable).with_name('contestbox')} serve"


@pytest.mark.root
def test_sudo_is_asked_of_whoever_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root is not told to become root; anybody else is, also the root of a namespace that is nobody outside of it."""
    assert by_root("swapoff -a") == "swapoff -a"
    assert started_by_systemd().startswith("systemd-run --scope")
    ask = "from judge_node.called import by_root; print(by_root('swapoff -a'))"
    root = shlex.quote(str(Path(__file__).resolve().parents[3]))
    nobody = f"cd {root} && unshare --user --map-root-user {shlex.quote(sys.executable)} -c {shlex.quote(ask)}"
    done = subprocess.run(nobody, shell=True, capture_output=True, text=True)
    if "unshare failed" in done.stderr:
        pytest.skip(f"no user namespaces here: {done.stderr.strip()}")
    assert done.stdout == "sudo swapoff -a\n", done.stderr
