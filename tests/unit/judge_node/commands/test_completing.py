"""An organiser completes packages as they come: zips with folders in folders, and the folder that one stands in."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from app.core.errors import Refusal
from judge_node.commands.completing import complete, open_completed
from judge_node.commands.workplace import Workplace
from unit.app.package.packages import write


def no_machine() -> Workplace:
    """Nothing has to be made, so nobody asks for a sandbox."""
    raise AssertionError("a sandbox was asked for")


def zip_of(folder: Path, *tops: str) -> Path:
    """A zip in which the package lies below these folders."""
    package = write(folder / "plain")
    archive = folder / "sum.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(package.rglob("*")):
            opened.write(path, "/".join((*tops, path.relative_to(package).as_posix())))
    return archive


@pytest.mark.parametrize("tops", [(), ("sum",), ("sum", "sum"), ("problem.yaml",)])
def test_folders_in_a_zip(tmp_path: Path, tops: tuple[str, ...]) -> None:
    """The archive's only top folder is the package, also where a folder in it has the same name; nothing else is left beside it."""
    target = tmp_path / "new" / "whole"
    complete(zip_of(tmp_path, *tops), target, Workplace({}, tmp_path / "cache", False), lambda name: None)
    assert [path.name for path in target.parent.iterdir()] == ["whole"]
    inner = target / tops[-1] if len(tops) > 1 else target
    assert (inner / "problem.yaml").is_file()
    with pytest.raises(Refusal, match="exists already"):
        complete(tmp_path / "sum.zip", target, Workplace({}, tmp_path / "cache", False), lambda name: None)


def test_a_broken_zip_leaves_nothing(tmp_path: Path) -> None:
    """What cannot be unpacked is refused, and neither the new folder nor half of it stays."""
    (tmp_path / "bad.zip").write_bytes(b"PK no zip")
    with pytest.raises(Refusal, match="not a zip file"):
        complete(
            tmp_path / "bad.zip", tmp_path / "out" / "bad", Workplace({}, tmp_path / "cache", False), lambda name: None
        )
    assert list((tmp_path / "out").iterdir()) == []


def test_a_whole_package_is_opened_where_it_is(tmp_path: Path) -> None:
    """A package that lacks nothing needs no machine."""
    with open_completed(write(tmp_path / "sum"), no_machine, lambda name: None) as opened:
        assert opened.package.short_name == "sum"
