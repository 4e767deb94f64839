"""DOMjudge's submissions.json names language and entry point."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit.app.package.packages import read


def test_language_and_entry_point(tmp_path: Path) -> None:
    """Its words reach the submission; what it says of others is no matter."""
    text = (
        '{"submissions/accepted/sum.py": {"langid": "py3", "entry_point": "sum.py", "team": "a"}, "submissions/x/": {}}'
    )
    program = read(tmp_path, {"submissions/submissions.json": text}).submissions[0].program
    assert (program.language, program.entry_point) == ("python3", "sum.py")


@pytest.mark.parametrize("text", ["[1]", "{", '{"accepted/sum.py": 3}', "[" * 100_000])
def test_a_broken_file_is_a_warning(tmp_path: Path, text: str) -> None:
    """The package is read all the same, and the setter is told."""
    package = read(tmp_path, {"submissions/submissions.json": text})
    assert any("submissions.json: this is not a map" in one for one in package.warnings)
