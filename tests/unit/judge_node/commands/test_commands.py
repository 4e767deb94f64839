"""The command line of the judge machine: sentences, exit codes, sources, agreement, the cache."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.loader import load_languages
from app.package.manifest import JurySolution, Program
from judge_node.commands.compare import ordered
from judge_node.commands.sources import read_sources
from judge_node.commands.verdictcache import Judged, VerdictCache
from judge_node.commands.verifying import keeps_promise
from judge_node.pipeline.job import JobLimits

AC, WA, TLE, RTE, MLE, NO, JE = (Verdict(word) for word in ("AC", "WA", "TLE", "RTE", "MLE", "NO", "JE"))


def call(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from judge_node.main import main; main()", *words],
        input=stdin, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["verify", "once", "compare", "languages"])
def test_help_has_an_example(command: str) -> None:
    """Each command explains itself with an example."""
    done = call(command, "--help")
    assert (done.returncode, f"contestbox-judge {command}" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["verify"], 2, "Missing argument"),
        (["verify", "no-such-folder"], 1, "There is no problem package at no-such-folder."),
        (["verify", "x", "--jobs", "0"], 2, "--jobs"),
        (["once", "x"], 2, "Missing argument"),
        (["compare", "x"], 2, "INPUT and ANSWER are needed"),
        (["unheard-of"], 2, "No such command"),
    ],
)
def test_errors_are_one_sentence(words: list[str], code: int, sentence: str) -> None:
    """A wrong call ends with a sentence and the right exit code, never with a traceback."""
    done = call(*words)
    assert (done.returncode, sentence in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr


def test_a_missing_extra_is_named() -> None:
    """On a machine without the judge's extra the command says what to install."""
    code = "import sys; sys.modules['yaml'] = None; from judge_node.main import main; main(['verify', 'x'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, "contestbox[judge]" in done.stderr) == (2, True)


def test_sources_are_read(tmp_path: Path) -> None:
    """Files keep their names, files of a folder their names inside of it."""
    (tmp_path / "one.c").write_text("1")
    (tmp_path / "many/pkg").mkdir(parents=True)
    (tmp_path / "many/pkg/Main.java").write_text("2")
    found = read_sources([tmp_path / "one.c", tmp_path / "many"], 100)
    assert found == (SourceFile("one.c", b"1"), SourceFile("pkg/Main.java", b"2"))


def test_sources_that_are_refused(tmp_path: Path) -> None:
    """Links, pipes, impossible names, too much and too little are refused by name."""
    (tmp_path / "a.c").write_text("x" * 50)
    (tmp_path / "link.c").symlink_to("a.c")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/link.c").symlink_to("/etc/passwd")
    (tmp_path / "twice").mkdir()
    (tmp_path / "twice/a.c").write_text("")
    (tmp_path / "-o.c").write_text("")
    os.mkfifo(tmp_path / "pipe.c")
    cases = {
        ("link.c",): "is a link",
        ("folder",): "is a link",
        ("pipe.c",): "is not a file",
        ("-o.c",): "cannot be the name",
        ("gone.c",): "no source file",
        ("a.c", "twice"): "two source files",
    }
    for names, sentence in cases.items():
        with pytest.raises(Refusal, match=sentence):
            read_sources([tmp_path / name for name in names], 100)
    with pytest.raises(Refusal, match="larger than the limit"):
        read_sources([tmp_path / "a.c"], 49)


def solution(
    expected: set[Verdict], permitted: set[Verdict] | None = None, required: set[Verdict] | None = None
) -> JurySolution:
    return JurySolution(
        Program("mixed/a.c", ()), frozenset(expected), frozenset(permitted or set()), frozenset(required or set())
    )


@pytest.mark.parametrize(
    ("expected", "verdict", "named", "ok"),
    [
        ({AC}, AC, set(), True),
        ({AC}, WA, set(), False),
        ({RTE}, MLE, set(), True),
        ({WA}, NO, set(), True),
        ({RTE}, MLE, {MLE}, False),
        ({WA}, NO, {MLE}, False),
        ({MLE}, MLE, {MLE}, True),
        (set(), WA, set(), True),
        (set(), JE, set(), False),
        ({WA, TLE}, TLE, set(), True),
    ],
)
def test_agreement(expected: set[Verdict], verdict: Verdict, named: set[Verdict], ok: bool) -> None:
    """A crash may show as memory and a wrong answer as none, unless the package tells them apart; a judging error
    never agrees.
    """
    assert keeps_promise(solution(expected), Judged(verdict, 0.1, (verdict,)), frozenset(named)) is ok


@pytest.mark.parametrize(
    ("runs", "ok"), [((AC, WA, TLE), True), ((AC, WA), False), ((AC, TLE), True), ((WA, RTE, TLE), False)]
)
def test_rules_for_single_tests(runs: tuple[Verdict, ...], ok: bool) -> None:
    """Some test must be slow, others may be wrong, none may crash."""
    rule = solution({TLE}, {AC, WA, TLE}, {TLE})
    first = next(one for one in runs if one is not AC)
    assert keeps_promise(rule, Judged(first, 0.1, runs), frozenset()) is ok


def test_cache(tmp_path: Path) -> None:
    """A judgement is found again only when sources, package, language, toolchain, limits and build are the same."""
    cache = VerdictCache(tmp_path, "package", "build")
    language, limits, sources = load_languages()["c"], JobLimits(1.0, 1 << 20), [SourceFile("a.c", b"1")]
    key = cache.key(sources, language, "gcc", limits, entry_point=None, all_tests=False)
    assert cache.get(key) is None
    judged = Judged(WA, 0.25, (AC, WA))
    cache.put(key, judged)
    assert cache.get(key) == judged
    others = {
        cache.key([SourceFile("a.c", b"2")], language, "gcc", limits, entry_point=None, all_tests=False),
        cache.key([SourceFile("b.c", b"1")], language, "gcc", limits, entry_point=None, all_tests=False),
        cache.key(sources, load_languages()["cpp"], "gcc", limits, entry_point=None, all_tests=False),
        cache.key(sources, language, "clang", limits, entry_point=None, all_tests=False),
        cache.key(sources, language, "gcc", replace(limits, cpu_seconds=2.0), entry_point=None, all_tests=False),
        cache.key(sources, language, "gcc", limits, entry_point=None, all_tests=True),
        cache.key(sources, language, "gcc", limits, entry_point="a.c", all_tests=False),
        replace(cache, package="other").key(sources, language, "gcc", limits, entry_point=None, all_tests=False),
        replace(cache, build="other").key(sources, language, "gcc", limits, entry_point=None, all_tests=False),
    }
    assert len(others | {key}) == 10
    (tmp_path / key[:2] / f"{key}.json").write_text("{")
    assert cache.get(key) is None
    cache.put(key, Judged(JE, 0.0, ()))
    assert cache.get(key) is None


def test_compare_is_called_in_two_ways(tmp_path: Path) -> None:
    """As a command with its arguments first, and as package formats call a validator, with a folder for what it says."""
    assert ordered(("case_sensitive", "1.in", "1.ans")) == ["1.in", "1.ans", "-", "case_sensitive"]
    assert ordered(("float_tolerance", "1", "1.in", "1.ans")) == ["1.in", "1.ans", "-", "float_tolerance", "1"]
    for folder in (str(tmp_path), f"{tmp_path}/"):
        assert ordered(("1.in", "1.ans", folder, "case_sensitive")) == [
            "1.in",
            "1.ans",
            f"{tmp_path}/",
            "case_sensitive",
        ]
