"""The trusted core is refused where somebody else could have replaced it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.core.errors import Fault
from judge_node.sandbox.core import binary


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program that stands for the core."""
    folder = tmp_path / "prefix" / "libexec"
    folder.mkdir(parents=True)
    monkeypatch.setenv("CONTESTBOX_LIBEXEC", str(folder))
    program = folder / binary.CORE
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    return program


def test_a_private_program_is_taken(built: Path) -> None:
    """A program below folders that only we may write is used, by descriptor."""
    assert binary.path_of(binary.CORE) == built.resolve()
    fd = binary.open_core()
    assert os.read(fd, 4) == b"\x7fELF"
    os.close(fd)


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("mode", [0o775, 0o757])
def test_writable_by_others_is_refused(built: Path, level: int, mode: int) -> None:
    """The file or any folder above it that others may write is named in the refusal."""
    part = [built, *built.parents][level]
    part.chmod(mode)
    with pytest.raises(Fault, match="writable by others") as caught:
        binary.path_of(binary.CORE)
    assert str(part) in caught.value.sentence


def test_a_missing_program_says_how_to_build_it(built: Path) -> None:
    """The sentence holds the command."""
    built.unlink()
    with pytest.raises(Fault, match=r"sh \S*installers/core\.sh"):
        binary.path_of(binary.CORE)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_somebody_elses_program_is_refused(built: Path) -> None:
    """A core that belongs to another user is not executed as root."""
    os.chown(built, 12345, 12345)
    with pytest.raises(Fault, match="belongs to another user"):
        binary.path_of(binary.CORE)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_the_checkout_of_whoever_called_sudo_is_trusted(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who starts the demo with sudo from their own folder, group-writable by their private group, may do so."""
    monkeypatch.setenv("SUDO_UID", "12345")
    for part in (built, built.parent):
        os.chown(part, 12345, 12345)
        part.chmod(0o775)
    assert binary.path_of(binary.CORE) == built.resolve()
    os.chown(built.parent, 12345, 100)
    with pytest.raises(Fault, match="writable by others"):
        binary.path_of(binary.CORE)
