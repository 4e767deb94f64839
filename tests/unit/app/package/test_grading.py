"""Test groups as packages write them: both formats, what is inherited, what is refused, what jury solutions promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.core.judgement import Run
from app.core.scoring.groups import MILLION
from app.core.scoring.legacy_groups import LegacyGrading, LegacyGroup, ScoreMode, VerdictMode
from app.core.scoring.new_groups import Aggregation, NewGrading
from app.core.verdict import Verdict
from app.package.manifest import Kind, Package
from unit.app.package.packages import YAML, read

LEGACY = "name: Sum\ntype: scoring\nlimits: {memory: 64, time_limit: 1}\n"


def with_tests(*names: str) -> dict[str, str | None]:
    files: dict[str, str | None] = {"data/secret/01.in": None, "data/secret/01.ans": None}
    for name in names:
        files |= {f"data/secret/{name}.in": "1 2\n", f"data/secret/{name}.ans": "3\n"}
    return files


def new(tmp_path: Path, changes: dict[str, str | None]) -> NewGrading:
    package = read(tmp_path, {"problem.yaml": f"{YAML}type: scoring\n", **changes})
    assert package.kind is Kind.SCORING
    assert isinstance(package.grading, NewGrading)
    return package.grading


def legacy(tmp_path: Path, changes: dict[str, str | None]) -> tuple[Package, LegacyGroup]:
    package = read(tmp_path, {"problem.yaml": LEGACY, **changes})
    assert isinstance(package.grading, LegacyGrading)
    return package, package.grading.root


def test_secret_alone(tmp_path: Path) -> None:
    """Without any group file the secret tests share 100 points."""
    grading = new(tmp_path, with_tests("1", "2", "folder/3"))
    assert [(one.name, one.tests, one.aggregation) for one in grading.groups] == [
        ("secret", (2, 3, 4), Aggregation.SUM)
    ]
    assert grading.most_millionths == 100 * MILLION


def test_groups_of_2025_09(tmp_path: Path) -> None:
    """Points, aggregation and requirements; a folder without a group file only sorts its tests."""
    grading = new(
        tmp_path,
        {
            **with_tests("a/1", "a/deep/2", "b/1", "c/1"),
            "data/secret/test_group.yaml": "max_score: unbounded\nscore_aggregation: min\n",
            "data/secret/a/test_group.yaml": "max_score: 12.5\nrequire_pass: sample\n",
            "data/secret/b/test_group.yaml": "max_score: 30\nscore_aggregation: sum\nrequire_pass: [a, secret/a]\n",
            "data/secret/c/test_group.yaml": "score_aggregation: min\n",
        },
    )
    assert (grading.most_millionths, grading.aggregation) == (None, Aggregation.MIN)
    assert [(one.name, one.tests, one.most, one.require_pass) for one in grading.groups] == [
        ("secret/a", (2, 3), 12_500_000, ("sample",)),
        ("secret/b", (4,), 30 * MILLION, ("secret/a", "secret/a")),
        ("secret/c", (5,), None, ()),
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"data/secret/a/test_group.yaml": "max_score: many\n"}, "max_score is a number or unbounded"),
        ({"data/secret/a/test_group.yaml": "max_score: 3\nscore_aggregation: avg\n"}, "score_aggregation is"),
        ({"data/secret/a/test_group.yaml": "max_score: 3\nrequire_pass: b\n"}, "no earlier group"),
        ({"data/secret/a/test_group.yaml": "full_feedback: true\n"}, "needs a max_score"),
        (
            {"data/secret/a/test_group.yaml": "max_score: 3\nstatic_validation_score: 4\n"},
            "static validator, but there is none",
        ),
        ({**with_tests("1"), "data/secret/a/test_group.yaml": "max_score: 3\n"}, "one or the other"),
        ({"submissions/submissions.yaml": "accepted: {score: high}\n"}, "score must be a number"),
    ],
)
def test_groups_that_cannot_be(tmp_path: Path, changes: dict[str, str | None], sentence: str) -> None:
    """What cannot be scored is refused by file and key."""
    with pytest.raises(Refusal, match=sentence):
        new(tmp_path, {**with_tests("a/1"), **changes})


def test_usual_legacy_package(tmp_path: Path) -> None:
    """The usual testdata.yaml files: keys are inherited, flags are replaced, only the root ignores the sample."""
    _, root = legacy(
        tmp_path,
        {
            **with_tests("1/a", "1/b", "2/a"),
            "data/testdata.yaml": "on_reject: continue\nrange: 0 100\ngrader_flags: ignore_sample\n",
            "data/secret/testdata.yaml": "grader_flags: first_error accept_if_any_accepted\n",
            "data/secret/1/testdata.yaml": "on_reject: break\naccept_score: 40\nrange: 0 40\ngrader_flags: min\n",
        },
    )
    sample, secret = root.children
    assert isinstance(sample, LegacyGroup)
    assert isinstance(secret, LegacyGroup)
    one, two = secret.children
    assert isinstance(one, LegacyGroup)
    assert isinstance(two, LegacyGroup)
    assert (root.ignore_sample, sample.ignore_sample, root.breaks, root.most) == (True, False, False, 100 * MILLION)
    assert (secret.any_accepted, secret.verdict_mode, secret.breaks) == (True, VerdictMode.FIRST_ERROR, False)
    assert (one.children, one.breaks, one.accept_score, one.score_mode) == ((2, 3), True, 40 * MILLION, ScoreMode.MIN)
    assert (two.children, two.breaks, two.any_accepted, two.most) == ((4,), False, True, 100 * MILLION)


def test_files_decide_and_not_the_version(tmp_path: Path) -> None:
    """A draft with testdata.yaml follows the legacy rules, a legacy package with test_group.yaml those of 2025-09."""
    draft = read(
        tmp_path / "a", {"problem.yaml": f"{YAML}type: scoring\n", "data/testdata.yaml": "on_reject: continue\n"}
    )
    mixed = read(tmp_path / "b", {"problem.yaml": LEGACY, "data/secret/test_group.yaml": "max_score: 7\n"})
    assert isinstance(draft.grading, LegacyGrading)
    assert draft.grading.lenient
    assert isinstance(mixed.grading, NewGrading)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("grading: custom\n", "one grader is needed"),
        ("range: 0 to 100\n", "range must be two numbers"),
        ("accept_score: much\n", "accept_score must be a number"),
        ("on_reject: shout\n", "on_reject is break or continue"),
    ],
)
def test_legacy_rules_that_cannot_be(tmp_path: Path, text: str, sentence: str) -> None:
    """What the legacy rules do not know is refused by file and key."""
    with pytest.raises(Refusal, match=sentence):
        legacy(tmp_path, {"data/testdata.yaml": text})


def test_promises(tmp_path: Path) -> None:
    """Scores that solutions promise: in submissions.yaml, by a tag, by the directory for partial points."""
    package, _ = legacy(
        tmp_path,
        {
            "submissions/submissions.yaml": "accepted:\n  score: [10, 20.5]\n",
            "submissions/mixed/a.py": "# @EXPECTED_RESULTS@: WRONG-ANSWER\n# @EXPECTED_SCORE@: 30\n",
            "submissions/partially_accepted/b.py": "1\n",
        },
    )
    found = {one.path: one for one in package.submissions}
    assert found["accepted/sum.py"].score == (10 * MILLION, 20_500_000)
    assert (found["mixed/a.py"].score, found["mixed/a.py"].expected) == ((30 * MILLION,) * 2, {Verdict.WA})
    assert (found["partially_accepted/b.py"].partial, found["partially_accepted/b.py"].expected) == (True, {Verdict.AC})


def test_kinds(tmp_path: Path) -> None:
    """Interaction and passes, in both formats and in the spellings of real packages; sample dialogues are found."""
    extra: dict[str, str | None] = {
        "output_validator/v.py": "1\n",
        "output_validators/v.py": "1\n",
        "data/sample/2.interaction": "<1\n>2\n",
    }
    both = read(
        tmp_path / "a",
        {
            **extra,
            "problem.yaml": f"{YAML}  validation_passes: 5\ntype: pass-fail interactive multi-pass\n",
            "output_validators/v.py": None,
        },
    )
    old = read(
        tmp_path / "b",
        {**extra, "problem.yaml": "name: x\nvalidation: custom interactive\n", "output_validator/v.py": None},
    )
    assert (both.interactive, both.multi_pass, both.limits.validation_passes, both.kind) == (
        True,
        True,
        5,
        Kind.PASS_FAIL,
    )
    assert (old.interactive, old.multi_pass, old.grading) == (True, False, None)
    assert [ref.path for ref in both.interactions] == ["data/sample/2.interaction"]


def test_the_map_of_early_drafts(tmp_path: Path) -> None:
    """A draft of the newer format gave points by a map: samples give none, each group of `min` is worth its score whole."""
    package = read(
        tmp_path,
        {
            "problem.yaml": "problem_format_version: 2023-07-draft\nname: x\ntype: scoring\nlimits: {time_limit: 1}\n",
            "data/secret/01.in": None,
            "data/secret/01.ans": None,
            "data/secret/testdata.yaml": "scoring:\n  aggregation: sum\n",
            **{
                f"data/secret/{group}/{name}": text
                for group, score in (("a", 30), ("b", 70))
                for name, text in (
                    ("testdata.yaml", f"scoring:\n  score: {score}\n  aggregation: min\n"),
                    ("1.in", "1\n"),
                    ("1.ans", "1\n"),
                    ("2.in", "1\n"),
                    ("2.ans", "1\n"),
                )
            },
        },
    )
    assert package.grading is not None
    assert len(package.tests) == 5
    right, wrong = Verdict.AC, Verdict.WA

    def graded(*verdicts: Verdict) -> tuple[Verdict, int | None]:
        assert package.grading is not None
        runs = {number: Run(number, "", verdict, 0.1, 0.1, 1) for number, verdict in enumerate(verdicts, 1)}
        result = package.grading.fold(runs)
        assert result is not None
        return result.verdict, result.score_millionths

    assert graded(right, right, right, right, right) == (right, 100_000_000)
    assert graded(wrong, right, right, right, wrong) == (right, 30_000_000)
    assert graded(right, right, wrong, right, right) == (right, 70_000_000)
    assert graded(right, wrong, wrong, wrong, wrong) == (wrong, 0)


def test_slips_in_the_map(tmp_path: Path) -> None:
    """A word that is no aggregation is told with its file and line."""
    changes = {
        "problem.yaml": "problem_format_version: 2023-07-draft\nname: x\ntype: scoring\n",
        "data/secret/testdata.yaml": "scoring:\n  aggregation: product\n",
    }
    with pytest.raises(Refusal) as caught:
        read(tmp_path, changes)
    assert "data/secret/testdata.yaml, line 1: aggregation is sum or min, not 'product'." in caught.value.sentence
