"""Packages made with Polygon are read as they stand, or refused with what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.core.verdict import Verdict
from app.package.formats import recipe_of
from app.package.manifest import Kind
from app.package.reader import open_package
from app.package.tree import scan
from unit.app.package.foreign import CHECKED, TESTS, elements, polygon, problem_xml

XML = problem_xml(elements(), assets=CHECKED)


def test_a_polygon_package_with_its_tests(tmp_path: Path) -> None:
    """Names, limits, tests with samples first, checker, statement and the promises of the tags."""
    with open_package(polygon(tmp_path / "plus", XML)) as opened:
        package = opened.package
        assert (package.short_name, package.title, package.titles["ru"]) == ("plus", "Plus", "Плюс")
        assert (package.limits.cpu_seconds, package.limits.memory_bytes) == (0.5, 64 << 20)
        assert [test.name for test in package.tests] == ["sample/0001", "secret/0002", "secret/0003", "secret/0004"]
        assert package.validator.program is not None
        assert {file.name for file in package.validator.program.files} == {
            "checker.cpp", "contestbox_shim.cpp", "testlib.h",
        }  # fmt: skip
        assert opened.read(package.statements[0].file).decode().count("Add two numbers") == 1
        expected = {one.path: one.expected for one in package.submissions}
        assert expected["accepted/plus.py"] == {Verdict.AC}
        assert expected["wrong_answer/twice.cpp"] == {Verdict.WA}
        assert expected["time_limit_exceeded_or_accepted/maybe.py"] == {Verdict.AC, Verdict.TLE}


def test_groups_with_points(tmp_path: Path) -> None:
    """A whole group, single tests of unequal worth, and what a group depends on."""
    points = {1: ("0", 0), 2: ("1", 30), 3: ("2", 50), 4: ("2", 20)}
    groups = (
        '<groups><group name="0" points-policy="complete-group"/><group name="1" points="30.0" points-policy="complete-group">'
        '<dependencies><dependency group="0"/></dependencies></group><group name="2" points-policy="each-test">'
        '<dependencies><dependency group="1"/></dependencies></group></groups>'
    )
    with open_package(polygon(tmp_path / "plus", problem_xml(elements(points), groups, CHECKED))) as opened:
        package = opened.package
        assert package.kind is Kind.SCORING
        assert package.grading is not None
        assert package.grading.most_millionths == 100_000_000
        document = package.grading.as_document()
        worth = {one["name"]: (one["most"], one["require_pass"]) for one in document["groups"]}
        assert worth == {
            "secret/000-0": (0, []),
            "secret/001-1": (30_000_000, ["secret/000-0"]),
            "secret/002-2-0003": (50_000_000, ["secret/001-1"]),
            "secret/002-2-0004": (20_000_000, ["secret/001-1"]),
        }


@pytest.mark.parametrize(
    ("xml", "changes", "sentence"),
    [
        (XML, {"tests/03": None, "tests/04.a": None}, "2 of 4 tests are not in the package (the first is tests/03)"),
        (XML.replace("<judging ", '<judging run-count="99" '), {}, "run-count is a number from 1 to 16"),
        (XML.replace("check.cpp", "gone.cpp"), {}, "files/gone.cpp is not in the package"),
        (XML.replace("<?xml", '<!DOCTYPE a [<!ENTITY a "b">]><?xml'), {}, "entities are not allowed"),
        (XML[:200], {}, "this is not the XML"),
        (XML.replace("tests/%02d<", "../../%s<"), {}, "not where they are"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    tmp_path: Path, xml: str, changes: dict[str, str | None], sentence: str
) -> None:
    """One sentence that names the file and what is missing."""
    with pytest.raises(Refusal) as refused, open_package(polygon(tmp_path / "plus", xml, changes)):
        pass
    assert sentence in refused.value.sentence
    assert "problem.xml" in refused.value.sentence
    assert len(TESTS) == 4


GENERATOR = "<executables><executable><source path='files/gen.py' type='python.3'/></executable></executables>"


def made(folder: Path, command: str) -> tuple[tuple[str, ...], str]:
    """Arguments of the generator of test 4, and the file that it leaves the test in."""
    xml = XML.replace('<test method="manual"/>', f'<test method="generated" {command}/>')
    xml = xml.replace("</problem>", f"<files>{GENERATOR}</files></problem>")
    recipe = recipe_of(
        scan(polygon(folder, xml, {"tests/04": None, "files/gen.py": "print(1)\n"}), expand_limit_bytes=1 << 20)
    )
    assert recipe is not None
    return next((step.arguments, step.output_file) for step in recipe.steps if step.target == "tests/04")


@pytest.mark.parametrize(
    ("command", "arguments", "file"),
    [
        ('cmd="gen 5 6"', ("5", "6"), ""),
        ('cmd="gen 5 &gt; 4"', ("5",), ""),
        ('cmd="gen 5 &gt; {3-5}"', ("5",), "4"),
        ('cmd="gen 5 &gt;{1,4}"', ("5",), "4"),
        ('cmd="gen 5" from-file="large.txt"', ("5",), "large.txt"),
    ],
)
def test_commands_that_make_several_tests(tmp_path: Path, command: str, arguments: tuple[str, ...], file: str) -> None:
    """A generator that leaves many tests in files is run once for each of them, and the file is taken."""
    assert made(tmp_path / "plus", command) == (arguments, file)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ('cmd="gen &gt; {5-9}"', "the command of test 4 makes the tests {5-9}"),
        ('cmd="&gt; 4"', "the command of test 4 cannot be read"),
        ('cmd="gen &gt; out.txt"', "the command of test 4 cannot be read"),
        ('cmd="gen &gt; {4" ', "the command of test 4 cannot be read"),
        ('cmd="gen" from-file="../../etc/passwd"', "cannot be the name of a file here"),
    ],
)
def test_commands_that_cannot_be_followed(tmp_path: Path, command: str, sentence: str) -> None:
    """They are refused with the test's number; nothing is guessed, and no other file is ever taken."""
    with pytest.raises(Refusal, match=sentence):
        made(tmp_path / "plus", command)


TALKER = '<checker type="testlib"><source path="files/check.cpp"/></checker><interactor><source path="files/check.cpp"/>{}</interactor>'


@pytest.mark.parametrize(
    ("count", "runs", "interactive", "talks"),
    [
        ("", "", True, 1 << 1),
        ("2", "", True, 1 << 1),
        ("2", "<runs><run>1</run><run>2</run></runs>", True, 1 << 1 | 1 << 2),
        ("2", "<runs><run>2</run></runs>", True, 1 << 2),
        ("3", "<runs/>", True, 1 << 1 | 1 << 2 | 1 << 3),
        ("2", None, False, 0),
    ],
)
def test_solutions_that_run_several_times(
    tmp_path: Path, count: str, runs: str | None, interactive: bool, talks: int
) -> None:
    """run-count passes; those that <runs> names are dialogues, else the first one, and none without an interactor."""
    assets = CHECKED if runs is None else TALKER.format(runs)
    xml = problem_xml(elements(), assets=assets).replace('input-file=""', f'input-file="in.txt" run-count="{count}"')
    with open_package(polygon(tmp_path / "plus", xml)) as opened:
        package = opened.package
        assert (package.interactive, package.multi_pass) == (interactive, count not in ("", "1"))
        assert package.limits.validation_passes == max(2, int(count or 1))
        assert not package.ways.named_files
        assert package.validator.program is not None
        shim = next(one for one in package.validator.program.files if one.name == "contestbox_shim.cpp")
        if package.multi_pass:
            assert f"#define CONTESTBOX_TALKS {talks}\n" in opened.read(shim.file).decode()


def test_what_is_compiled_with_solutions(tmp_path: Path) -> None:
    """Resources for solutions lie beside each submission in their language; others do not."""
    resources = (
        '<file path="files/grader.cpp" type="cpp.g++17"><assets><asset name="SOLUTION"/></assets>'
        '<stages><stage name="COMPILE"/></stages></file>'
        '<file path="files/plus.h" type="h.g++"><assets><asset name="solution"/><asset name="checker"/></assets></file>'
        '<file path="files/late.h" type="h.g++"><assets><asset name="solution"/></assets><stages><stage name="RUN"/></stages></file>'
        '<file path="files/odd.xyz"><assets><asset name="solution"/></assets></file></resources>'
    )
    texts = {f"files/{name}": "// x\n" for name in ("grader.cpp", "plus.h", "late.h", "odd.xyz")}
    package = polygon(tmp_path / "plus", XML.replace("</resources>", resources), {**texts})
    with open_package(package) as opened:
        assert {one.name for one in opened.package.include_for("cpp")} == {"grader.cpp", "plus.h"}
        assert any("files/odd.xyz is for solutions" in one for one in opened.package.warnings)


def test_older_python_and_tags_of_groups(tmp_path: Path) -> None:
    """Python 2 is told by problem.xml alone; what is asked of single groups is named, since it is not checked."""
    xml = XML.replace('path="solutions/maybe.py" type="python.3"/>', 'path="solutions/maybe.py" type="python.2"/>')
    tags = '<extra-tags><extra-tag group="1" tag="accepted"/></extra-tags></solution>'
    with open_package(polygon(tmp_path / "plus", xml.replace("</solution>", tags, 1))) as opened:
        package = opened.package
        languages = {one.path: one.program.language for one in package.submissions}
        assert languages["time_limit_exceeded_or_accepted/maybe.py"] == "python2"
        assert languages["accepted/plus.py"] is None
        assert [one for one in package.warnings if "single groups" in one and "plus.py" in one]
