"""What `contestbox-judge bench` measures is there, whole and plausible; how good the numbers are depends on the machine."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.languages.loader import load_languages
from judge_node.bench import ends, one_more, pool, programs, whole
from judge_node.commands import bench as bench_command
from judge_node.pipeline.judging import Workshop
from judge_node.pipeline.programs import ValidatorStore
from judge_node.sandbox.linux.box import LinuxSandbox

pytestmark = [pytest.mark.root, pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is missing")]
JUDGE_KEYS = {
    "posix_spawn_us", "one_more_test", "bwrap_ratio", "container_setup_ms", "tests_150_s", "loop_spread", "loop_spread_bare",
}  # fmt: skip
LANGUAGE_KEYS = {"language", "compile_ms", "compile_ratio_to_plain", "start_ms", "start_bytes"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose programs guests may read."""
    (tmp_path / "programs").mkdir()
    tmp_path.chmod(0o755)
    return tmp_path


def test_one_more_test_is_compared_with_a_spawn_and_with_bwrap(sandbox: LinuxSandbox, folder: Path) -> None:
    """Spawn, one more test, bwrap and a container have times that fit together; on a busy machine no ratio is promised."""
    empty = programs.compile_static(folder / "programs", "empty", programs.EMPTY)
    found = one_more.one_more_test(sandbox, folder, empty, 24)
    assert found.posix_spawn_us > 0
    assert found.median_ratio > 0.3
    assert found.idle_median_ratio > 0.3
    assert found.idle_p95_ratio >= found.idle_median_ratio
    assert found.one_more_us < 1_000_000
    assert found.p95_ratio >= found.median_ratio
    assert (found.bwrap_ratio is not None) == (shutil.which("bwrap") is not None)


def test_fifty_containers_leave_nothing(sandbox: LinuxSandbox) -> None:
    """Fifty containers out of the pool, each replaced: no descriptor, mount or group more than before, and hardly any memory."""
    times = pool.pool_times(sandbox, 5)
    assert 0 < times.take_ms <= times.take_p95_ms < 10_000
    assert 0 < times.refill_ms <= times.refill_p95_ms < 60_000
    grown = pool.growth(sandbox, 50)
    # Fewer there may be: what other tests left to the garbage collector goes meanwhile.
    assert max(grown.descriptors, grown.mounts, grown.groups) <= 0
    assert grown.memory_bytes < 8 << 20
    assert len(bench_command._growth(asdict(grown))) == 1


def test_what_the_kernel_counts_is_read_where_it_tells(tmp_path: Path) -> None:
    """Namespaces and mounts in use are taken from the kernel's list of objects, where there is one."""
    slabs = tmp_path / "slabinfo"
    slabs.write_text(
        "slabinfo - version: 2.1\n# name <active_objs>\nmnt_cache 631 735 384 21 2 : x\ndentry 9 9 192 21 1 : x\n"
    )
    assert pool.kernel_counts(slabs) == {"mnt_cache": 631}
    assert pool.kernel_counts(tmp_path / "missing") == {}


def test_ends_are_measured(sandbox: LinuxSandbox, folder: Path) -> None:
    """The counter is near the kernel's own, memory ends at its limit, a bomb is gone; on a busy machine no time is promised."""
    program = programs.compile_static(folder / "programs", "ends", ends.PROGRAM)
    found = ends.ends(sandbox, folder, program, 5)
    assert abs(found.counter_error_us) < 5_000
    assert 0 < found.memory_ms <= found.memory_p95_ms < 10_000
    assert found.memory_error < 0.02
    assert 0 < found.bomb_ms <= found.bomb_p95_ms < 3_000


def test_a_hundred_and_fifty_tests_with_the_validator(sandbox: LinuxSandbox, tmp_path: Path) -> None:
    """150 tests of a millisecond take more than 0.15 s and less than 5 s on the busiest machine."""
    workshop = Workshop(sandbox, ValidatorStore(tmp_path / "validators", {}))
    assert 0.15 < whole.tests_150_s(workshop, load_languages()["cpp"], tmp_path) < 5


def test_languages_are_measured(sandbox: LinuxSandbox, tmp_path: Path) -> None:
    """Each language tells what compiling costs beside the bare compiler, and what starting costs."""
    offered = {name: language for name, language in load_languages().items() if name in {"c", "python3"}}
    found = whole.languages(Workshop(sandbox, ValidatorStore(tmp_path / "validators", {})), offered, tmp_path, 1)
    assert [one["language"] for one in found] == ["c", "python3"]
    assert all(set(one) == LANGUAGE_KEYS for one in found)
    assert all(one["start_bytes"] > 100_000 and one["compile_ratio_to_plain"] > 0.2 for one in found)
    assert len(bench_command._language_table({"languages": found})) == 3


@pytest.mark.full
def test_the_command_prints_one_object() -> None:
    """Programs get one object on the last line, with every promised number; people a table of the same."""
    answer = CliRunner().invoke(bench_command.command, ["--json", "--quick"])
    found = json.loads(answer.stdout.splitlines()[-1])
    assert set(found) >= JUDGE_KEYS
    assert set(found["one_more_test"]) == {"median_ratio", "p95_ratio", "idle_median_ratio", "idle_p95_ratio"}
    assert found["loop_spread"] < 1
    assert len(bench_command._judge_table(found)) == 13


def test_what_is_not_measured_is_wrong_usage() -> None:
    """`bench everything` is refused as usage."""
    assert CliRunner().invoke(bench_command.command, ["everything"]).exit_code == 2
