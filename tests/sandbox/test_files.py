"""Files that the judge puts into a scratch and takes out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Fault, Refusal
from sandbox.workbench import Bench, guest, limits, shell

pytestmark = pytest.mark.root


def test_what_was_put_can_be_taken(bench: Bench) -> None:
    """A file arrives owned by the guest and comes back as it was."""
    box = bench.box()
    box.put("a/b/c.txt", b"one")
    facts = box.run(shell("stat -c %u a/b/c.txt a/b; echo two >> a/b/c.txt"), limits(), keep_scratch=True)
    assert facts.stdout_head == b"1000\n1000\n"
    assert box.take("a/b/c.txt", 100) == b"onetwo\n"
    assert box.take("a/b/c.txt", 2) == b"on"


def test_what_the_judge_put_is_not_the_programs_output(bench: Bench) -> None:
    """A big source file does not use up the output budget of the compiler that reads it."""
    box = bench.box()
    box.put("source", b"x" * (3 << 20))
    facts = box.run(shell("cat source | wc -c"), limits(output=1 << 20), keep_scratch=True)
    assert (facts.limit, facts.stdout_head) == (None, b"3145728\n")


def test_links_are_never_followed(bench: Bench, tmp_path: Path) -> None:
    """Links and pipes that a program leaves lead the judge nowhere: neither taking nor collecting follows them."""
    box = bench.box()
    assert box.run(guest("leave"), limits()).exit_code == 0
    for name in ("link", "d/up/passwd", "pipe", "missing", "d"):
        assert box.take(name, 1000) is None
    assert box.take("hard", 1000) == b"x" * 10
    box.collect("", tmp_path / "copy", 1 << 20)
    assert sorted(str(p.relative_to(tmp_path / "copy")) for p in (tmp_path / "copy").rglob("*")) == [
        "d",
        "d/inner",
        "hard",
    ]


def test_putting_replaces_a_link_instead_of_following_it(bench: Bench, tmp_path: Path) -> None:
    """A link planted where the judge will write is removed, and its target stays as it was."""
    victim = tmp_path / "victim"
    victim.write_text("unharmed")
    box = bench.box()
    box.run(shell(f"ln -s {victim} a; ln -s /work deep"), limits())
    box.put("a", b"mine")
    assert victim.read_text() == "unharmed"
    assert box.take("a", 100) == b"mine"
    with pytest.raises(Fault):
        box.put("deep/x", b"mine")


def test_collected_files_belong_to_us_and_keep_only_the_executable_bit(bench: Bench, tmp_path: Path) -> None:
    """A compiled program comes out as a read-only executable without set-uid bits."""
    box = bench.box("compiler")
    box.run(shell("mkdir out; cp /bin/true out/prog; chmod 6755 out/prog; echo data > out/data"), limits(memory=128))
    box.collect("out", tmp_path / "copy", 1 << 20)
    modes = {p.name: (p.stat().st_mode & 0o7777, p.stat().st_uid) for p in (tmp_path / "copy").iterdir()}
    assert modes == {"prog": (0o555, 0), "data": (0o444, 0)}


@pytest.mark.parametrize(
    "make", ["head -c 3000000 /dev/zero > f", "truncate -s 5M f", "for i in 1 2 3; do head -c 1M /dev/zero > $i; done"]
)
def test_collecting_is_bounded(bench: Bench, tmp_path: Path, make: str) -> None:
    """Too much, also as a sparse file or in pieces, is refused with a sentence."""
    box = bench.box()
    assert box.run(shell(make), limits()).exit_code == 0
    with pytest.raises(Refusal) as caught:
        box.collect("", tmp_path / "copy", 2_000_000)
    assert caught.value.code == 413


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", ""])
def test_impossible_names_are_faults(bench: Bench, name: str) -> None:
    """A name that leaves the scratch is refused before anything is opened."""
    with pytest.raises(Fault):
        bench.box().put(name, b"x")
