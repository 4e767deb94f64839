"""Hostile generators and graders of somebody's package: guests like any other; what they do wrong is the package's fault."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import Fault, Refusal
from app.core.scoring.legacy_groups import LegacyGroup
from app.core.submission import SourceFile
from app.package.recipe import Step
from hostile.arena import SECRET, Arena
from hostile.catalogue import HERE
from judge_node.pipeline.building import BuildLimits
from judge_node.pipeline.generating import Generation
from judge_node.pipeline.grading_program import GradingProgram
from judge_node.pipeline.job import MEBIBYTE, JobLimits, JobValidator
from judge_node.pipeline.judging import Workshop
from judge_node.pipeline.programs import ValidatorStore

pytestmark = [pytest.mark.root, pytest.mark.skipif(shutil.which("python3") is None, reason="python3 is missing")]

LOOKS = """
for path in ('@SECRET@', '@ANSWER@', '/proc/1/environ', '/etc/shadow'): refused(lambda: open(path).read())
for path in ('/program/x', '/usr/x', '/etc/x', '/data/x'): refused(lambda: open(path, 'w'))
refused(lambda: socket.create_connection(('127.0.0.1', @PORT@), 1)); refused(lambda: os.kill(@PID@, 9))
"""
STAYS = """
if os.fork() == 0:
    os.setsid()
    time.sleep(1000); print('late', flush=True)
"""
KILLS = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
try: os.kill(-1, signal.SIGTERM)
except OSError: pass
"""
BREAKS = {
    "crashes": "os.abort()",
    "memory": "x = []\nwhile True: x.append(bytearray(1 << 24))",
    "descriptors": "while True: os.dup(1)",
    "its-own-killer": "os.kill(0, 9)",
}
LINKED = "import os\nos.symlink('@SECRET@', 'out.txt')\n"
PIPED = "import os\nos.mkfifo('out.txt')\n"
LEFT = {
    "a link": LINKED,
    "a pipe": PIPED,
    "a folder": "import os\nos.mkdir('out.txt')\n",
    "a link to itself": "import os\nos.symlink('out.txt', 'out.txt')\n",
    "a link to a device": "import os\nos.symlink('/dev/zero', 'out.txt')\n",
    "a hard link": "refused(lambda: os.link('/etc/passwd', 'out.txt'))\nrefused(lambda: os.link('/proc/self/exe', 'out.txt'))\n",
}


@pytest.fixture
def workshop(arena: Arena) -> Iterator[Workshop]:
    """The arena's sandbox with compiled programs of this test only."""
    with tempfile.TemporaryDirectory(prefix="guests-") as folder:
        yield Workshop(arena.sandbox, ValidatorStore(Path(folder), {}))


def completed(arena: Arena, text: str) -> bytes:
    """A hostile program with its prelude and the places of the canaries."""
    text = (HERE / "preludes/attack.py.txt").read_text() + text
    for word, value in arena.canaries.items():
        text = text.replace(f"@{word}@", value)
    return text.encode()


def made(arena: Arena, workshop: Workshop, folder: Path, text: str, output_file: str = "") -> bytes:
    """What a generator makes."""
    (folder / "gen.py").write_bytes(completed(arena, text))
    generation = Generation({"gen.py": folder / "gen.py"}, folder, workshop, arena.languages, lambda language: None)
    step = Step("secret/1.in", "gen.py", program=("gen.py",), output_file=output_file)
    return generation.make([step], lambda name: None)["secret/1.in"].read_bytes()


def graded(arena: Arena, workshop: Workshop, folder: Path, text: str) -> str:
    """What a grader says, asked twice about two groups."""
    source = SourceFile("grader.py", completed(arena, text))
    program = workshop.validators.get(
        arena.sandbox, JobValidator((source,), arena.languages["python3"]), BuildLimits(10, 512 * MEBIBYTE)
    )
    limits = JobLimits(1.0, 64 * MEBIBYTE, validation_seconds=0.5, validation_memory_bytes=128 * MEBIBYTE)
    grading = GradingProgram(arena.sandbox, program, limits, folder)
    try:
        return " ".join(grading(LegacyGroup(name, ()), ()).verdict.value for name in ("one", "two"))
    finally:
        grading.close()


@pytest.mark.parametrize("attack", [LOOKS, STAYS, KILLS], ids=["looks", "stays", "kills"])
def test_a_generator_gets_nothing_of_the_host(arena: Arena, workshop: Workshop, tmp_path: Path, attack: str) -> None:
    """A generator that looks for secrets, leaves daemons or kills all it can makes its test and nothing else."""
    said = made(arena, workshop, tmp_path, attack + "print('made', flush=True); os._exit(0)\n")
    assert b"BREACH" not in said
    assert b"made" in said
    arena.look_round()


@pytest.mark.hostile
@pytest.mark.parametrize("attack", [BREAKS["crashes"], BREAKS["descriptors"]], ids=["crashes", "descriptors"])
def test_a_generator_that_breaks_is_named(arena: Arena, workshop: Workshop, tmp_path: Path, attack: str) -> None:
    """What ends a generator is a sentence about the package; the next one works."""
    with pytest.raises(Refusal, match=r"gen\.py ended by"):
        made(arena, workshop, tmp_path, attack)
    arena.look_round()


@pytest.mark.parametrize(
    "name", ["@OUT@/made", "../out/made", "in/../../out/made", "link/made", "link", "there", "there/made"]
)
def test_a_servers_word_is_no_way_out(arena: Arena, workshop: Workshop, tmp_path: Path, name: str) -> None:
    """Files that a server asks for are made below the job's folder and nowhere else, whatever they are called and whatever lies there."""
    place, out = tmp_path / "made", tmp_path / "out"
    place.mkdir()
    out.mkdir()
    (place / "link").symlink_to(out)
    (place / "there").write_text("kept")
    (tmp_path / "source").write_text("copied")
    generation = Generation({"one": tmp_path / "source"}, place, workshop, arena.languages, lambda language: None)
    for program, copy in (((), ""), ((), "one"), (("one",), "")):
        step = Step(name.replace("@OUT@", str(out)), "The server", program=program, copy_of=copy)
        with pytest.raises(Refusal):
            generation.make([step], lambda name: None)
    assert list(out.iterdir()) == []
    assert (place / "there").read_text() == "kept"
    assert generation.make([Step("a/b", "GEN", copy_of="one")], lambda name: None)["a/b"].read_text() == "copied"


@pytest.mark.parametrize("attack", LEFT.values(), ids=LEFT.keys())
def test_a_generators_file_is_no_way_out(arena: Arena, workshop: Workshop, tmp_path: Path, attack: str) -> None:
    """The file that a generator names is not followed where it is a link to the host's secret, nor waited for as a pipe."""
    with pytest.raises(Refusal, match="wrote no file") as refused:
        made(arena, workshop, tmp_path, attack, "out.txt")
    assert SECRET not in refused.value.sentence
    arena.look_round()


@pytest.mark.parametrize("attack", [LOOKS, STAYS, KILLS], ids=["looks", "stays", "kills"])
def test_a_grader_gets_nothing_of_the_host(arena: Arena, workshop: Workshop, tmp_path: Path, attack: str) -> None:
    """A grader that looks for secrets, leaves daemons or kills all it can grades, once each time it is asked."""
    text = (
        "if os.path.exists('/work/left'): breached = True\nopen('/work/left', 'w').close()\n" + attack
        + "print('WA 0' if breached else 'AC 1', flush=True); os._exit(0)\n"
    )  # fmt: skip
    assert graded(arena, workshop, tmp_path, text) == "AC AC"
    arena.look_round()


@pytest.mark.hostile
@pytest.mark.parametrize("attack", BREAKS.values(), ids=BREAKS.keys())
def test_a_grader_that_breaks_is_no_verdict(arena: Arena, workshop: Workshop, tmp_path: Path, attack: str) -> None:
    """A grader that ends badly is a judging error of the package, never a grade."""
    with pytest.raises(Fault):
        graded(arena, workshop, tmp_path, attack)
    arena.look_round()
