"""Small programs for measuring, compiled on this machine outside any container, and what samples of times say."""

from __future__ import annotations

import shutil
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path

from app.core.errors import Fault

EMPTY = "int main(void) { return 0; }\n"
LOOP = """#include <stdio.h>
#include <stdlib.h>
#include <time.h>
static double used(void) { return (double)clock() / CLOCKS_PER_SEC; }
int main(int count, char **words)
{
    unsigned long x = 1, rounds = count > 1 ? strtoul(words[1], NULL, 10) : 0;
    if (!rounds)
        for (; used() < 0.5; rounds += 1000000)
            for (unsigned long i = 0; i < 1000000; i++)
                x = x * 6364136223846793005UL + 1442695040888963407UL;
    else
        for (unsigned long i = 0; i < rounds; i++)
            x = x * 6364136223846793005UL + 1442695040888963407UL;
    printf("%lu %lu\\n", rounds, x);
    return 0;
}
"""
MILLISECOND = """#include <chrono>
#include <iostream>
int main()
{
    auto began = std::chrono::steady_clock::now();
    long a = 0, b = 0;
    std::cin >> a >> b;
    while (std::chrono::steady_clock::now() - began < std::chrono::milliseconds(1)) { }
    std::cout << a + b << '\\n';
}
"""


def compile_static(folder: Path, name: str, source: str) -> Path:
    """A static C program in `folder`. Raises Fault where there is no compiler."""
    compiler = shutil.which("gcc")
    if compiler is None:
        raise Fault("toolchain", "gcc is missing, and what is measured is a C program; run apt-get install gcc")
    text = folder / f"{name}.c"
    text.write_text(source, encoding="ascii")
    target = folder / name
    subprocess.run([compiler, "-O2", "-static", "-o", target, text], check=True)
    return target


def median(samples: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(samples)


def p95(samples: Sequence[float]) -> float:
    """All but one in twenty are at most this."""
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * 0.95))]


def spread(samples: Sequence[float]) -> float:
    """(Greatest - smallest) / median."""
    return (max(samples) - min(samples)) / median(samples)
