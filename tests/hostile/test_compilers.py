"""Hostile sources: what a compiler can be made to do stays in its container and within its limits."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sandbox.workbench import Bench, guests_of

from app.core.errors import Refusal
from hostile.conftest import Canaries
from judge_node.sandbox.interface import Command
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from judge_node.sandbox.outcome import Limit, Outcome

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is missing"),
]
BOUNDS = RunLimits(2, 12, 512 * MEBIBYTE, output_bytes=MEBIBYTE, file_bytes=32 * MEBIBYTE, processes=64)
TEMPLATE_BOMB = """
template <int N, int M> struct Bomb { static const long value = Bomb<N - 1, M>::value + Bomb<N - 1, M + 1>::value; };
template <int M> struct Bomb<0, M> { static const long value = M; };
int main() { return Bomb<850, 0>::value; }
"""
MACRO_BOMB = "#define A x x x x x x x x x x\n" + "".join(
    f"#define {chr(66 + n)} {' '.join([chr(65 + n)] * 10)}\n" for n in range(9)
)


def compiled(bench: Bench, source: str, *flags: str, name: str = "a.cpp") -> Outcome:
    """Compiles one source in a fresh compiler's container and looks for what it left."""
    box = bench.box("compiler", memory=512, processes=64)
    box.put(name, source.encode())
    command = Command(["/usr/bin/g++", "-O1", "-std=gnu++20", *flags, "-o", "out", f"./{name}"])
    facts = box.run(command, BOUNDS, keep_scratch=True)
    assert not {"cc1plus", "g++", "ld", "as"} & set(guests_of(bench.sandbox))
    return facts


@pytest.mark.parametrize("path", ["/etc/shadow", "/proc/1/environ", "/work/../root/.ssh/id_rsa", "/dev/mem"])
def test_sources_include_nothing_of_the_host(bench: Bench, canaries: Canaries, path: str) -> None:
    """Including or embedding a file of the host finds no such file."""
    for text in (f'#include "{path}"\nint main() {{}}', f'asm(".incbin \\"{path}\\"");\nint main() {{}}'):
        facts = compiled(bench, text)
        assert facts.exit_code not in {0, None}
        assert b"root:" not in facts.stdout_head + facts.stderr_head
    canaries.sing()


def test_the_jurys_secret_cannot_be_embedded(bench: Bench, canaries: Canaries) -> None:
    """Even a known path of the host leads nowhere from inside."""
    facts = compiled(bench, f'asm(".incbin \\"{canaries.secret}\\"");\nint main() {{}}')
    assert facts.exit_code == 1
    assert b"canary" not in facts.stderr_head


@pytest.mark.parametrize(
    "source",
    [
        '#include "/dev/zero"\n',
        '#include "/dev/urandom"\n',
        TEMPLATE_BOMB,
        MACRO_BOMB + "int main() { J }",
        '#include "a.cpp"\n',
    ],
    ids=["dev-zero", "dev-urandom", "templates", "macros", "itself"],
)
def test_bombs_end_at_the_compilers_limits(bench: Bench, canaries: Canaries, source: str) -> None:
    """A source that never stops growing ends by a limit or by the compiler's own refusal, within seconds."""
    facts = compiled(bench, source, "-ftemplate-depth=1000")
    assert facts.limit is not None or facts.exit_code not in {0, None}
    assert facts.wall_seconds < 130, "ten wall limits, where the core is crowded"
    canaries.sing()


def test_a_giant_program_is_not_written(bench: Bench, canaries: Canaries) -> None:
    """Two gigabytes of initialised data do not fill the judge's disk."""
    facts = compiled(bench, "char big[2000000000] = {1};\nint main() { return big[5]; }")
    assert facts.exit_code != 0
    assert facts.limit is not None or facts.stderr_bytes > 0
    canaries.sing()


def test_a_flood_of_messages_is_bounded(bench: Bench, canaries: Canaries) -> None:
    """Thousands of lines are counted, their head kept, the rest thrown away."""
    source = "".join(f"int f{n}() {{ undefined_{n}; }}\n" for n in range(600))
    facts = compiled(bench, source, "-fmax-errors=0", "-Wall")
    assert facts.exit_code != 0
    assert len(facts.stderr_head) == 8192
    assert facts.limit in {Limit.OUTPUT, Limit.CPU, None}


@pytest.mark.parametrize("name", ["-o.cpp", "a b.cpp", "a;touch x.cpp", "ä\n.cpp"])
def test_names_are_only_names(bench: Bench, canaries: Canaries, name: str) -> None:
    """A leading dash, spaces, a semicolon or a line end in a file's name do nothing."""
    facts = compiled(bench, "int main() {}", name=name)
    assert facts.exit_code == 0, facts.stderr_head.decode()
    assert facts.limit is None
    canaries.sing()


def test_what_a_compiler_leaves_is_collected_within_bounds(bench: Bench, tmp_path: Path) -> None:
    """A sparse giant beside the program is refused before it is copied."""
    box = bench.box("compiler", memory=512, processes=64)
    command = Command(["/bin/sh", "-c", "truncate -s 30M huge; ln -s /etc/passwd link; echo x > small"])
    assert box.run(command, BOUNDS, keep_scratch=True).exit_code == 0
    with pytest.raises(Refusal):
        box.collect("", tmp_path / "copy", 16 * MEBIBYTE)
