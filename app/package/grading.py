"""The scoring rules of a package: its test groups, from test_group.yaml (2025-09) or testdata.yaml (legacy).

Which of the two holds is told by the files that are there, and only without any by the version (PROBLEM_FORMATS 2.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.core.scoring.groups import MILLION, Grading
from app.core.scoring.new_groups import Aggregation, NewGrading, NewGroup
from app.package.findings import Findings
from app.package.legacy_grading import read_legacy
from app.package.manifest import TestCase
from app.package.problem_yaml import Settings, substitute_constants
from app.package.scores import millionths
from app.package.tree import Tree
from app.package.yamlfile import YamlFile, parse_yaml

_FILE = "test_group.yaml"
_SECRET_POINTS = 100 * MILLION


def read_grading(
    tree: Tree, settings: Settings, problem: YamlFile, tests: Sequence[TestCase], findings: Findings
) -> Grading:
    """The rules of a scoring problem. `problem` is its problem.yaml. What cannot be used goes to `findings`."""
    names = {name.rpartition("/")[2] for name in tree.below("data")}
    legacy = settings.legacy if _FILE not in names else False
    if legacy or ("testdata.yaml" in names and _FILE not in names):
        custom = "custom score" in settings.kinds
        return read_legacy(tree, problem, tests, findings, custom_score=custom, lenient=not settings.legacy)
    return _Reader(tree, settings, findings).read(tests)


class _Reader:
    def __init__(self, tree: Tree, settings: Settings, findings: Findings) -> None:
        self._tree = tree
        self._settings = settings
        self._findings = findings

    def read(self, tests: Sequence[TestCase]) -> NewGrading:
        samples: list[int] = []
        members: dict[str, list[int]] = {}
        for number, test in enumerate(tests, 1):
            if test.sample:
                samples.append(number)
            else:
                members.setdefault(self._group_of(test.name), []).append(number)
        if "secret" in members and len(members) > 1:
            self._findings.error(
                "data/secret", None, "there are test cases beside test groups; secret holds one or the other."
            )
        secret = self._yaml("secret")
        rule = self._aggregation(secret, Aggregation.SUM)
        most = self._most(secret, _SECRET_POINTS)
        if list(members) == ["secret"]:
            own = members["secret"]
            static = self._static(secret, own, tests)
            groups = [NewGroup("secret", tuple(own), most, rule, self._required(secret, []), static=static)]
        else:
            groups = []
            for name, numbers in members.items():
                group = self._group(name, tuple(numbers), [one.name for one in groups])
                groups.append(replace(group, static=self._static(self._yaml(name), numbers, tests)))
        return NewGrading(tuple(samples), tuple(groups), most, rule)

    def _group_of(self, test: str) -> str:
        """The nearest folder with a group file; folders without one only sort the tests."""
        folder = test.rpartition("/")[0]
        while folder != "secret" and f"data/{folder}/{_FILE}" not in self._tree.files:
            folder = folder.rpartition("/")[0]
        return folder

    def _group(self, name: str, tests: tuple[int, ...], earlier: list[str]) -> NewGroup:
        yaml = self._yaml(name)
        rule = self._aggregation(yaml, Aggregation.PASS_FAIL)
        most = self._most(yaml, None)
        if rule is Aggregation.PASS_FAIL and most is None:
            self._findings.error(yaml.name, None, "a pass-fail group needs a max_score, else it gives no points.")
        threshold = millionths(yaml.data.get("threshold"))
        if rule is Aggregation.THRESHOLD and (threshold is None or most is None):
            self._findings.error(
                yaml.name, yaml.line("threshold"), "a group by threshold needs threshold and max_score."
            )
        return NewGroup(name, tests, most, rule, self._required(yaml, earlier), threshold)

    def _yaml(self, folder: str) -> YamlFile:
        name = f"data/{folder}/{_FILE}"
        if name not in self._tree.files:
            return YamlFile(name, {})
        yaml = parse_yaml(substitute_constants(self._tree.text(name), self._settings.constants), name, self._findings)
        return yaml

    def _static(self, yaml: YamlFile, numbers: Sequence[int], tests: Sequence[TestCase]) -> tuple[int, int] | None:
        """The static validation test of a group and its points; "pass-fail" gives none of its own."""
        number = next((one for one in numbers if tests[one - 1].static), None)
        return None if number is None else (number, millionths(yaml.data.get("static_validation_score")) or 0)

    def _aggregation(self, yaml: YamlFile, default: Aggregation) -> Aggregation:
        word = str(yaml.data.get("score_aggregation", default.value))
        if word in tuple(Aggregation):
            return Aggregation(word)
        line = yaml.line("score_aggregation")
        self._findings.error(yaml.name, line, f"score_aggregation is pass-fail, sum or min, not {word!r}.")
        return default

    def _most(self, yaml: YamlFile, default: int | None) -> int | None:
        value = yaml.data.get("max_score")
        if value is None:
            return default
        if value == "unbounded":
            return None
        most = millionths(value)
        if most is None or most < 0:
            line = yaml.line("max_score")
            self._findings.error(yaml.name, line, f"max_score is a number or unbounded, not {value!r}.")
            return default
        return most

    def _required(self, yaml: YamlFile, earlier: list[str]) -> tuple[str, ...]:
        value = yaml.data.get("require_pass")
        words = value if isinstance(value, list) else [] if value is None else [value]
        names = []
        for word in map(str, words):
            name = word if word == "sample" or word.startswith("secret/") else f"secret/{word}"
            if name != "sample" and name not in earlier:
                line = yaml.line("require_pass")
                self._findings.error(yaml.name, line, f"require_pass names {word!r}, which is no earlier group.")
            else:
                names.append(name)
        return tuple(names)
