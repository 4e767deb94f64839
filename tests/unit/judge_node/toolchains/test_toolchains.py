"""Toolchains of a machine: found on the fixed path, and what compiled Java classes say."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Fault
from app.languages.loader import load_languages
from judge_node.toolchains.find import find_program, probe, require_program
from judge_node.toolchains.headers import header_folder, make_header
from judge_node.toolchains.java_classes import NotAClass, main_class_name, main_classes

LANGUAGES = load_languages()


def test_the_path_is_fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiler that somebody puts on the user's PATH is never taken."""
    (tmp_path / "gcc").write_text("#!/bin/sh\n")
    (tmp_path / "gcc").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program("gcc") != str(tmp_path / "gcc")
    assert find_program("no-such-compiler") is None
    with pytest.raises(Fault, match="no-such-compiler is missing"):
        require_program("no-such-compiler")


def test_missing_toolchain_says_what_to_install() -> None:
    """A machine without a compiler says so instead of failing at the first submission."""
    step = replace(LANGUAGES["c"].compile, argv=("no-such-compiler", "{files}"))
    found = probe(replace(LANGUAGES["c"], compile=step))
    assert (found.fingerprint, "no-such-compiler" in found.missing) == ("", True)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc on this machine")
def test_fingerprint(tmp_path: Path) -> None:
    """The same compiler has the same fingerprint; C and C++ have compilers of their own."""
    first, again = probe(LANGUAGES["c"]), probe(LANGUAGES["c"])
    assert first == again
    assert len(first.fingerprint) == 64
    assert first.version


@pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ on this machine")
def test_precompiled_header(tmp_path: Path) -> None:
    """The header is made once, is found again, and the compiler takes it; other languages have none."""
    cpp = LANGUAGES["cpp"]
    header = cpp.compile.precompiled_header
    assert header is not None
    small = replace(cpp, compile=replace(cpp.compile, precompiled_header=replace(header, header="cstdio")))
    toolchain = probe(small)
    cache = tmp_path / "headers"
    assert header_folder(small, toolchain, cache) is None
    folder = make_header(small, toolchain, cache)
    assert folder is not None
    assert (folder / "cstdio.gch").is_file()
    assert make_header(small, toolchain, cache) == folder == header_folder(small, toolchain, cache)
    assert [path.name for path in cache.iterdir()] == [folder.name]
    assert make_header(LANGUAGES["c"], toolchain, cache) is None
    broken = replace(small, compile=replace(cpp.compile, precompiled_header=replace(header, header="no/such/header.h")))
    assert make_header(broken, toolchain, cache) is None


JAVA = {
    "Main.java": "public class Main { public static void main(String[] a) {} static int main() { return 0; } }",
    "Quiet.java": "class Quiet { static void main(String[] a) {} long x = 5L; double y = 2.5; }",
    "pkg/Start.java": "package pkg; public class Start { public static void main(String... a) { Runnable r = () -> {}; } }",
    "Point.java": "record Point(int x, String y) { public void main(String[] a) {} }",
}


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of compiled classes."""
    javac = find_program("javac")
    if javac is None:
        pytest.skip("no javac on this machine")
    folder = tmp_path_factory.mktemp("classes")
    for name, text in JAVA.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    subprocess.run([javac, "-d", folder, *(folder / name for name in JAVA)], check=True)
    return folder


def test_main_classes(classes: Path) -> None:
    """Only a public static main of an array of strings can be started, in packages too."""
    assert main_classes(classes) == ["Main", "pkg.Start"]


@given(data=st.data())
def test_broken_class_files_are_no_classes(classes: Path, data: st.DataObject) -> None:
    """Whatever bytes a hostile source makes a compiler leave, they are read without harm."""
    real = (classes / "Main.class").read_bytes()
    at = data.draw(st.integers(0, len(real) - 1))
    torn = real[:at] + data.draw(st.binary(max_size=8)) + real[at + data.draw(st.integers(0, 8)) :]
    try:
        name = main_class_name(torn)
    except NotAClass:
        return
    assert name is None or isinstance(name, str)
