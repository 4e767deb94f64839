"""What the submissions inside a package are expected to end as (PROBLEM_FORMATS 6).

Three sources, the later ones win: the directory's name, `@EXPECTED_RESULTS@:` in a source,
`submissions/submissions.yaml` (app.package.rules).
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.verdict import Verdict
from app.package.findings import Findings
from app.package.yamlfile import YamlFile

_AC, _WA, _TLE, _MLE = Verdict.AC, Verdict.WA, Verdict.TLE, Verdict.MLE
_OLE, _RTE, _CE, _NO = Verdict.OLE, Verdict.RTE, Verdict.CE, Verdict.NO

_TAGS: Mapping[str, Verdict] = {
    "CORRECT": _AC,
    "ACCEPTED": _AC,
    "WRONG-ANSWER": _WA,
    "TIMELIMIT": _TLE,
    "TIME-LIMIT": _TLE,
    "TIME-LIMIT-EXCEEDED": _TLE,
    "TIMELIMIT-EXCEEDED": _TLE,
    "RUN-ERROR": _RTE,
    "RUN-TIME-ERROR": _RTE,
    "RUNTIME-ERROR": _RTE,
    "COMPILER-ERROR": _CE,
    "COMPILE-ERROR": _CE,
    "COMPILATION-ERROR": _CE,
    "NO-OUTPUT": _NO,
    "OUTPUT-LIMIT": _OLE,
    "OUTPUT-LIMIT-EXCEEDED": _OLE,
    "MEMORY-LIMIT": _MLE,
    "MEMORY-LIMIT-EXCEEDED": _MLE,
}
_CLICS: Mapping[str, Verdict] = {verdict.value: verdict for verdict in Verdict if verdict is not Verdict.JE}
_MOST_BRACES = 6
_MOST_PATTERNS = 1024
_TAG = re.compile(r"@EXPECTED_RESULTS@:(.*)$", re.IGNORECASE | re.MULTILINE)
# An older name of the same tag; a number after it is a score and none of ours.
_OLD_TAG = re.compile(r"@EXPECTED_SCORE@:(\s*[A-Za-z].*)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one submission promises: its final verdict is among `expected` (empty: no promise), and the rules for
    tests.
    """

    expected: frozenset[Verdict]
    permitted: frozenset[Verdict] = frozenset()
    required: frozenset[Verdict] = frozenset()
    language: str | None = None
    entry_point: str | None = None


def settled(
    permitted: frozenset[Verdict], required: frozenset[Verdict], language: str | None, entry_point: str | None
) -> Expectation:
    """The final verdict that follows from rules for tests: a required one where there are such, else a permitted
    one.
    """
    return Expectation(required or permitted, permitted, required, language, entry_point)


def _rule(permitted: Sequence[Verdict], required: Sequence[Verdict] = ()) -> Expectation:
    return settled(frozenset(permitted), frozenset(required), None, None)


_DIRECTORIES: Mapping[str, Expectation] = {
    "accepted": _rule([_AC]),
    "rejected": _rule([], [_RTE, _TLE, _WA]),
    "wrong_answer": _rule([_AC, _WA], [_WA]),
    "time_limit_exceeded": _rule([_AC, _TLE], [_TLE]),
    "run_time_error": _rule([_AC, _RTE], [_RTE]),
    "brute_force": _rule([_AC, _RTE, _TLE], [_RTE, _TLE]),
    "compiler_error": Expectation(frozenset({_CE})),
    "compile_error": Expectation(frozenset({_CE})),
    "no_output": Expectation(frozenset({_NO})),
    "output_limit": Expectation(frozenset({_OLE})),
    "output_limit_exceeded": Expectation(frozenset({_OLE})),
    "memory_limit": Expectation(frozenset({_MLE})),
    "memory_limit_exceeded": Expectation(frozenset({_MLE})),
}


# Other spellings that are seen; 2025-09 has no meaning for them, and neither has legacy.
_ALIASES: Mapping[str, str] = {
    "runtime_error": "run_time_error",
    "time_limit": "time_limit_exceeded",
    "timelimit": "time_limit_exceeded",
    "timelimit_exceeded": "time_limit_exceeded",
    "wronganswer": "wrong_answer",
    "compilation_error": "compile_error",
    "correct": "accepted",
}


def by_directory(path: str) -> Expectation:
    """What a submission's directory says; nothing for names without a meaning (mixed, partially_accepted …)."""
    name = path.partition("/")[0].lower().replace("-", "_")
    return _DIRECTORIES.get(_ALIASES.get(name, name), Expectation(frozenset()))


def with_tag(expectation: Expectation, sources: Sequence[str], path: str, findings: Findings) -> Expectation:
    """The expectation after looking for `@EXPECTED_RESULTS@:` in the sources.

    Two annotations are ignored. A directory that is among the tagged verdicts wins; otherwise the tag does.
    """
    lines = [match.group(1) for source in sources for match in _TAG.finditer(source)]
    lines = lines or [match.group(1) for source in sources for match in _OLD_TAG.finditer(source)]
    if not lines:
        return expectation
    where = f"submissions/{path}"
    if len(lines) > 1:
        findings.warn(where, None, "there are two @EXPECTED_RESULTS@ annotations; both are ignored.")
        return expectation
    words = [word.strip().strip("*/->").strip().upper().replace("_", "-") for word in lines[0].split(",")]
    unknown = [word for word in words if word not in _TAGS and word not in _CLICS]
    if unknown:
        findings.warn(where, None, f"@EXPECTED_RESULTS@ names {unknown[0]!r}, which is no verdict to be checked.")
    tagged = frozenset(_TAGS.get(word) or _CLICS[word] for word in words if word in _TAGS or word in _CLICS)
    if not tagged or (expectation.expected and expectation.expected <= tagged):
        return expectation
    return Expectation(tagged)


def matching_rules(path: str, yaml: YamlFile) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The entries of submissions.yaml whose globs match the path, in their order."""
    for pattern, rule in yaml.data.items():
        if isinstance(rule, dict) and any(glob_matches(one, path) for one in expanded(pattern.strip("/"))):
            yield pattern, rule


def glob_matches(pattern: str, path: str) -> bool:
    """Whether the pattern matches the path or a folder above it; `*` does not cross `/`."""
    wanted, parts = pattern.split("/"), path.split("/")
    return len(wanted) <= len(parts) and all(
        fnmatch.fnmatchcase(part, one.replace("[", "[[]")) for one, part in zip(wanted, parts, strict=False)
    )


def expanded(pattern: str) -> tuple[str, ...]:
    """The patterns that `{a,b}` stands for; one group at a time, not nested, blanks around a choice mean nothing."""
    patterns = [pattern]
    for _ in range(_MOST_BRACES):
        if not any(re.search(r"\{[^{}]*\}", one) for one in patterns):
            break
        patterns = [
            f"{one[: match.start()]}{choice.strip()}{one[match.end() :]}" if match else one
            for one in patterns
            for match in [re.search(r"\{([^{}]*)\}", one)]
            for choice in (match.group(1).split(",") if match else [""])
        ][:_MOST_PATTERNS]
    return tuple(patterns)


def verdicts_of(value: object, file: str, line: int | None, findings: Findings) -> frozenset[Verdict]:
    """The verdicts that a rule names, one or a list; other words go to `findings`."""
    words = value if isinstance(value, list) else [value]
    found = set()
    for word in words:
        # YAML reads an unquoted NO as false.
        name = "NO" if word is False else str(word).strip().upper().replace("_", "-")
        verdict = _CLICS.get(name) or _TAGS.get(name)
        if verdict is None:
            findings.error(file, line, f"{word!r} is not a verdict; the verdicts are {', '.join(_CLICS)}.")
        else:
            found.add(verdict)
    return frozenset(found)
