"""The scoring rules of a legacy package: testdata.yaml, inherited down the folders (PROBLEM_FORMATS 5.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.core.scoring.legacy_groups import LegacyGrading, LegacyGroup, ScoreMode, VerdictMode
from app.package.draft_scoring import draft_section, is_drafted, whole_of_draft, with_scoring
from app.package.findings import Findings
from app.package.manifest import TestCase
from app.package.scores import millionths
from app.package.tree import Tree
from app.package.yamlfile import YamlFile, parse_yaml

_FILE = "testdata.yaml"
_VERDICT_MODES: Mapping[str, VerdictMode] = {mode.value: mode for mode in VerdictMode} | {
    "no_errors": VerdictMode.WORST_ERROR  # its old name
}
_SCORE_MODES: Mapping[str, ScoreMode] = {mode.value: mode for mode in ScoreMode}


def read_legacy(
    tree: Tree, problem: YamlFile, tests: Sequence[TestCase], findings: Findings, *, custom_score: bool, lenient: bool
) -> LegacyGrading:
    """The rules. `custom_score`: accepted outputs get their points from the package's own validator; `lenient`: they may."""
    root = LegacyGroup("", ())
    section = problem.data.get("grading")
    if isinstance(section, dict):  # what old packages say for all groups
        root = _with_keys(root, YamlFile(problem.name, section, problem.lines), findings)
    numbered = [(number, test.name) for number, test in enumerate(tests, 1)]
    whole = _folder(tree, "", numbered, root, findings)
    return LegacyGrading(whole_of_draft(whole) if is_drafted(tree) else whole, custom_score, lenient)


def _folder(
    tree: Tree, name: str, tests: Sequence[tuple[int, str]], inherited: LegacyGroup, findings: Findings
) -> LegacyGroup:
    """The group of one folder, its tests being those below it in test order."""
    file = f"data/{name}/{_FILE}" if name else f"data/{_FILE}"
    group = replace(inherited, name=name, children=(), ignore_sample=False)
    if file in tree.files:
        group = _with_keys(group, parse_yaml(tree.text(file), file, findings), findings)
        if name:
            group = replace(group, ignore_sample=False)
    children: list[int | LegacyGroup] = []
    below: dict[str, list[tuple[int, str]]] = {}
    for number, test in tests:
        rest = test.removeprefix(f"{name}/") if name else test
        inner, slash, _ = rest.partition("/")
        if not slash:
            children.append(number)
        else:
            below.setdefault(f"{name}/{inner}" if name else inner, []).append((number, test))
    children.extend(_folder(tree, inner, inside, group, findings) for inner, inside in below.items())
    return replace(group, children=tuple(sorted(children, key=_first_test)))


def _first_test(child: int | LegacyGroup) -> int:
    return child if isinstance(child, int) else min((_first_test(one) for one in child.children), default=0)


def _with_keys(group: LegacyGroup, yaml: YamlFile, findings: Findings) -> LegacyGroup:
    data = yaml.data
    if data.get("on_reject") is not None:
        word = str(data["on_reject"])
        if word not in ("break", "continue", "first_error", "worst_error", "grade"):
            findings.error(yaml.name, yaml.line("on_reject"), f"on_reject is break or continue, not {word!r}.")
        group = replace(group, breaks=word in ("break", "first_error"))
    drafted = draft_section(data)
    if drafted is not None:
        group = with_scoring(group, drafted, yaml, findings)
    elif data.get("grading") is not None:
        if data["grading"] not in ("default", "custom"):
            findings.error(yaml.name, yaml.line("grading"), f"grading is default or custom, not {data['grading']!r}.")
        group = replace(group, custom=data["grading"] == "custom")
    for key in ("accept_score", "reject_score"):
        if data.get(key) is None:
            continue
        score = millionths(data[key])
        if score is None:
            findings.error(yaml.name, yaml.line(key), f"{key} must be a number, not {data[key]!r}.")
        elif key == "accept_score":
            group = replace(group, accept_score=score)
        else:
            group = replace(group, reject_score=score)
    if data.get("range") is not None:
        group = _with_range(group, yaml, findings)
    return _with_flags(group, yaml, findings) if data.get("grader_flags") is not None else group


def _with_range(group: LegacyGroup, yaml: YamlFile, findings: Findings) -> LegacyGroup:
    value = yaml.data["range"]
    words = value if isinstance(value, list) else str(value).split()
    if len(words) != 2:
        findings.error(yaml.name, yaml.line("range"), f"range must be two numbers, not {value!r}.")
        return group
    bounds: list[int | None] = []
    for word in words:
        bound = None if str(word).lstrip("+-.").lower() in ("inf", "infinity") else millionths(word)
        if bound is None and not str(word).lower().endswith(("inf", "infinity")):
            findings.error(yaml.name, yaml.line("range"), f"range must be two numbers, not {value!r}.")
        bounds.append(bound)
    return replace(group, least=bounds[0], most=bounds[1])


def _with_flags(group: LegacyGroup, yaml: YamlFile, findings: Findings) -> LegacyGroup:
    """The flags stand instead of those that were inherited; of several modes the last one holds. A package's own grader gets all."""
    words = tuple(str(yaml.data["grader_flags"]).split())
    if group.custom:
        return replace(group, flags=words)
    group = replace(
        group,
        verdict_mode=VerdictMode.WORST_ERROR,
        score_mode=ScoreMode.SUM,
        ignore_sample=False,
        any_accepted=False,
    )
    for word in words:
        if word in _VERDICT_MODES:
            group = replace(group, verdict_mode=_VERDICT_MODES[word])
        elif word in _SCORE_MODES:
            group = replace(group, score_mode=_SCORE_MODES[word])
        elif word == "ignore_sample":
            group = replace(group, ignore_sample=True)
        elif word == "accept_if_any_accepted":
            group = replace(group, any_accepted=True)
        else:
            findings.warn(
                yaml.name, yaml.line("grader_flags"), f"the default grader has no flag {word!r}; it is ignored."
            )
    return group
