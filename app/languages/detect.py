"""Guesses from file names and sources: the language, the main file, a good name for pasted code."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from app.core.errors import Refusal
from app.languages.definition import Language, MainRule

# Blank lines before it are not of its line: looked through from each of their beginnings, they would take time by their number's square.
_PUBLIC_CLASS = re.compile(r"^[^\S\n]*public\s+(?:(?:final|abstract|strictfp)\s+)*(?:class|record|enum)\s+(\w+)", re.M)
_JAVA_CLASS = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*")
_FILE_NAME = re.compile(r"[A-Za-z0-9_+][A-Za-z0-9_+.\-/]{0,254}")
_MOST_FOLDERS = 200
_FEW = 4


def check_file_name(name: str) -> None:
    """Refusal(422) unless the name is harmless: plain letters, no `..`, no part with a leading dot or dash."""
    parts = name.split("/")
    if not _FILE_NAME.fullmatch(name) or any(not part or part.startswith((".", "-")) for part in parts):
        raise Refusal(
            422, f"{name!r} cannot be the name of a source file; use letters, digits, and . _ - + inside of the name."
        )


def check_file_names(names: Iterable[str]) -> None:
    """Refusal(422) unless all names are harmless and the files can lie beside each other in one folder."""
    files = tuple(names)
    # Nearly all submissions are one `main` of a handful of languages; what was refused is not remembered.
    check = _check_together if len(files) <= _FEW else _check_together.__wrapped__
    check(files)


@lru_cache(maxsize=1024)
def _check_together(names: tuple[str, ...]) -> None:
    files = set(names)
    folders: set[str] = set()
    for name in files:
        check_file_name(name)
        parts = name.split("/")[:-1]
        folders.update("/".join(parts[: end + 1]) for end in range(len(parts)))
    both = sorted(files & folders)
    if both:
        raise Refusal(422, f"{both[0]!r} is the name of a file and of a folder; one of them needs another name.")
    if len(folders) > _MOST_FOLDERS:
        raise Refusal(422, f"The source files lie in more than {_MOST_FOLDERS} folders.")


def guess_language(file_names: Iterable[str], languages: Mapping[str, Language]) -> Language | None:
    """The language whose extensions match most of the files; at a tie C++ goes before C; None where none matches."""
    names = list(file_names)
    best: tuple[int, bool, str] | None = None
    for language in languages.values():
        matches = sum(language.takes(name) for name in names)
        rank = (-matches, language.id == "c", language.id)
        if matches and (best is None or rank < best):
            best = rank
    return None if best is None else languages[best[2]]


def suggest_file_name(language: Language, source: str) -> str:
    """A file name for pasted code: the public class in Java, `main` or `Main` otherwise."""
    extension = language.extensions[0]
    if language.main_rule is MainRule.JVM_MAIN_CLASS:
        match = _PUBLIC_CLASS.search(source)
        return f"{match.group(1) if match else 'Main'}.{extension}"
    return f"main.{extension}"


def main_file(
    language: Language, file_names: Sequence[str], entry_point: str | None, added: Collection[str] = ()
) -> str:
    """The file to start, for languages that start a file (PROBLEM_FORMATS 10.2).

    The entry point where one is given, else the only file, `__main__.*` or `main.*` (case ignored), else the smallest
    name; one of those that the package has `added` only where the submission has none.
    Refusal(422) when the entry point is not among the files or nothing is of the language.
    """
    sources = [name for name in file_names if language.takes(name)]
    if entry_point:
        if entry_point not in sources:
            raise Refusal(422, f"The entry point {entry_point!r} is not among the submitted {language.name} files.")
        return entry_point
    if not sources:
        wanted = ", ".join(f".{extension}" for extension in language.extensions)
        raise Refusal(422, f"There is no {language.name} file among the sources; its name must end in {wanted}.")
    for stem in ("__main__", "main"):
        for name in sorted(sources):
            if name.rpartition(".")[0].lower() == stem:
                return name
    return min([name for name in sources if name not in added] or sources)


def check_entry_point(language: Language, file_names: Sequence[str], entry_point: str | None) -> None:
    """Refusal(422) when the entry point is missing where it is needed, or cannot be one of this language."""
    if not entry_point:
        if language.entry_point_required:
            raise Refusal(422, f"{language.name} needs an entry point ({language.entry_point_name}).")
        return
    if language.main_rule is MainRule.MAIN_FILE:
        main_file(language, file_names, entry_point)
    elif language.main_rule is MainRule.JVM_MAIN_CLASS and not _JAVA_CLASS.fullmatch(entry_point):
        raise Refusal(422, f"{entry_point!r} cannot be the name of a {language.name} class.")
