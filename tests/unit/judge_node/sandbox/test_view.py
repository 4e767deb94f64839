"""The plan of a container's file system."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Fault
from judge_node.sandbox.interface import View
from judge_node.sandbox.linux.view import plan


def steps(view: View) -> list[tuple[str, str, str]]:
    words = plan(view).steps.decode().split("\0")[:-1]
    return list(zip(words[0::3], words[1::3], words[2::3], strict=True))


def rules(view: View) -> list[tuple[str, str]]:
    words = plan(view).rules.decode().split("\0")[:-1]
    return list(zip(words[0::2], words[1::2], strict=True))


def test_nothing_of_the_host_but_toolchains(tmp_path: Path) -> None:
    """Only system folders, devices and the named program are bound; homes, /var, /run and /sys never."""
    tmp_path.chmod(0o755)
    bound = {source for verb, source, _ in steps(View(program=tmp_path)) if verb in {"bind", "device"}}
    allowed = ("/usr", "/bin", "/sbin", "/lib", "/etc/", "/dev/")
    assert all(source == str(tmp_path) or source.startswith(allowed) for source in bound)
    assert not bound & {"/etc/shadow", "/etc/passwd", "/etc/ssh", "/etc/hosts", "/dev/mem", "/dev/kmsg", "/dev/tty"}


def test_a_native_program_may_execute_only_itself() -> None:
    """For static programs no other file of the container can be started."""
    assert [path for verb, path in rules(View(profile="native")) if "x" in verb] == ["/program"]


def test_only_compilers_may_execute_what_they_wrote() -> None:
    """A solution cannot run a file that it has written; a compiler's scratch allows it."""
    assert ("x", "/work") not in rules(View(profile="runtime"))
    assert ("x", "/work") in rules(View(profile="compiler"))
    assert plan(View(profile="compiler")).scratch_executable
    assert not plan(View(profile="runtime")).scratch_executable


def test_folders_are_made_inside(tmp_path: Path) -> None:
    """A folder two levels down gets its parents."""
    tmp_path.chmod(0o755)
    got = steps(View(folders={"/data/secret": tmp_path}))
    assert got[-2:] == [("folder", "data", ""), ("bind", str(tmp_path), "data/secret")]


@pytest.mark.parametrize("inside", ["/", "/etc", "/usr/lib", "/work/x", "/tmp", "data", "/data/../etc", "/proc"])
def test_system_places_cannot_be_covered(tmp_path: Path, inside: str) -> None:
    """A folder is never shown over a place of the container's own."""
    tmp_path.chmod(0o755)
    with pytest.raises(Fault, match="cannot show"):
        plan(View(folders={inside: tmp_path}))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The sentence tells which folder is missing."""
    with pytest.raises(Fault, match=r"nowhere for the container's /data is missing"):
        plan(View(folders={"/data": tmp_path / "nowhere"}))
