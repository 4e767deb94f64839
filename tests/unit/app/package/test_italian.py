"""Tasks of CMS in the Italian format are read as they stand, or refused with what is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.core.verdict import Verdict
from app.core.ways import Ways, read_ways
from app.package.formats import needs_generating
from app.package.manifest import Kind
from app.package.reader import open_package
from judge_node.commands.several import packages_at
from unit.app.package.foreign import PARTIAL, TASK, italian


def worth(folder: Path) -> dict[str, tuple[int, str]]:
    """Points in millionths and rule of each group."""
    with open_package(folder) as opened:
        assert opened.package.grading is not None
        groups = opened.package.grading.as_document()["groups"]
    return {one["name"]: (one["most"], one["aggregation"]) for one in groups}


def test_an_italian_task(tmp_path: Path) -> None:
    """Names, limits, tests from 0, subtasks of GEN, statement, attachment, and the author's own solution."""
    folder = italian(tmp_path / "plus")
    with open_package(folder) as opened:
        package = opened.package
        assert (package.short_name, package.title, package.kind) == ("plus", "Plus", Kind.SCORING)
        assert (package.limits.cpu_seconds, package.limits.memory_bytes) == (0.5, 64 << 20)
        assert [test.name for test in package.tests] == [
            "secret/000/0000", "secret/001/0001", "secret/002/0002", "secret/002/0003",
        ]  # fmt: skip
        assert [(one.language, one.format.value) for one in package.statements] == [("it", "pdf")]
        assert [one.path for one in package.attachments] == ["attachments/example.txt"]
        assert {one.path: one.expected for one in package.submissions} == {
            "accepted/solution.py": {Verdict.AC}, "other/near.py": set(), "other/off.py": set(),
        }  # fmt: skip
    assert worth(folder) == {
        "secret/000": (0, "min"), "secret/001": (30_000_000, "min"), "secret/002": (70_000_000, "min"),
    }  # fmt: skip


def test_other_ways_to_give_points(tmp_path: Path) -> None:
    """Without subtasks every test has its share; task.yaml's own groups go before GEN."""
    assert worth(italian(tmp_path / "a", {"gen/GEN": "1 2\n3 4\n10 -4\n50 60\n"})) == {
        "secret/000": (100_000_000, "sum")
    }
    grouped = TASK + "score_type: GroupMin\nscore_type_parameters: [[40, 3], [60, 1]]\n"
    assert worth(italian(tmp_path / "b", {"task.yaml": grouped})) == {
        "secret/000": (40_000_000, "min"), "secret/001": (60_000_000, "min"),
    }  # fmt: skip


def test_keys_without_a_meaning_are_named(tmp_path: Path) -> None:
    """What a contest rules by other means is told; what only rules contests is passed over."""
    yaml = TASK + 'public_testcases: "0, 1"\ntoken_mode: infinite\nmemory_limt: 3\n'
    with open_package(italian(tmp_path / "plus", {"task.yaml": yaml})) as opened:
        assert [one for one in opened.package.warnings if one.startswith("task.yaml")] == [
            "task.yaml, line 8: public_testcases: which results teams may see is a setting of the contest; here it does nothing.",
            "task.yaml, line 10: the key memory_limt has no meaning here and does nothing.",
        ]


def test_other_ways_to_run(tmp_path: Path) -> None:
    """Managers, named files and outputs are told by the files and keys of the task."""
    talk = {
        "task.yaml": TASK + "num_processes: 3\nuser_io: std_io\n",
        "check/manager.cpp": "",
        "sol/stub.cpp": "",
        "sol/stub.py": "",
    }
    with open_package(italian(tmp_path / "a", talk)) as opened:
        assert opened.package.ways == Ways(processes=3, standard_streams=True, source_name="plus")
        assert {one.language: [file.name for file in one.files] for one in opened.package.includes} == {
            "cpp": ["stub.cpp"], "python3": ["__main__.py"],
        }  # fmt: skip
        assert opened.package.validator.program is not None
        assert [one.name for one in opened.package.validator.program.files] == ["manager.cpp"]
    names = TASK.replace('infile: ""\noutfile: ""\n', "")
    with open_package(italian(tmp_path / "b", {"task.yaml": names})) as opened:
        assert opened.package.ways == Ways("input.txt", "output.txt", source_name="plus")
    with open_package(italian(tmp_path / "c", {"task.yaml": TASK + "output_only: true\n"})) as opened:
        assert opened.package.ways == Ways(submit_answer=True)
        # Who has to give outputs has to see the inputs.
        assert [one.path.rpartition("/")[2] for one in opened.package.attachments] == [
            "example.txt", "input_000.txt", "input_001.txt", "input_002.txt", "input_003.txt",
        ]  # fmt: skip
        assert read_ways(opened.package.ways.as_document()) == opened.package.ways


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"check/manager.py": "pass"}, "check/manager: it has to be there as C++ source"),
        ({"check/manager.cpp": "", "task.yaml": TASK + "num_processes: 99\n"}, "num_processes can be 1 to 12"),
        ({"task.yaml": TASK.replace('infile: ""', "infile: ../in.txt")}, "cannot be the name of a file"),
        ({"input/input3.txt": None}, "it has 4 inputs, but input/ holds 3"),
        ({"output/output3.txt": None}, "output/output3.txt is missing"),
        ({"task.yaml": TASK + "score_type: GroupAvg\n"}, "the score type GroupAvg"),
        ({"task.yaml": TASK + "score_type: GroupThreshold\nscore_type_parameters: [[9, 4]]\n"}, "and a threshold"),
        (
            {
                "check/checker.cpp": None,
                "task.yaml": TASK + "score_type: GroupThreshold\nscore_type_parameters: [[9, 4, 2]]\n",
            },
            "GroupThreshold needs a checker",
        ),
        ({"gen/GEN": "#ST: 100\n1 2\n"}, "it describes 1 tests, but input/ holds 4"),
        ({"task.yaml": TASK + "score_type: GroupMin\nscore_type_parameters: [[1, a.*]]\n"}, "score_type_parameters"),
        ({"check/checker.cpp": None, "check/checker": "binary"}, "as C++ source"),
    ],
)
def test_what_cannot_be_judged_is_refused(tmp_path: Path, changes: dict[str, str | None], sentence: str) -> None:
    """One sentence that says what is not judged or missing."""
    with pytest.raises(Refusal) as refused, open_package(italian(tmp_path / "plus", changes)):
        pass
    assert sentence in refused.value.sentence


def test_a_task_whose_yaml_stands_beside_its_folder(tmp_path: Path) -> None:
    """Older tasks are described by NAME.yaml beside NAME/; a link there, or a folder of anything else, is not taken for one."""
    folder = italian(tmp_path / "plus", {"task.yaml": None})
    with pytest.raises(Refusal):
        open_package(folder).__enter__()
    (tmp_path / "elsewhere.yaml").write_text(TASK)
    (tmp_path / "plus.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(Refusal):
        open_package(folder).__enter__()
    (tmp_path / "plus.yaml").unlink()
    (tmp_path / "elsewhere.yaml").rename(tmp_path / "plus.yaml")
    with open_package(folder) as opened:
        assert (opened.package.title, len(opened.package.tests)) == ("Plus", 4)
    assert not needs_generating(folder)
    (folder / "output/output3.txt").unlink()
    assert needs_generating(folder)


def test_task_types_are_named(tmp_path: Path) -> None:
    """A task of a type that is not built says so; one that is said as it is judged anyway changes nothing."""
    with open_package(italian(tmp_path / "plus", {"task.yaml": TASK + "task_type: Batch\n"})) as opened:
        assert not [one for one in opened.package.warnings if "task_type" in one]
    two = italian(tmp_path / "two", {"task.yaml": TASK + "task_type: TwoSteps\n"})
    with pytest.raises(Refusal, match="tasks of the type TwoSteps cannot be judged here; there are Batch, Comm"):
        open_package(two).__enter__()


def test_the_oldest_layout_in_a_zip(tmp_path: Path) -> None:
    """NAME.yaml beside NAME/ in a zip, alone or with other tasks; graders beside the checker in cor/."""
    changes = {
        "task.yaml": None,
        "check/checker.cpp": None,
        "cor/correttore.cpp": PARTIAL,
        "cor/grader.cpp": "// main",
        "cor/plus.h": "",
    }
    folder = italian(tmp_path / "in" / "plus", {**changes, "sol/solution.cpp": "// plus"})
    (tmp_path / "in/plus.yaml").write_text(TASK)
    archive = Path(shutil.make_archive(str(tmp_path / "some"), "zip", tmp_path / "in"))
    with open_package(archive) as opened:
        assert (opened.package.title, opened.package.short_name) == ("Plus", "plus")
        assert {one.name for one in opened.package.include_for("cpp")} == {"grader.cpp", "plus.h"}
    assert not needs_generating(archive)
    (folder / "output/output3.txt").unlink()
    archive = Path(shutil.make_archive(str(tmp_path / "less"), "zip", tmp_path / "in"))
    assert needs_generating(archive)
    shutil.copytree(folder, tmp_path / "in/again")
    shutil.copy(tmp_path / "in/plus.yaml", tmp_path / "in/again.yaml")
    archive = Path(shutil.make_archive(str(tmp_path / "both"), "zip", tmp_path / "in"))
    with packages_at(archive) as packages:
        assert [one.name for one in packages] == ["again", "plus"]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"task.yaml": TASK.replace("n_input: 4", "n_input: 3"), "gen/GEN": None}, 3),
        ({"task.yaml": TASK.replace("n_input: 4\n", ""), "gen/GEN": "1\n2\n"}, 2),
    ],
)
def test_how_many_tests_there_are(tmp_path: Path, changes: dict[str, str | None], count: int) -> None:
    """n_input says so, else the lines of GEN; what else lies in input/ is no test."""
    with open_package(italian(tmp_path / "plus", changes)) as opened:
        assert len(opened.package.tests) == count


def test_outputs_go_before_a_manager(tmp_path: Path) -> None:
    """output_only is what it says, whatever lies in check/; a task of the IOI's archive is called by its name."""
    with open_package(
        italian(tmp_path / "plus", {"task.yaml": TASK + "output_only: true\n", "check/manager.cpp": "//"})
    ) as opened:
        assert (opened.package.ways.submit_answer, opened.package.ways.processes) == (True, 0)
    other = tmp_path / "ioi"
    other.mkdir()
    (other / "task.yaml").write_text(
        "name: a\nsubtasks: [{points: 100, testcases: [{input: 'tc/*.in', output: 'tc/*.out'}]}]\n"
    )
    with pytest.raises(Refusal, match="the layout of the IOI's archive"):
        open_package(other).__enter__()


def test_sources_beside_a_manager(tmp_path: Path) -> None:
    """They are compiled with it, but for those that are programs themselves."""
    talk = {
        "check/manager.cpp": "int main() {}",
        "check/board.cpp": "int size = 3;",
        "check/board.h": "",
        "check/try.cpp": "int main () {}",
    }
    with open_package(italian(tmp_path / "plus", dict(talk))) as opened:
        assert opened.package.validator.program is not None
        assert {one.name for one in opened.package.validator.program.files} == {"manager.cpp", "board.cpp", "board.h"}
