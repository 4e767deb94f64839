"""What the submit form guesses from a file: its language and its problem."""

from __future__ import annotations

import time

import pytest

from app.languages.definition import MainRule
from app.languages.detect import suggest_file_name
from app.languages.loader import load_languages
from web.pages.guess import guess_language_of, guess_problem

PROBLEMS = [("crates", "A", "Apple Crates"), ("cable", "C", "Cable Cars"), ("p17", "F", "Ferry Queue")]


@pytest.mark.parametrize(
    ("name", "code", "language"),
    [
        ("a.cpp", "", "cpp"),
        ("Main.java", "", "java"),
        ("solution.py", "", "python3"),
        ("a.c", "", "c"),
        ("", "#include <stdio.h>\nint main(void) { return 0; }", "c"),
        ("", "#include <bits/stdc++.h>\nusing namespace std;", "cpp"),
        ("", "#include <stdio.h>\n#include <vector>\nint main() {}", "cpp"),
        ("", "public class Solver { public static void main(String[] a) {} }", "java"),
        ("", "import sys\nfor line in sys.stdin:\n    print(line)", "python3"),
        ("", "n = int(input())", "python3"),
        ("", "to be or not to be", ""),
        ("notes.txt", "to be", ""),
    ],
)
def test_language(name: str, code: str, language: str) -> None:
    """The ending decides; pasted code is known by its looks; what is unclear is asked for."""
    names = [name] if name else []
    assert guess_language_of(names, [code], list(load_languages().values())) == language


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("c.cpp", "cable"),
        ("C2.py", "cable"),
        ("c_final.py", "cable"),
        ("cable-cars.java", "cable"),
        ("CableCars.java", "cable"),
        ("crates.py", "crates"),
        ("ferry.cpp", "p17"),
        ("main.cpp", ""),
        ("x.py", ""),
        ("", ""),
    ],
)
def test_problem(name: str, problem: str) -> None:
    """A file named after the letter, the title or the short name finds its problem; `main.cpp` names none."""
    assert guess_problem([name] if name else [], PROBLEMS) == problem


HOSTILE = {
    "blank lines": "\n" * 400_000,
    "lines of blanks": "\n \t" * 150_000,
    "arrows": "def f(" + ")->" * 150_000,
    "final": "public " + "final " * 70_000,
    "public": "\npublic          " * 25_000,
}


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_code_stops_the_server(code: str) -> None:
    """Guessing takes moments for any text, since nothing else in the server runs meanwhile: these took minutes to hours."""
    known = load_languages()
    java = next(one for one in known.values() if one.main_rule is MainRule.JVM_MAIN_CLASS)
    began = time.thread_time()
    guess_language_of([], [code], list(known.values()))
    assert suggest_file_name(java, code) == "Main.java"
    assert time.thread_time() - began < 5


def test_blank_lines_before_a_class_do_not_hide_it() -> None:
    """The public class is found after blank lines and behind blanks, as it was."""
    known = load_languages()
    java = next(one for one in known.values() if one.main_rule is MainRule.JVM_MAIN_CLASS)
    assert suggest_file_name(java, "import java.util.*;\n\n\n  \t public final class Crates {}") == "Crates.java"
    assert guess_language_of([], ["\n\n  def f(x) -> int:\n    return x"], list(known.values())) == "python3"
