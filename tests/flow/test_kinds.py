"""Interactive, multi-pass and scoring problems in the real sandbox: who is to blame for what, and what everything is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from unit.app.package.packages import write

from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.loader import load_languages
from app.package.reader import open_package
from judge_node.commands.workplace import Workplace, judge_in_folder
from judge_node.pipeline.from_package import job_for
from judge_node.pipeline.job import JudgeResult, Watcher
from judge_node.pipeline.judging import Workshop

pytestmark = pytest.mark.root

YAML = "problem_format_version: 2025-09\nname: Talk\nuuid: 1\ntype: {kinds}\nlimits: {{time_limit: 0.3, memory: 64}}\n"
HEAD = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n"
VALIDATOR = (
    HEAD
    + """
static char path[300];
static FILE *feedback(char **argv, const char *name) { sprintf(path, "%s%s", argv[3], name); return fopen(path, "a"); }
int main(int argc, char **argv) {
    char mode[20] = "", said[20] = "";
    FILE *in = fopen(argv[1], "r");
    if (argc < 4 || !in || fscanf(in, "%19s", mode) != 1) return 1;
    if (!strcmp(mode, "crash")) abort();
    if (!strcmp(mode, "sleep")) { puts("ping"); fflush(stdout); sleep(100); }
    if (!strcmp(mode, "slow")) for (volatile long i = 0; i < 12000000000L; i++) {}
    if (!strcmp(mode, "flood")) for (int i = 0; i < 200000; i++) puts("ping");
    puts("ping"); fflush(stdout);
    if (scanf("%19s", said) != 1 || strcmp(said, "pong")) { fprintf(feedback(argv, "judgemessage.txt"), "no pong"); return 43; }
    if (!strcmp(mode, "again")) fprintf(feedback(argv, "nextpass.in"), "last"); /* and the next pass has that as its input */
    if (!strcmp(mode, "ever")) fprintf(feedback(argv, "nextpass.in"), "ever");
    if (!strcmp(mode, "both")) { fprintf(feedback(argv, "nextpass.in"), "x"); return 43; }
    return 42;
}
"""
)
PONG = HEAD + 'int main(void) { char word[20]; scanf("%19s", word); puts("pong"); fflush(stdout); '

Judge = Callable[..., JudgeResult]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workplace, Workshop]]:
    place = Workplace(load_languages(), tmp_path_factory.mktemp("cache"), make_headers=False)
    place.prepare(place.languages["c"])
    with place.workshop() as workshop:
        yield place, workshop


@pytest.fixture
def judge_talk(workplace: tuple[Workplace, Workshop], tmp_path: Path) -> Judge:
    """Judges a C program by the talking validator, with one test of the given input."""
    place, workshop = workplace

    def judge(code: str, mode: str = "plain", kinds: str = "interactive", validator: str = VALIDATOR) -> JudgeResult:
        files: dict[str, str | None] = {
            "problem.yaml": YAML.format(kinds=kinds),
            "output_validator/talk.c": validator,
            "data/sample/1.in": None,
            "data/sample/1.ans": None,
            "data/secret/01.in": f"{mode}\n",
            "data/secret/01.ans": "\n",
        }
        with open_package(write(tmp_path / "talk", files)) as opened:
            language = place.languages["c"]
            sources = [SourceFile("a.c", code.encode())]
            job = job_for(
                opened, sources, language, place.languages, entry_point=None, cpu_seconds=0.3, all_tests=False
            )
            return judge_in_folder(job, workshop, Watcher())

    return judge


@pytest.mark.parametrize(
    ("rest", "mode", "verdict", "message"),
    [
        ("return 0; }", "plain", Verdict.AC, ""),
        ("return 3; }", "plain", Verdict.RTE, ""),
        ("sleep(60); }", "plain", Verdict.TLE, "went on after the validator had ended"),
        ("for (int i = 0; i < 100000; i++) puts(word); return 0; }", "plain", Verdict.AC, ""),
        ("for (int i = 0; i < 3000000; i++) puts(word); return 0; }", "plain", Verdict.OLE, ""),
        ("return 0; }", "slow", Verdict.AC, ""),
        ("return 0; }", "crash", Verdict.JE, "signal 6"),
        ("scanf(\"%19s\", word); return 0; }", "sleep", Verdict.JE, "did not read"),
        ("return 5; }", "flood", Verdict.RTE, ""),
        ("sleep(60); }", "flood", Verdict.TLE, "did not read"),
    ],
)  # fmt: skip
def test_right_words(judge_talk: Judge, rest: str, mode: str, verdict: Verdict, message: str) -> None:
    """After the right words a submission still has to end well; what the validator does wrong is never the team's fault."""
    result = judge_talk(PONG + rest, mode)
    assert (result.verdict, message in result.runs[0].message) == (verdict, True), result.runs[0]
    if mode == "plain":
        assert result.runs[0].transcript.splitlines()[0].endswith("< ping")


@pytest.mark.parametrize(
    ("code", "verdict", "message"),
    [
        ('int main(void) { puts("pang"); fflush(stdout); for (;;) puts("x"); }', Verdict.WA, "no pong"),
        ('int main(void) { puts("pang"); fflush(stdout); sleep(1); return 9; }', Verdict.WA, "no pong"),
        ("int main(void) { abort(); }", Verdict.RTE, ""),
        ("int main(void) { return 0; }", Verdict.NO, "no pong"),
        ("int main(void) { for (;;) { __asm__ volatile(\"\"); } }", Verdict.TLE, ""),
        ('int main(void) { char w[9]; scanf("%8s", w); scanf("%8s", w); puts("pong"); }', Verdict.TLE, "waited for each other"),
    ],
)  # fmt: skip
def test_wrong_words(judge_talk: Judge, code: str, verdict: Verdict, message: str) -> None:
    """Whoever ended first decides: a rejection comes before what the submission does afterwards, a crash before the rejection."""
    result = judge_talk(HEAD + code)
    assert (result.verdict, message in result.runs[0].message) == (verdict, True), result.runs[0]


@pytest.mark.parametrize(
    ("mode", "verdict", "message", "passes"),
    [
        ("again", Verdict.AC, "", 2),
        ("ever", Verdict.JE, "more than 2 passes", 2),
        ("both", Verdict.JE, "asked for a next pass", 1),
    ],
)
def test_interaction_in_passes(judge_talk: Judge, mode: str, verdict: Verdict, message: str, passes: int) -> None:
    """An interactive problem in passes: each one is a dialogue of its own; too many, or one after a rejection, is the judge's fault."""
    result = judge_talk(PONG + "return 0; }", mode, "[interactive, multi-pass]")
    assert (result.verdict, message in result.runs[0].message) == (verdict, True), result.runs[0]
    assert result.runs[0].transcript.count("> pong") == passes


def test_score_of_a_dialogue(judge_talk: Judge) -> None:
    """A validator gives part of the points of an interactive problem; a score where none may be is a judging error."""
    paying = VALIDATOR.replace("return 42;", 'fprintf(feedback(argv, "score.txt"), "%s", SCORE); return 42;')
    kinds = "[scoring, interactive]"
    half = judge_talk(PONG + "return 0; }", "plain", kinds, '#define SCORE "12.5"\n' + paying)
    assert (half.verdict, half.score_millionths) == (Verdict.AC, 12_500_000)
    none = judge_talk(HEAD + "int main(void) { return 0; }", "plain", kinds, '#define SCORE "12.5"\n' + paying)
    assert (none.verdict, none.score_millionths, none.groups[0].verdict) == (Verdict.AC, 0, Verdict.NO)
    much = judge_talk(PONG + "return 0; }", "plain", kinds, '#define SCORE "100.5"\n' + paying)
    assert (much.verdict, much.score_millionths) == (Verdict.JE, None)
    assert "out of range" in much.message


def test_sample_problem_with_groups(workplace: tuple[Workplace, Workshop]) -> None:
    """Of the sample problem with subtasks every Python solution gets the points that it promises, with the groups it solves."""
    place, workshop = workplace
    language = place.languages["python3"]
    place.prepare(language)
    with open_package(Path(__file__).parents[2] / "problems/stretch") as opened:
        for solution in opened.package.submissions:
            if not solution.path.endswith(".py"):
                continue
            sources = opened.sources(solution.program.files)
            job = job_for(opened, sources, language, place.languages, entry_point=None, cpu_seconds=1, all_tests=False)
            result = judge_in_folder(job, workshop, Watcher())
            assert solution.score is not None
            assert (result.verdict, result.score_millionths) == (Verdict.AC, solution.score[0]), solution.path
            solved = sum(one.most_millionths or 0 for one in result.groups if one.verdict is Verdict.AC)
            assert solved == result.score_millionths
