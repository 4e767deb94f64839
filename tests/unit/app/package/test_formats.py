"""What the organiser's packages say: limits, titles, tests, validators, in the 2025-09 and legacy formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.package.manifest import MEBIBYTE, StatementFormat
from unit.app.package.packages import YAML, read

LEGACY = "name: Sum\n"


def test_new_format(tmp_path: Path) -> None:
    """A 2025-09 package: its limits, its tests with samples first, its statement and solution."""
    package = read(tmp_path)
    assert (package.short_name, package.title, package.format_version) == ("sum", "Sum", "2025-09")
    assert (package.limits.cpu_seconds, package.limits.cpu_seconds_known) == (1.5, True)
    assert (package.limits.memory_bytes, package.limits.output_bytes) == (128 * MEBIBYTE, 8 * MEBIBYTE)
    assert [(test.name, test.sample) for test in package.tests] == [("sample/1", True), ("secret/01", False)]
    assert [(one.language, one.format) for one in package.statements] == [("en", StatementFormat.MARKDOWN)]
    assert package.validator.program is None
    assert package.warnings == ()


def test_tests_are_in_lexicographic_order_of_their_paths(tmp_path: Path) -> None:
    """Which test fails first is decided by the order of the format, samples before everything."""
    names = ["secret/2", "secret/10", "secret/b/1", "secret/a/2", "secret/a-b"]
    files = {f"data/{name}{end}": "1\n" for name in names for end in (".in", ".ans")}
    package = read(tmp_path, files)
    order = ["sample/1", "secret/01", "secret/10", "secret/2", "secret/a/2", "secret/a-b", "secret/b/1"]
    assert [test.name for test in package.tests] == order


def test_legacy_format(tmp_path: Path) -> None:
    """A legacy package: DOMjudge's time limit, flags from problem.yaml and testdata.yaml, statement in TeX names the
    problem.
    """
    package = read(
        tmp_path,
        {
            "problem.yaml": "validator_flags: case_sensitive\nlimits: {memory: 64, time_multiplier: 3}\n",
            "statement/problem.en.md": None,
            "problem_statement/problem.tex": "\\problemname{Sum of Two}\n",
            ".timelimit": "2.5\n",
            "data/secret/testdata.yaml": "output_validator_flags: float_tolerance 1e-6\n",
        },
    )
    assert (package.format_version, package.title) == ("legacy", "Sum of Two")
    assert (package.limits.cpu_seconds, package.limits.ac_to_time_limit) == (2.5, 3)
    arguments = [package.validator_arguments_for(test) for test in package.tests]
    assert arguments == [("case_sensitive",), ("case_sensitive", "float_tolerance", "1e-6")]


def test_missing_time_limit_is_to_be_measured(tmp_path: Path) -> None:
    """Where the package sets no time limit, that is said and not guessed silently."""
    package = read(tmp_path, {"problem.yaml": LEGACY})
    assert not package.limits.cpu_seconds_known
    assert any("measured" in warning for warning in package.warnings)


def test_group_and_case_arguments(tmp_path: Path) -> None:
    """The nearest group's arguments hold, and a case's own ones before them."""
    package = read(
        tmp_path,
        {
            "data/test_group.yaml": "output_validator_args: [case_sensitive]\n",
            "data/secret/test_group.yaml": "output_validator_args: [float_tolerance, 1e-6]\n",
            "data/secret/02.in": "1 1\n",
            "data/secret/02.ans": "2\n",
            "data/secret/02.yaml": "output_validator_args: [space_change_sensitive]\nargs: [--fast]\nhint: look\n",
            "data/secret/02.files/table.txt": "1",
        },
    )
    arguments = [test.validator_arguments for test in package.tests]
    assert arguments == [("case_sensitive",), ("float_tolerance", "1e-6"), ("space_change_sensitive",)]
    last = package.tests[-1]
    assert (last.arguments, last.hint, [one.name for one in last.files]) == (("--fast",), "look", ["table.txt"])


def test_tolerance_of_the_test_replaces_that_of_the_problem(tmp_path: Path) -> None:
    """A tolerance that is set twice would be an error of the call: the nearer word holds for what it sets, the other for the rest."""
    package = read(
        tmp_path,
        {
            "problem.yaml": "validator_flags: case_sensitive float_tolerance 1e-4\nlimits: {time_limit: 1}\n",
            "data/secret/testdata.yaml": "output_validator_flags: float_absolute_tolerance 1e-9\n",
        },
    )
    expected = ("case_sensitive", "float_absolute_tolerance", "1e-9", "float_relative_tolerance", "1e-4")
    assert package.validator_arguments_for(package.tests[-1]) == expected


@pytest.mark.parametrize(
    ("files", "path", "names"),
    [
        ({"output_validator/check.py": "1"}, "output_validator", ["check.py"]),
        ({"output_validator/check.cpp": "1", "output_validator/v.h": "1"}, "output_validator", ["check.cpp", "v.h"]),
        ({"output_validators/check/check.cpp": "1", "output_validators/check/v.h": "1"}, "check", ["check.cpp", "v.h"]),
    ],
)
def test_custom_validator(tmp_path: Path, files: dict[str, str], path: str, names: list[str]) -> None:
    """A package's own validator is found as a file or a folder, under either spelling."""
    package = read(tmp_path, dict(files))
    program = package.validator.program
    assert program is not None
    assert (program.path, [one.name for one in program.files]) == (path, names)


def test_legacy_validator_needs_its_setting(tmp_path: Path) -> None:
    """In the legacy format `validation: custom` decides; a folder alone is a warning, a setting alone an error."""
    changes: dict[str, str | None] = {"problem.yaml": LEGACY, "output_validators/v.py": "1"}
    package = read(tmp_path / "a", changes)
    assert package.validator.program is None
    assert any("not used" in warning for warning in package.warnings)
    with_setting = {**changes, "problem.yaml": f"{LEGACY}validation: custom\n"}
    assert read(tmp_path / "b", with_setting).validator.program is not None
    with pytest.raises(Refusal, match="one output validator is needed"):
        read(tmp_path / "c", {**with_setting, "output_validators/v.py": None})


@pytest.mark.parametrize(
    ("yaml", "sentence"),
    [
        (f"{YAML}type: [submit-answer, multi-pass]\n", "and 1 more error"),
        (f"{YAML}type: [pass-fail, interactive]\n", "needs a validator of its own"),
        (f"{YAML}type: pass-fail multi-pass\n", "needs a validator of its own"),
        ("name: x\nvalidation: custom interactive\n", "one output validator is needed"),
        (f"{YAML}type: guessing\n", "is unknown"),
    ],
)
def test_kinds_that_cannot_be_judged(tmp_path: Path, yaml: str, sentence: str) -> None:
    """A problem that cannot be judged rightly is refused with a sentence, not judged wrongly."""
    with pytest.raises(Refusal, match=sentence):
        read(tmp_path, {"problem.yaml": yaml})


def test_titles_in_several_languages_and_constants(tmp_path: Path) -> None:
    """A name for each language of people; constants go into the arguments of groups."""
    package = read(
        tmp_path,
        {
            "problem.yaml": YAML.replace("name: Sum", "name: {de: Summe, en: Sum}")
            + "constants: {eps: '1e-3', n: {value: 5, tex: '$5$'}}\n",
            "data/secret/test_group.yaml": "output_validator_args: [float_tolerance, '{{eps}}']\n",
            "include/python3/helper.py": "1",
            "include/default/readme.txt": "1",
        },
    )
    assert package.titles == {"de": "Summe", "en": "Sum"}
    assert package.constants == {"eps": "1e-3", "n": "5", "n.tex": "$5$"}
    assert package.tests[-1].validator_arguments == ("float_tolerance", "1e-3")
    assert [one.name for one in package.include_for("python3")] == ["helper.py"]
    assert [one.name for one in package.include_for("c")] == ["readme.txt"]


def test_version_is_the_content(tmp_path: Path) -> None:
    """Two copies are one version; one changed byte, or one moved file, makes another."""
    first = read(tmp_path / "a").version
    assert first == read(tmp_path / "b").version
    assert len(first) == 64
    assert first != read(tmp_path / "c", {"data/secret/01.in": "3 5\n"}).version
    assert first != read(tmp_path / "d", {"attachments/x": ""}).version


def test_legacy_words_in_a_draft(tmp_path: Path) -> None:
    """Packages in drafts of the newer format still say by `validation` that their validator talks."""
    yaml = (
        "problem_format_version: 2023-07-draft\nname: Sum\nvalidation: custom interactive\nvalidator_args: -x 'a b'\n"
    )
    package = read(tmp_path, {"problem.yaml": yaml, "output_validators/judge.py": ""})
    assert package.interactive
    assert package.validator.arguments == ("-x", "a b")


@pytest.mark.parametrize(
    ("package", "group", "wanted"),
    [
        ("float_tolerance 1e-6", "", "float_tolerance 1e-6"),
        ("float_tolerance 1e-6", "case_sensitive", "float_tolerance 1e-6 case_sensitive"),
        (
            "case_sensitive float_tolerance 1e-6",
            "float_absolute_tolerance 1",
            "case_sensitive float_absolute_tolerance 1 float_relative_tolerance 1e-6",
        ),
        (
            "float_tolerance 1e-6 float_tolerance 1e-4",
            "",
            "float_absolute_tolerance 1e-4 float_relative_tolerance 1e-4",
        ),
        (
            "float_relative_tolerance 1 float_absolute_tolerance 2",
            "",
            "float_relative_tolerance 1 float_absolute_tolerance 2",
        ),
    ],
)
def test_the_last_tolerance_holds_in_legacy_packages(tmp_path: Path, package: str, group: str, wanted: str) -> None:
    """Old packages set tolerances twice, and were tried with programs that take the last one."""
    changes: dict[str, str | None] = {"problem.yaml": f"{LEGACY}validator_flags: {package}\n"}
    if group:
        changes["data/secret/testdata.yaml"] = f"output_validator_flags: {group}\n"
    found = read(tmp_path, changes)
    assert " ".join(found.validator_arguments_for(found.tests[-1])) == wanted


@pytest.mark.parametrize(
    ("settings", "read_only"),
    [
        (YAML, True),
        (YAML + "allow_file_writing: true\n", False),
        (YAML + "allow_file_writing: false\n", True),
        (YAML.replace("2025-09", "2023-07-draft"), False),
        (LEGACY, False),
        (YAML + "type: submit-answer\n", False),
    ],
)
def test_who_may_write_files(tmp_path: Path, settings: str, read_only: bool) -> None:
    """2025-09 closes the working directory unless the package opens it; older formats never closed it."""
    assert read(tmp_path, {"problem.yaml": settings}).ways.read_only is read_only


def test_allow_file_writing_is_yes_or_no(tmp_path: Path) -> None:
    """A word that is neither is named with its line, since either guess would surprise somebody."""
    with pytest.raises(Refusal, match=r"problem.yaml, line \d+: allow_file_writing is true or false, not 'maybe'"):
        read(tmp_path, {"problem.yaml": YAML + "allow_file_writing: maybe\n"})
