"""Hostile submissions: each is held, ends as what it is, and neither the host nor the next run notices."""

from __future__ import annotations

import platform
import signal
from pathlib import Path

import pytest
from sandbox.workbench import Bench, guest, guests_of, limits, python, shell

from hostile.conftest import Canaries
from judge_node.sandbox.interface import Command
from judge_node.sandbox.outcome import Limit, Outcome

pytestmark = pytest.mark.root

X86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="only x86-64 has a second system-call table")
ENDS_BY_ITSELF = [
    "thread_bomb", "kill_everybody", "trace", "be_somebody", "move_the_furniture", "rewrite_the_view", "spoil_the_input",
    "look_for_descriptors", "odd_calls", "take_the_processor", "call_home", "hide_the_pipe", "many_files",
    "play_with_the_pipes", "run_own_code",
]  # fmt: skip


def attack(bench: Bench, canaries: Canaries, name: str, profile: str = "runtime", **bounds: float) -> Outcome:
    """Runs one attack, then looks at the canaries, at what is left and at the next run."""
    box = bench.box(profile, memory=256)
    run = limits(cpu=bounds.get("cpu", 3), wall=bounds.get("wall", 8), memory=128, processes=48)
    facts = box.run(Command(["/program/attacks", name]), run, stdin=canaries.secret)
    assert b"BREACH" not in facts.stdout_head, facts.stdout_head.decode()
    canaries.sing()
    assert not {"attacks", "su", "sh"} & set(guests_of(bench.sandbox)), "a process of the attack is left"
    after = box.run(guest("exit", 5), limits(memory=128))
    assert (after.exit_code, after.limit) == (5, None), "the next run in the same container is disturbed"
    assert box.run(shell("ls -A /work") if profile != "native" else guest("exit", 0), limits()).stdout_head in {
        b".tmp\n",
        b"",
    }
    return facts


@pytest.mark.parametrize("name", ENDS_BY_ITSELF)
def test_held_in_the_runtime_profile(attacks: Path, bench: Bench, canaries: Canaries, name: str) -> None:
    """Every attempt to get more than the run's own is refused, whatever is tried in one go."""
    facts = attack(bench, canaries, name)
    assert facts.signal is None
    assert facts.exit_code != 99


@pytest.mark.parametrize(
    "name", ["trace", "be_somebody", "move_the_furniture", "odd_calls", "call_home", "run_own_code"]
)
def test_held_in_the_strict_profile(attacks: Path, bench: Bench, canaries: Canaries, name: str) -> None:
    """The strict profile ends such programs at their first forbidden call, or refuses it."""
    facts = attack(bench, canaries, name, "native")
    assert facts.signal in {None, signal.SIGSYS}
    assert facts.exit_code != 99


@pytest.mark.parametrize("name", ["fork_bomb", "vfork_bomb", "daemon_bomb", "exec_chain"])
def test_bombs_end_at_a_limit(attacks: Path, bench: Bench, canaries: Canaries, name: str) -> None:
    """A bomb of processes spends its own limits and nothing else, and is wholly gone afterwards."""
    facts = attack(bench, canaries, name, cpu=0.4, wall=2)
    assert facts.limit in {Limit.CPU, Limit.WALL}
    assert facts.processes <= 48


@X86
@pytest.mark.parametrize("name", ["old_calls", "x32_calls"])
def test_other_call_tables_are_closed(attacks: Path, bench: Bench, canaries: Canaries, name: str) -> None:
    """System calls by the 32-bit gate or the x32 numbers end the program with SIGSYS."""
    facts = attack(bench, canaries, name)
    assert facts.signal == signal.SIGSYS
    assert "forbidden" in facts.note


def test_forged_verdicts_are_only_output(attacks: Path, bench: Bench, canaries: Canaries) -> None:
    """A program that prints verdicts and exits as a validator would is reported as just that."""
    facts = attack(bench, canaries, "forge")
    assert (facts.exit_code, facts.limit) == (42, None)
    assert facts.stdout_head.startswith(b"AC\n")


def test_python_cannot_reach_the_host(attacks: Path, bench: Bench, canaries: Canaries) -> None:
    """A search through everything that Python can see finds neither the secret nor the bystander's environment."""
    text = f"""
import os
seen = 0
for base, folders, files in os.walk('/'):
    folders[:] = [f for f in folders if base != '/' or f != 'usr']
    for name in files:
        path = os.path.join(base, name)
        try:
            if os.path.isfile(path) and os.path.getsize(path) < 100000 and b'can' + b'ary' in open(path, 'rb').read():
                print('BREACH', path)
        except OSError:
            pass
        seen += 1
for pid in range(1, 40000):
    try:
        print('BREACH', open(f'/proc/{{pid}}/environ').read()) if pid != os.getpid() else None
    except OSError:
        pass
print(os.path.exists({str(canaries.secret)!r}), seen > 0)
"""
    facts = bench.box().run(python(text), limits(cpu=10, wall=20))
    assert facts.stdout_head == b"False True\n", facts.stderr_head.decode()
    canaries.sing()


def test_the_input_of_a_run_keeps_nothing(attacks: Path, bench: Bench, canaries: Canaries) -> None:
    """What a program did to its own standard input does not change what the next run reads."""
    box = bench.box()
    for _ in range(2):
        facts = box.run(shell("cat; exec 0</dev/null"), limits(), stdin=canaries.secret)
        assert facts.stdout_head == b"canary"
