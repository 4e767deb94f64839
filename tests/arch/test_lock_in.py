"""A judge machine installs neither Qt nor Flask nor a database: the wheel with [judge] in an empty environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(300)
def test_judge_extra_alone(tmp_path: Path) -> None:
    """The judge's commands run where only its lock file was installed; a server command says what is missing."""
    environment = tmp_path / "venv"
    # Our own pip works on it from outside: what another one takes to come there shows nothing.
    venv.create(environment, with_pip=False)
    own_pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        str(environment / "bin" / "python"),
    ]

    def pip(*arguments: str) -> None:
        subprocess.run([*own_pip, "install", "-q", "--no-compile", *arguments], check=True, cwd=ROOT)

    pip("--require-hashes", "-r", "installers/locks/build.txt", "-r", "installers/locks/judge.txt")
    source = tmp_path / "source"
    for name in ("app", "web", "judge_node"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    pip("--no-deps", "--no-build-isolation", str(source))

    listed = subprocess.run([*own_pip, "list", "--format=freeze"], check=True, capture_output=True, text=True)
    installed = listed.stdout.lower()
    assert "httpx2" in installed
    for absent in ("flask", "pyside6", "sqlite-utils", "waitress", "granian"):
        assert absent not in installed
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    for arguments in (["--help"], ["languages"], ["verify", "--help"]):
        subprocess.run([environment / "bin" / "contestbox-judge", *arguments], check=True, cwd=tmp_path, env=clean)
    doctor = subprocess.run(
        [environment / "bin" / "contestbox-judge", "doctor"], cwd=tmp_path, env=clean, capture_output=True, text=True
    )
    assert doctor.returncode in (0, 1), doctor.stderr
    assert "Traceback" not in doctor.stderr
    served = subprocess.run(
        [environment / "bin" / "contestbox", "serve", "--data", str(tmp_path / "data")],
        cwd=tmp_path, env=clean, capture_output=True, text=True,
    )  # fmt: skip
    assert served.returncode == 2
    assert "[server]" in served.stderr, f"says which extra to install: {served.stderr}"
