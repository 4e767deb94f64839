"""Packages that are written to hurt whoever reads or completes them are refused with a sentence, at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.package.formats import recipe_of
from app.package.italian_subtasks import read_subtasks
from app.package.manifest import Package
from app.package.problem_yaml import read_number, read_points
from app.package.reader import open_package
from app.package.recipe import Recipe, Step, check_recipe, check_step
from app.package.tree import Tree, scan
from unit.app.package.foreign import CHECKED, TASK, elements, italian, polygon, problem_xml
from unit.app.package.packages import YAML, read
from unit.app.package.test_fuzz import refusal_of

XML = problem_xml(elements(), assets=CHECKED)
PATTERN = "<input-path-pattern>tests/%02d<"
LACKING: dict[str, str | None] = {"tests/01": None, "files/gen.py": "print(1)\n"}
GENERATED = problem_xml(
    elements().replace('method="manual" sample', 'method="generated" cmd="gen" sample'), assets=CHECKED
).replace(
    "</resources>",
    "</resources><executables><executable><source path='files/gen.py' type='python.3'/></executable></executables>",
)


def read_or_refused(folder: Path) -> Package | None:
    """What a package says; None where it is refused. Every other error fails the test."""
    try:
        with open_package(folder) as opened:
            return opened.package
    except Refusal:
        return None


@pytest.mark.parametrize(
    "pattern",
    ["/etc/cron.d/x%d", "../../x%d", "tests/../../x%d", "tests//%02d", "./tests/%02d", "tests/.%02d/../../%d", "tests/%02d/",
     "files/gen.py/%d", "x" * 300 + "%d"],
)  # fmt: skip
def test_a_test_is_made_inside_of_the_package_only(tmp_path: Path, pattern: str) -> None:
    """A testset whose missing inputs would be written elsewhere on the judge's disk, or in the place of another file, is refused."""
    xml = GENERATED.replace(PATTERN, f"<input-path-pattern>{pattern}<")
    tree = scan(polygon(tmp_path / "plus", xml, LACKING), expand_limit_bytes=1 << 20)
    assert recipe_of(scan(polygon(tmp_path / "good", GENERATED, LACKING), expand_limit_bytes=1 << 20)) is not None
    with pytest.raises(Refusal) as refused:
        recipe_of(tree)
    assert refused.value.code == 422


@pytest.mark.parametrize("target", ["", "/x", "a/../b", "..", "a//b", "a/./b", "a\0b", "a\nb", "a/", "a/" + "b" * 300])
def test_names_of_made_files(target: str) -> None:
    """Absolute names, dots, empty parts, control characters and endless names are no names of files that are made."""
    check_step(Step("input/input0.txt", "GEN"))
    with pytest.raises(Refusal, match="cannot be the name"):
        check_step(Step(target, "GEN"))


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", ".hidden", "-o", "a\0b", "a" * 101])
def test_names_of_streams_that_are_files(name: str) -> None:
    """What a generator or solution reads and writes by name lies in its own folder."""
    for step in (Step("in", "GEN", input_file=name), Step("in", "GEN", output_file=name)):
        with pytest.raises(Refusal, match="cannot be the name"):
            check_step(step)


@pytest.mark.parametrize("targets", [("a", "a"), ("a", "a/b"), ("a/b", "a"), ("old",), ("old/new",), ("folder",)])
def test_nothing_is_made_twice_or_over_another(tmp_path: Path, targets: tuple[str, ...]) -> None:
    """A made file never takes the place of one that the package has, of a folder, or of another made one."""
    tree = Tree(tmp_path, {"old": tmp_path / "old", "folder/file": tmp_path / "file"})
    good = Recipe("Sum", "sum", (Step("new", "GEN"), Step("folder/new", "GEN")))
    assert check_recipe(good, tree) is good
    with pytest.raises(Refusal, match="in its place"):
        check_recipe(Recipe("Sum", "sum", tuple(Step(one, "GEN") for one in targets)), tree)


@pytest.mark.parametrize("bomb", ["1e999999999", "1e-999999999", "inf", "nan", "1/3", "9" * 5000, "-1", "1e300"])
def test_numbers_that_explode_are_no_points(tmp_path: Path, bomb: str) -> None:
    """Points that no memory holds are refused in problem.xml, task.yaml and GEN, or are tiny."""
    xml = XML.replace('sample="true"', f'sample="true" points="{bomb}"')
    for folder in (
        polygon(tmp_path / "plus", xml),
        italian(tmp_path / "cms", {"task.yaml": f"{TASK}score_type: Sum\nscore_type_parameters: '{bomb}'\n"}),
        italian(tmp_path / "gen", {"gen/GEN": f"#ST: {'9' * 5000}\n1\n2\n3\n4\n"}),
    ):
        package = read_or_refused(folder)
        assert package is None or package.grading is None or package.grading.most_millionths <= 100_000_000


def test_points_and_numbers() -> None:
    """What is a number stays one."""
    assert (read_points("12.5", "x"), read_points(3, "x"), read_points("1e-999999999", "x")) == (12.5, 3, 0)
    assert (read_number("9" * 5000), read_number("inf"), read_number(10**400), read_number(" 7 ")) == (
        None,
        None,
        None,
        7,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("%02d<", "%0999999999d<"),
        ("<time-limit>500<", "<time-limit>inf<"),
        ("<memory-limit>67108864<", "<memory-limit>nan<"),
        ("<memory-limit>67108864<", "<memory-limit>1e999<"),
        ("<memory-limit>67108864<", "<memory-limit>1e300<"),
        ("<time-limit>500<", "<time-limit>" + "9" * 5000 + "<"),
    ],
)
def test_limits_and_patterns_that_explode(tmp_path: Path, before: str, after: str) -> None:
    """Widths and limits beyond every measure are refused or passed over; nothing is allotted for them."""
    assert before in XML
    package = read_or_refused(polygon(tmp_path / "plus", XML.replace(before, after)))
    found = None if package is None else (package.limits.cpu_seconds, package.limits.memory_bytes)
    assert found in (None, (1.0, 64 << 20), (0.5, 256 << 20))


@pytest.mark.parametrize(
    "expression",
    ["x{9999999999}", "(" * 150, "0" * 201, "((((\\d?){99}){99}){99}){99}z", "(|||||)" * 20 + "z", "(^|^|^)" * 20 + "z",
     "(a*)*", "\\d?" * 40 + "z", "(" * 90 + ")" * 90, "(?P<a>0)", "0**", "|0", "0|", "(0||1)"],
)  # fmt: skip
def test_expressions_that_search_for_ever(expression: str) -> None:
    """An expression for the tests of a subtask that could take years is no such expression."""
    data = {"score_type": "GroupMin", "score_type_parameters": [[100, expression]]}
    with pytest.raises(Refusal, match="score_type_parameters has to name"):
        list(read_subtasks(data, None, 4))


@pytest.mark.parametrize(
    "expression", ["00[0-2]", "000|001|002", "(000|001|002)", "^00(0|1|2)$", "0{2}[012]", "00[^3]"]
)
def test_expressions_as_people_write_them(expression: str) -> None:
    """Alternatives, classes and repeated characters name tests."""
    data = {"score_type": "GroupMin", "score_type_parameters": [[40, expression], [60, ".*3"]]}
    assert [(one.first, one.end) for one in read_subtasks(data, None, 4)] == [(0, 3), (3, 4)]


def test_groups_that_multiply(tmp_path: Path) -> None:
    """Hundreds of tests that each depend on hundreds of groups are too many; thousands of groups are ordered at once."""
    many = 400
    tests = "".join(f'<test group="{one % 2}" points="1"/>' for one in range(2 * many))
    groups = (
        '<groups><group name="0"/><group name="1"><dependencies><dependency group="0"/></dependencies></group></groups>'
    )
    xml = problem_xml(tests, groups)
    files: dict[str, str | None] = {
        f"tests/{one:02d}{end}": "1\n" for one in range(1, 2 * many + 1) for end in ("", ".a")
    }
    with pytest.raises(Refusal, match="depends on too many others"), open_package(polygon(tmp_path / "a", xml, files)):
        pass
    chain = "".join(
        f'<group name="{one}"><dependencies><dependency group="{one + 1}"/></dependencies></group>'
        for one in range(2 * many)
    )
    tests = "".join(f'<test group="{one}"/>' for one in range(2 * many))
    xml = problem_xml(tests, f"<groups>{chain}</groups>")
    with open_package(polygon(tmp_path / "b", xml, files)) as opened:
        assert len(opened.package.tests) == 2 * many


NINE = ",".join(["*{0}"] * 9)
ALIASES = "a: &a [x,x,x]\n" + "".join(
    f"{chr(98 + one)}: &{chr(98 + one)} [{NINE.format(chr(97 + one))}]\n" for one in range(12)
)


@pytest.mark.parametrize(
    "value",
    ["0x" + "f" * 20_000, "0b" + "1" * 20_000, ":".join(["1"] * 3000), "9" * 5000, "*m", "&z [*z]", "{? [a]: b}", "1e9999",
     "!!int ''", "!!float 'x'", ".inf", "-.nan", "!!binary '='", f"[{','.join(['*long'] * 9000)}]"],
)  # fmt: skip
@pytest.mark.parametrize(
    "key", ["limits: {{memory: {0}}}", "name: {0}", "type: {0}", "validation: {0}", "license: {0}"]
)
def test_yaml_that_nobody_can_print(tmp_path: Path, key: str, value: str) -> None:
    """Endless numbers and aliases of aliases are refused before a sentence about them is written, or read as a text."""
    lines = [line for line in YAML.splitlines() if not line.startswith((key[:4], "  "))]
    long = f"long: &long {'x' * 50_000}\n"
    text = "\n".join([*lines, long, ALIASES if value == "*m" else "", key.format(value)])
    told = refusal_of(lambda: read(tmp_path, {"problem.yaml": text}))
    assert told is None or (told.code == 422 and len(told.sentence) < 200_000)
