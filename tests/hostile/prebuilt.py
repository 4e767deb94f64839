"""Compiles the hostile cases in C on this machine, for a guest whose emulated processor makes compilers too slow, and takes this
machine's measure, so that the guest can tell how much slower it is.

PYTHONPATH=tests python -m hostile.prebuilt FOLDER
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hostile.arena import PREBUILT_CANARIES
from hostile.catalogue import read_cases

COMPILER = ("gcc", "-std=gnu17", "-O2", "-static", "-w", "-pthread", "-x", "c", "-")

MEASURE = "measure"
# What the slow cases do: pages that are touched, pipes that are filled, processes that are born.
YARDSTICK = r"""
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
    static char block[1 << 16];
    int ends[2];
    if (pipe(ends)) return 1;
    for (int i = 0; i < 400; i++) if (write(ends[1], block, 1 << 15) < 0 || read(ends[0], block, sizeof block) < 0) return 1;
    for (int i = 0; i < 8; i++) { char *m = malloc(4 << 20); memset(m, 1, 4 << 20); __asm__ volatile("" :: "r"(m) : "memory"); free(m); }
    for (int i = 0; i < 40; i++) { if (fork() == 0) _exit(0); wait(NULL); }
    return 0;
}
"""
_TIMES = 7
_MOST = 40


def measured(program: Path) -> float:
    """CPU seconds of the yardstick here, the smallest of some runs."""
    found = []
    for _ in range(_TIMES):
        child = os.posix_spawn(program, [str(program)], {})
        _, status, used = os.wait4(child, 0)
        assert status == 0, status
        found.append(used.ru_utime + used.ru_stime)
    return min(found)


def slowness(folder: Path) -> float:
    """How many times slower this machine is than the one that filled the folder: 1 to 40."""
    there = float((folder / MEASURE).read_text())
    return min(_MOST, max(1.0, measured(folder / "yardstick") / there))


def build(folder: Path) -> int:
    """One static program a case, named by the case's id; gives how many."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = [case for case in read_cases() if case.extension == "c"]
    for case in cases:
        text = case.source(PREBUILT_CANARIES).encode()
        subprocess.run([*COMPILER, "-o", folder / case.id], input=text, check=True)
    subprocess.run([*COMPILER, "-o", folder / "yardstick"], input=YARDSTICK.encode(), check=True)
    (folder / MEASURE).write_text(str(measured(folder / "yardstick")))
    return len(cases)


if __name__ == "__main__":
    print(build(Path(sys.argv[1])), "programs")
