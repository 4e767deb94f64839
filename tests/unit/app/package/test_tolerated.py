"""What packages say twice, in an older way, or so that no machine could judge it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.package.reader import open_package
from unit.app.package.packages import YAML, read, write


@pytest.mark.parametrize("name", [".timelimit", "domjudge-problem.ini"])
def test_two_time_limits(tmp_path: Path, name: str) -> None:
    """problem.yaml goes before DOMjudge's files, and a difference is told."""
    text = "2\n" if name == ".timelimit" else "timelimit = 2\n"
    package = read(tmp_path, {name: text})
    assert package.limits.cpu_seconds == 1.5
    assert f"{name}: it says 2 s, problem.yaml 1.5 s; problem.yaml holds." in package.warnings
    assert not [one for one in read(tmp_path, {name: text.replace("2", "1.5")}).warnings if name in one]


def test_arguments_in_a_file_of_their_own(tmp_path: Path) -> None:
    """Drafts of 2025-09 keep a test's command line in NAME.args, one of several ways at a time."""
    package = read(tmp_path, {"data/secret/01.args": "--fast 'two words'\n"})
    assert package.tests[1].arguments == ("--fast", "two words")


JUDGED = {"output_validator/judge.py": ""}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"problem.yaml": f"{YAML}contestbox: {{processes: 2}}\n"}, "needs a manager"),
        (
            {"problem.yaml": f"{YAML}type: interactive\ncontestbox: {{processes: 2}}\n", **JUDGED},
            "go by standard streams",
        ),
        (
            {"problem.yaml": f"{YAML}type: multi-pass\ncontestbox: {{input_file: in.txt}}\n", **JUDGED},
            "go by standard streams",
        ),
        (
            {
                "problem.yaml": f"{YAML}type: [scoring, submit-answer]\n",
                "data/secret/test_group.yaml": "static_validation_score: 5\n",
                "static_validator/look.py": "",
            },
            "no source that it could look at",
        ),
    ],
)
def test_what_no_machine_could_judge(tmp_path: Path, changes: dict[str, str | None], sentence: str) -> None:
    """It is refused where it is brought in, not by the machine that gets the first submission."""
    with pytest.raises(Refusal, match=sentence):
        read(tmp_path, changes)


def test_words_of_early_drafts(tmp_path: Path) -> None:
    """`validation` as a map, and the multipliers under the older name."""
    text = (
        "problem_format_version: 2023-07-draft\nname: Sum\nvalidation: {interactive: true, multipass: true, scoring: false}\n"
        "limits:\n  time_multiplier: {ac_to_time_limit: 3, time_limit_to_tle: 1.4}\n  time_limit: 2\n"
    )
    package = read(tmp_path, {"problem.yaml": text, **JUDGED})
    assert (package.interactive, package.multi_pass, package.grading) == (True, True, None)
    assert (package.limits.ac_to_time_limit, package.limits.time_limit_to_tle, package.limits.cpu_seconds) == (
        3,
        1.4,
        2,
    )


def test_links_out_of_a_package(tmp_path: Path) -> None:
    """Never followed. Who only judges (not who brings in) may leave them out where no judgement needs them."""
    (tmp_path / "secret.h").write_text("key")
    folder = write(tmp_path / "sum", {"input_validators/look/look.py": ""})
    (folder / "input_validators/look/secret.h").symlink_to("../../../secret.h")
    with pytest.raises(Refusal, match="the link leads out of the package"):
        open_package(folder).__enter__()
    with open_package(folder, lenient=True) as opened:
        assert not [name for name in opened.tree.files if name.endswith("secret.h")]
        assert any("look/secret.h: the link leads out of the package" in one for one in opened.package.warnings)
    (folder / "data/secret/01.ans").unlink()
    (folder / "data/secret/01.ans").symlink_to("../../../secret.h")
    with pytest.raises(Refusal, match="the link leads out of the package"):
        open_package(folder, lenient=True).__enter__()
