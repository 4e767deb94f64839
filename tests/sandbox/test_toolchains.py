"""The real compilers and interpreters run inside, with everything switched on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import MEBIBYTE, RunLimits
from sandbox.workbench import Bench, limits, python

pytestmark = pytest.mark.root

COMPILE = RunLimits(60, 150, 1024 * MEBIBYTE, output_bytes=64 * MEBIBYTE, file_bytes=64 * MEBIBYTE, processes=256)
CPP = b"""
#include <bits/stdc++.h>
#include <thread>
int main() {
    long a, b; std::cin >> a >> b;
    std::vector<std::thread> all; std::atomic<long> sum{0};
    for (int i = 0; i < 4; i++) all.emplace_back([&] { sum += a * b; });
    for (auto &one : all) one.join();
    try { throw std::runtime_error("x"); } catch (std::exception &) { std::cout << sum << std::endl; }
}
"""
JAVA = b"""
import java.util.*;
public class Main {
    public static void main(String[] words) throws Exception {
        Scanner in = new Scanner(System.in);
        long a = in.nextLong(), b = in.nextLong();
        Thread[] all = new Thread[8];
        long[] sum = new long[8];
        for (int i = 0; i < 8; i++) { int k = i; all[i] = new Thread(() -> sum[k] = a * b); all[i].start(); }
        for (Thread one : all) one.join();
        System.out.println(Arrays.stream(sum).sum());
    }
}
"""


@pytest.mark.parametrize("profile", ["native", "runtime"])
def test_cpp(bench: Bench, tmp_path: Path, profile: str) -> None:
    """A C++ program with threads and exceptions is compiled inside and runs in the strict and in the lenient profile."""
    if shutil.which("g++") is None:
        pytest.skip("g++ is missing")
    compiler = bench.box("compiler", memory=1024, processes=256)
    compiler.put("a.cpp", CPP)
    command = Command(["/usr/bin/g++", "-std=gnu++20", "-O2", "-static", "-o", "out/a", "a.cpp"])
    compiler.put("out/.keep", b"")
    facts = compiler.run(command, COMPILE, keep_scratch=True)
    assert facts.exit_code == 0, facts.stderr_head.decode()
    compiler.collect("out", tmp_path / "program", 64 * MEBIBYTE)
    (tmp_path / "in").write_text("6 7")
    box = bench.sandbox.container(
        View(program=tmp_path / "program", profile=profile), memory_bytes=256 * MEBIBYTE, processes=64
    )
    bench.made.append(box)
    facts = box.run(Command(["/program/a"]), limits(), stdin=tmp_path / "in")
    assert (facts.stdout_head, facts.exit_code, facts.note) == (b"168\n", 0, "")


def test_java(bench: Bench, tmp_path: Path) -> None:
    """javac compiles and a JVM with a big heap and eight threads runs."""
    if shutil.which("javac") is None:
        pytest.skip("javac is missing")
    compiler = bench.box("compiler", memory=1024, processes=256)
    compiler.put("Main.java", JAVA)
    words = ["/usr/bin/javac", "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-d", "out", "Main.java"]
    facts = compiler.run(Command(words), COMPILE, keep_scratch=True)
    assert facts.exit_code == 0, facts.stderr_head.decode() + facts.stdout_head.decode()
    compiler.collect("out", tmp_path / "program", 64 * MEBIBYTE)
    (tmp_path / "in").write_text("6 7")
    box = bench.sandbox.container(View(program=tmp_path / "program"), memory_bytes=2500 * MEBIBYTE, processes=64)
    bench.made.append(box)
    words = ["/usr/bin/java", "-XX:+UseSerialGC", "-Xss64m", "-Xms2048m", "-Xmx2048m", "-cp", "/program", "Main"]
    run = RunLimits(20, 50, 2500 * MEBIBYTE)
    facts = box.run(Command(words), run, stdin=tmp_path / "in")
    assert (facts.stdout_head, facts.exit_code) == (b"336\n", 0), facts.stderr_head.decode()


def test_python(bench: Bench) -> None:
    """CPython runs with threads, temporary files and worker processes."""
    text = """
import tempfile, threading, multiprocessing, subprocess
with tempfile.TemporaryFile() as f: f.write(b'x')
t = threading.Thread(target=lambda: print("thread", flush=True)); t.start(); t.join()
with multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, -2]), flush=True)
print(subprocess.run(["/bin/echo", "child"], capture_output=True, text=True).stdout)
"""
    facts = bench.box().run(python(text), limits(cpu=10, wall=30, memory=128))
    assert facts.stdout_head.split(b"\n")[:3] == [b"thread", b"[1, 2]", b"child"], facts.stderr_head.decode()


def test_the_strict_profile_refuses_to_fork(bench: Bench) -> None:
    """A native program can neither start another program nor make a process."""
    facts = bench.box("native").run(Command(["/program/guest", "forks", "3"]), limits())
    assert facts.stdout_head == b"0\n"
    facts = bench.box("native").run(Command(["/program/guest", "list"]), limits())
    assert facts.stdout_bytes == 0
