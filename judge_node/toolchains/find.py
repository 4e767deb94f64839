"""Finds the toolchains of this machine on the fixed path, and tells their fingerprints."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import Fault
from app.languages.definition import Language

FIXED_PATH = "/usr/bin:/bin:/usr/local/bin"
_PROBE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What this machine has for a language.

    `version` is the first line that its compiler or runtime says; `fingerprint` changes whenever that program does.
    `missing` is "" or the sentence that says what to install.
    """

    language: str
    version: str = ""
    fingerprint: str = ""
    missing: str = ""


def find_program(name: str) -> str | None:
    """The absolute path of a program on the fixed path; absolute names are given back as they are."""
    if name.startswith("/"):
        return name
    for folder in FIXED_PATH.split(":"):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def require_program(name: str) -> str:
    """The absolute path of a program. Fault("toolchain") where it is missing."""
    path = find_program(name)
    if path is None:
        raise Fault("toolchain", f"The program {name} is missing on this machine; install it and try again.")
    return path


def probe(language: Language) -> Toolchain:
    """Looks for everything that the language's commands start, and asks the compiler for its version."""
    for argv in (language.compile.argv, language.run.argv, language.fingerprint_argv):
        if not argv[0].startswith("/") and find_program(argv[0]) is None:
            return Toolchain(language.id, missing=f"{argv[0]} is missing; install {_package_of(argv[0])}.")
    argv = language.fingerprint_argv
    path = require_program(argv[0])
    try:
        asked = subprocess.run(
            [path, *argv[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PROBE_SECONDS,
            env={"PATH": FIXED_PATH, "LANG": "C.UTF-8"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as wrong:
        return Toolchain(language.id, missing=f"{path} does not answer: {wrong}.")
    said = asked.stdout.decode("utf-8", "replace")
    if asked.returncode != 0:
        return Toolchain(language.id, missing=f"{path} fails when asked for its version.")
    return Toolchain(language.id, said.strip().partition("\n")[0][:200], _fingerprint(path, said))


def probe_all(languages: Iterable[Language]) -> dict[str, Toolchain]:
    """The toolchains of several languages by id."""
    return {language.id: probe(language) for language in languages}


def _fingerprint(path: str, said: str) -> str:
    real = Path(path).resolve()
    about = real.stat()
    text = f"{said}\0{real}\0{about.st_size}\0{about.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()


def _package_of(program: str) -> str:
    """The Debian package to install for a program of the built-in languages."""
    packages = {"javac": "default-jdk-headless", "java": "default-jre-headless"}
    return packages.get(program, program)
