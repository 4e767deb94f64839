"""The C core is built once, rebuilt when its source changes, and speaks the supervisor's protocol."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from judge_node.sandbox.linux import starter
from judge_node.sandbox.linux.reply import LAYOUT, STEPS

ROOT = Path(__file__).parents[4]

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="the core is built with gcc, which is missing")


def build(root: Path, prefix: Path) -> str:
    """Runs the build script of a checkout and gives what it printed."""
    done = subprocess.run(["sh", root / "installers" / "core.sh", prefix], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the few files that the build needs, so that a test may change one."""
    copy = tmp_path_factory.mktemp("checkout")
    sources = [path.relative_to(ROOT) for path in (ROOT / "judge_node/sandbox/core").glob("*.[ch]")]
    for name in (Path("installers/core.sh"), *sources):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    return copy


def test_built_once_and_again_only_when_the_source_changed(checkout: Path, tmp_path: Path) -> None:
    """The second call builds nothing; a changed source is noticed by its content, not by its date."""
    program = tmp_path / "libexec" / "contestbox" / "contestbox-core"
    assert "built" in build(checkout, tmp_path)
    assert program.stat().st_mode & 0o777 == 0o755
    assert build(checkout, tmp_path) == ""
    source = checkout / "judge_node/sandbox/core/contestbox-core.c"
    source.write_text(source.read_text() + "\n/* changed */\n")
    assert "built" in build(checkout, tmp_path)


def test_both_sides_mean_the_same_messages(checkout: Path, tmp_path: Path) -> None:
    """Sizes of the messages and names of the steps are the same in C and in Python."""
    build(checkout, tmp_path)
    program = tmp_path / "libexec" / "contestbox" / "contestbox-core"
    sizes, *steps = subprocess.run(
        [program, "--describe"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    ours = (starter._SETUP_HEAD.size, starter._RUN_HEAD.size, LAYOUT.size)
    assert tuple(int(size) for size in sizes.split()) == ours
    assert tuple(steps) == STEPS


def test_the_analyzer_has_nothing_to_say(checkout: Path) -> None:
    """The compiler's own analysis of all paths finds no leak, no use after free and no missing check in the trusted core."""
    sources = sorted((checkout / "judge_node/sandbox/core").glob("*.c"))
    words = ["gcc", "-std=gnu11", "-O1", "-fanalyzer", "-Wall", "-Wextra", "-Werror", "-c", "-o", "/dev/null"]
    for source in sources:
        done = subprocess.run([*words, source], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_core_alone_does_nothing(checkout: Path, tmp_path: Path) -> None:
    """Started by hand it says by whom it is started."""
    build(checkout, tmp_path)
    program = tmp_path / "libexec" / "contestbox" / "contestbox-core"
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "contestbox-judge" in done.stderr


def test_a_missing_prefix_is_wrong_usage(checkout: Path) -> None:
    """The script without a prefix exits 2 and shows an example."""
    done = subprocess.run(["sh", checkout / "installers" / "core.sh"], capture_output=True, text=True, check=False)
    assert (done.returncode, "usage" in done.stderr) == (2, True)
