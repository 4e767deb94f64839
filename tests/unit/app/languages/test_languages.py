"""Languages as data, and what file names tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.languages.definition import Language, language_from_document
from app.languages.detect import (
    check_entry_point,
    check_file_name,
    check_file_names,
    guess_language,
    main_file,
    suggest_file_name,
)
from app.languages.loader import load_languages

LANGUAGES = load_languages()


def test_the_four_languages_are_there() -> None:
    """A contest has C, C++, Java and Python 3, with the ids of the CLICS."""
    assert list(LANGUAGES) == ["c", "cpp", "java", "python3"]


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda one: one.id)
def test_definition_survives_the_wire(language: Language) -> None:
    """A node that gets a definition as JSON judges by the very same one."""
    again = language_from_document(language.as_document())
    assert again == language
    assert again.definition_hash == language.definition_hash


def test_hash_tells_every_change() -> None:
    """One changed flag is another definition."""
    document = LANGUAGES["cpp"].as_document()
    document["compile"]["argv"].append("-g")
    assert language_from_document(document).definition_hash != LANGUAGES["cpp"].definition_hash


@pytest.mark.parametrize(
    ("change", "word"),
    [({"name": None}, "name"), ({"compile": {"argv": []}}, "list of words"), ({"main_rule": "x"}, "x")],
)
def test_wrong_definitions_are_refused(tmp_path: Path, change: dict[str, object], word: str) -> None:
    """A wrong definition is named with what is wrong about it."""
    document = {**LANGUAGES["c"].as_document(), **change}
    document = {key: value for key, value in document.items() if value is not None}
    with pytest.raises(Refusal, match=word):
        language_from_document(document)
    (tmp_path / "x.toml").write_text("id = ")
    with pytest.raises(Refusal, match=r"x\.toml"):
        load_languages(tmp_path)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.cpp"], "cpp"),
        (["a.cc", "b.h"], "cpp"),
        (["a.C"], "cpp"),
        (["a.c"], "c"),
        (["a.c", "b.cpp"], "cpp"),
        (["Main.java"], "java"),
        (["a.py"], "python3"),
        (["a.py", "b.py", "c.cpp"], "python3"),
        (["readme.txt"], None),
        (["Makefile"], None),
    ],
)
def test_language_from_names(names: list[str], expected: str | None) -> None:
    """Dropping a file on the page is enough to name its language."""
    found = guess_language(names, LANGUAGES)
    assert (found.id if found else None) == expected


@pytest.mark.parametrize(
    ("names", "entry_point", "expected"),
    [
        (["solve.py"], None, "solve.py"),
        (["b.py", "a.py"], None, "a.py"),
        (["b.py", "Main.py", "a.py"], None, "Main.py"),
        (["a.py", "__main__.py", "main.py"], None, "__main__.py"),
        (["b.py", "a.py"], "b.py", "b.py"),
        (["a.txt", "b.py"], None, "b.py"),
    ],
)
def test_main_file(names: list[str], entry_point: str | None, expected: str) -> None:
    """Of several Python files the right one is started."""
    assert main_file(LANGUAGES["python3"], names, entry_point) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["solve.py", "constants.py"], "solve.py"),
        (["solve.py", "main.py", "constants.py"], "main.py"),
        (["constants.py"], "constants.py"),
    ],
)
def test_main_file_beside_what_the_package_adds(names: list[str], expected: str) -> None:
    """A module that the package adds is imported, not started, unless it is called main or there is nothing else."""
    assert main_file(LANGUAGES["python3"], names, None, {"main.py", "constants.py"}) == expected


def test_entry_points_are_checked() -> None:
    """An entry point that is not there, or no class name, is said at once."""
    with pytest.raises(Refusal, match="not among"):
        check_entry_point(LANGUAGES["python3"], ["a.py"], "b.py")
    with pytest.raises(Refusal, match="cannot be the name"):
        check_entry_point(LANGUAGES["java"], ["A.java"], "A; rm")
    with pytest.raises(Refusal, match="cannot be the name"):
        check_entry_point(LANGUAGES["java"], ["A.java"], "A\n")
    check_entry_point(LANGUAGES["java"], ["A.java"], "pkg.Main")
    with pytest.raises(Refusal, match="There is no Python"):
        main_file(LANGUAGES["python3"], ["a.txt"], None)


@pytest.mark.parametrize(
    "name", ["../a.c", "/a.c", "-a.c", "a b.c", "a\n.c", ".a.c", "a//b.c", "x/../y.c", "", "a/", "é.c", "a.c\n"]
)
def test_file_names_that_are_refused(name: str) -> None:
    """No file name reaches a compiler's command line, or a folder above, as something else."""
    with pytest.raises(Refusal):
        check_file_name(name)


@pytest.mark.parametrize("name", ["a.c", "Main.java", "pkg/Main.java", "a-b_c+d.cpp", "__main__.py"])
def test_file_names_that_are_fine(name: str) -> None:
    """What teams call their files is taken."""
    check_file_name(name)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a/b/c.py", "main.py", "a/b"], "'a/b' is the name of a file and of a folder"),
        ([f"{n}/main.py" for n in range(201)], "more than 200 folders"),
        (["main.py", "../x.py"], "cannot be the name"),
    ],
)
def test_files_that_cannot_lie_beside_each_other(names: list[str], words: str) -> None:
    """What no folder can hold is refused when it is submitted, not when a judge lays it out."""
    with pytest.raises(Refusal, match=words):
        check_file_names(names)
    check_file_names(["a/b/c.py", "a/b/d.py", "a/e.py", "main.py"])


def test_name_for_pasted_code() -> None:
    """Pasted Java gets the name of its public class, everything else `main`."""
    java = LANGUAGES["java"]
    assert suggest_file_name(java, "import x;\npublic final class Solver {\n") == "Solver.java"
    assert suggest_file_name(java, "class Hidden {}\n") == "Main.java"
    assert suggest_file_name(LANGUAGES["cpp"], "int main(){}") == "main.cpp"
