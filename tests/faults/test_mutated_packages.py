"""Careless and hostile packages: hundreds of mutations of the samples end in a report, in bounded time, with nothing outside."""

from __future__ import annotations

import functools
import io
import random
import re
import shutil
import stat
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from unit.app.package.foreign import CHECKED, TESTS, elements, italian, polygon, problem_xml

from app.adapters.disk.blobs import DiskBlobs
from app.core.errors import Refusal
from app.services.package_import import import_files
from app.services.package_report import import_report, refused_report

PACKAGES = Path(__file__).resolve().parents[2] / "problems"
SAMPLES = ("nightpost", "anchor", "rowing", "crates", "ferry")
SEED = 20261124
SECONDS = 30  # one import takes some 50 ms; a hang takes for ever
Files = dict[str, bytes]
BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(12)
)
NAMES = (
    "../out",
    "/tmp/out",
    "a/../../out",
    "C:/out",
    "a\\b",
    "problem.yaml/x",
    "data",
    "\u0000",
    "a//b",
    "./a",
    "x" * 300,
)
TEXTS = (
    BOMB,
    b"\tname: x\n",
    b"",
    b"\xff\xfe\x00",
    b"[" * 50_000,
    b"name: [1, {}]\nlimits: 7\n",
    b"- - -\n",
    b"!!python/object:os.x\n",
)


@functools.cache
def _sample(name: str) -> Files:
    folder = PACKAGES / name
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def _some(files: Files, chance: random.Random) -> str:
    return chance.choice(sorted(files))


def _without(files: Files, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 4)):
        files.pop(_some(files, chance))


def _noise(files: Files, chance: random.Random) -> None:
    files[_some(files, chance)] = chance.randbytes(chance.randint(0, 5000))


def _text(files: Files, chance: random.Random) -> None:
    settings = [name for name in files if name.endswith((".yaml", ".md"))] or [_some(files, chance)]
    files[chance.choice(settings)] = chance.choice(TEXTS)


def _spliced(files: Files, chance: random.Random) -> None:
    name = _some(files, chance)
    data = files[name]
    at = chance.randint(0, len(data))
    files[name] = data[:at] + chance.choice((b"", b"{{", b": ", b"\n- ", b"\x00", chance.randbytes(9))) + data[at + 3 :]


def _moved(files: Files, chance: random.Random) -> None:
    data = files.pop(_some(files, chance))
    files[chance.choice((*NAMES, _some(files, chance).upper(), _some(files, chance) + "/x", "data/secret/x.in"))] = data


MUTATIONS: tuple[Callable[[Files, random.Random], None], ...] = (_without, _noise, _text, _spliced, _moved)


def _archive(files: Files, chance: random.Random) -> bytes:
    """The zip, at times with links, names that are there twice, a bomb, or broken bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(f"p/{name}" if not name.startswith(("/", "C:")) else name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if chance.random() < 0.002:
                entry.external_attr = chance.choice((stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR)) << 16
            archive.writestr(entry, data)
        if chance.random() < 0.1:
            archive.writestr("p/data/secret/big.in", bytes(4 << 20))
    data = bytearray(made.getvalue())
    way = chance.random()
    if way < 0.1:
        del data[chance.randint(0, len(data)) :]
    elif way < 0.2:
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("count", [400, pytest.param(2000, marks=(pytest.mark.full, pytest.mark.timeout(1200)))])
def test_mutations_end_in_a_report(tmp_path: Path, count: int) -> None:
    """Whatever is done to a package, it is taken or refused with lines that name what to do; nothing is left beside, nothing outside."""
    chance = random.Random(SEED)
    blobs = DiskBlobs.open_folder(tmp_path / "inside" / "blobs")
    archive, taken, refused = tmp_path / "inside" / "package.zip", 0, 0
    for number in range(count):
        files = dict(_sample(chance.choice(SAMPLES)))
        for _ in range(chance.randint(1, 3)):
            chance.choice(MUTATIONS)(files, chance)
        archive.write_bytes(_archive(files, chance))
        began = time.monotonic()
        try:
            imported = import_files(archive, blobs)
            report = import_report(imported.manifest, imported.state)
            taken += 1
        except Refusal as refusal:
            report = refused_report(refusal)
            assert report, number
            refused += 1
        assert all(line.sentence and line.advice for line in report), number
        assert time.monotonic() - began < SECONDS, number
    assert min(taken, refused) > count / 20
    assert [one.name for one in tmp_path.iterdir()] == ["inside"]
    assert list((tmp_path / "inside" / "blobs" / "incoming").iterdir()) == []


BOMBS = (
    "1e999999999", "1e-999999999", "inf", "nan", "-1", "1e300", "9" * 5000, "0x" + "f" * 9000, "%0999999999d", "../../out/%d",
    "/tmp/out%d", "x{9999999999}", "((((a?){99}){99}){99}){99}", "", "../out", "&a", "<a/>", "\u0000", "[[1, .*], [*]]",
)  # fmt: skip
_WORD = re.compile(r"(?<=[>\"' \n:])[\w./%-]+(?=[<\"'\n ])")


@pytest.mark.parametrize("count", [40, pytest.param(2000, marks=(pytest.mark.full, pytest.mark.timeout(1200)))])
def test_foreign_packages_with_bombs(tmp_path: Path, count: int) -> None:
    """Any word of a problem.xml, task.yaml or GEN becomes a number, name or expression that explodes: the package is taken or refused."""
    chance = random.Random(SEED)
    blobs = DiskBlobs.open_folder(tmp_path / "inside" / "blobs")
    unmade: dict[str, str | None] = {"input/input0.txt": None, "tests/01": None}
    outcomes = set()
    for number in range(count):
        files = chance.choice((["problem.xml"], ["task.yaml", "gen/GEN"]))
        changes = unmade if chance.random() < 0.3 else {}
        xml = problem_xml(elements(dict.fromkeys(TESTS, ("0", 5))), assets=CHECKED)
        folder = tmp_path / "inside" / f"package{number}"
        if files == ["problem.xml"]:
            polygon(folder, xml, changes)
        else:
            italian(folder, changes)
        name = folder / chance.choice(files)
        text = name.read_text(encoding="utf-8")
        if name.name == "task.yaml":
            text += "score_type: GroupMin\nscore_type_parameters: [[40, 1], [60, '.*']]\n"
        word = chance.choice(list(_WORD.finditer(text)))
        name.write_text(text[: word.start()] + chance.choice(BOMBS) + text[word.end() :], encoding="utf-8")
        began = time.monotonic()
        try:
            imported = import_files(folder, blobs)
            outcomes.add(imported.state)
        except Refusal as refusal:
            outcomes.add("refused" if refused_report(refusal) else "refused without a word")
        assert time.monotonic() - began < SECONDS, number
        shutil.rmtree(folder)
    assert {"refused", "unchecked"} <= outcomes <= {"refused", "unchecked", "ready"}
    assert [one.name for one in tmp_path.iterdir()] == ["inside"]
