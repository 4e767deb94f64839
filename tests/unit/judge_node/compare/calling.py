"""Builds the default output validator from its sources, once plainly and once with sanitizers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCES = sorted((Path(__file__).parents[4] / "judge_node" / "compare").glob("*.c"))
PLAIN = ("-O2", "-static")
SANITIZED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


@dataclass(frozen=True)
class Said:
    """What one call of the validator said."""

    code: int
    message: str
    errors: str


Compare = Callable[..., Said]


def build(folder: Path, flags: tuple[str, ...]) -> Path:
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("no gcc on this machine")
    program = folder / "compare"
    words = [compiler, "-std=gnu11", "-Wall", "-Wextra", "-Werror", *flags, "-o", program, *SOURCES]
    subprocess.run(words, check=True)
    return program


def caller(program: Path, folder: Path) -> Compare:
    def compare(output: bytes, answer: bytes, *arguments: str) -> Said:
        feedback = folder / "feedback"
        shutil.rmtree(feedback, ignore_errors=True)
        feedback.mkdir()
        (folder / "in").write_bytes(b"")
        (folder / "ans").write_bytes(answer)
        words = [program, folder / "in", folder / "ans", f"{feedback}/", *arguments]
        done = subprocess.run(words, input=output, capture_output=True, timeout=20)
        message = feedback / "judgemessage.txt"
        text = message.read_bytes().decode("utf-8", "replace") if message.exists() else ""
        return Said(done.returncode, text, done.stderr.decode())

    return compare


@pytest.fixture(scope="session")
def plain_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("compare"), PLAIN)


@pytest.fixture(scope="session")
def compare(plain_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Compare:
    """Calls the validator as the judge builds it."""
    return caller(plain_program, tmp_path_factory.mktemp("call"))


@pytest.fixture(scope="session")
def careful_compare(tmp_path_factory: pytest.TempPathFactory) -> Compare:
    """Calls a build that dies at the first touch of memory that isn't its own."""
    return caller(build(tmp_path_factory.mktemp("careful"), SANITIZED), tmp_path_factory.mktemp("careful-call"))
