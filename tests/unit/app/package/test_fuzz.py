"""Whatever bytes an organiser drops on the console: a package, or a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.errors import Refusal
from app.package.findings import Findings
from app.package.reader import open_package
from app.package.yamlfile import parse_yaml
from unit.app.package.packages import YAML, read, zipped


def refusal_of(action: Callable[[], object]) -> Refusal | None:
    """The refusal that an action ends with, if any; every other error fails the test."""
    try:
        action()
    except Refusal as refused:
        return refused
    return None


PIECES = st.sampled_from(
    ["a: ", "b", "- ", "\n", "  ", "\t", "{", "}", "[", "]", "!!bool x", "!!timestamp x", "!!int x", "!!binary é", "&a ", "*a",
     "? ", "|", ">", '"', "'", "#", "%", "1", "1:2", "~", "\0", "<<: ", "é", ",", ": ", "2026-02-31"]
)  # fmt: skip


@given(text=st.lists(PIECES, max_size=20).map("".join))
@example(text="a: !!bool x")
@example(text="a: !!timestamp x")
@example(text="? {a: b}\n: c")
@example(text="a: &a [*a]")
def test_any_yaml(text: str) -> None:
    """Every problem.yaml is read or refused with the file's name."""
    refused = refusal_of(lambda: parse_yaml(text, "problem.yaml", Findings()))
    assert refused is None or "problem.yaml" in refused.sentence


@given(
    key=st.sampled_from(
        ["name", "type", "limits", "uuid", "validation", "languages", "constants", "validator_flags", "license"]
    ),
    value=st.sampled_from(
        ["", "5", "[1, [2]]", "{a: {b: c}}", "null", "true", "1e999", "'x y'", "{time_limit: {}}", "-0.0", "{1: 2}"]
    ),
)
def test_any_setting(tmp_path: Path, key: str, value: str) -> None:
    """A key of problem.yaml with a value of the wrong kind is read somehow or refused, never a crash."""
    lines = [line for line in YAML.splitlines() if not line.startswith((key, "  "))]
    text = "\n".join([*lines, f"{key}: {value}"]).replace("limits:\n", "")
    refused = refusal_of(lambda: read(tmp_path, {"problem.yaml": text}))
    assert refused is None or refused.code in (413, 422)


@settings(max_examples=150)
@given(at=st.integers(0, 2000), data=st.binary(min_size=1, max_size=6))
def test_any_zip(tmp_path_factory: pytest.TempPathFactory, at: int, data: bytes) -> None:
    """A zip with damaged bytes is read or refused, and never touches anything else."""
    archive = zipped(tmp_path_factory.mktemp("zip"))
    whole = bytearray(archive.read_bytes())
    at = min(at, len(whole) - len(data))
    whole[at : at + len(data)] = data
    archive.write_bytes(whole)

    def open_it() -> None:
        with open_package(archive):
            """Opening is all that is tried."""

    refused = refusal_of(open_it)
    assert refused is None or refused.code in (413, 422)
    assert [path.name for path in archive.parent.iterdir()] == ["sum.zip"]
