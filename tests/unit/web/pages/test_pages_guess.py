"""What the submit form guesses from a file: its language and its problem."""

from __future__ import annotations

import pytest

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
