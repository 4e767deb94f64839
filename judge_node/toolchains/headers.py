"""Precompiled headers: a node compiles the big C++ header once, so that no submission pays for it.

The result is a cache below the node's own folder, named after everything that it depends on; a compiler that finds
it unfit ignores it. System headers and the system's compiler are trusted, so this runs outside the sandbox.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from app.languages.definition import Language
from judge_node.toolchains.find import FIXED_PATH, Toolchain, find_program

_BUILD_SECONDS = 120


def header_folder(language: Language, toolchain: Toolchain, cache: Path) -> Path | None:
    """The folder to show the compiler, where the header has been made already; else None."""
    folder = _folder(language, toolchain, cache)
    return folder if folder is not None and folder.is_dir() else None


def make_header(language: Language, toolchain: Toolchain, cache: Path) -> Path | None:
    """Makes the language's precompiled header in `cache` where it is missing; None where that isn't possible or not
    wanted.
    """
    header = language.compile.precompiled_header
    folder = _folder(language, toolchain, cache)
    if header is None or folder is None or folder.is_dir():
        return folder
    compiler = find_program(header.argv[0])
    if compiler is None:
        return None
    cache.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=cache))
    try:
        source = fresh / "source.h"
        source.write_text(f"#include <{header.header}>\n", encoding="utf-8")
        target = fresh / "tree" / f"{header.header}.gch"
        target.parent.mkdir(parents=True)
        words = [word.format(target=target, source=source) for word in header.argv[1:]]
        done = subprocess.run(
            [compiler, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_BUILD_SECONDS,
            env={"PATH": FIXED_PATH, "LANG": "C.UTF-8"},
            check=False,
        )
        if done.returncode != 0 or not target.is_file():
            return None
        for path in (fresh / "tree", *(fresh / "tree").rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        if not folder.is_dir():
            os.rename(fresh / "tree", folder)
    except (OSError, subprocess.TimeoutExpired):
        return None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _folder(language: Language, toolchain: Toolchain, cache: Path) -> Path | None:
    header = language.compile.precompiled_header
    if header is None or not toolchain.fingerprint:
        return None
    key = "\0".join((toolchain.fingerprint, header.header, *header.argv))
    return cache / f"{language.id}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
