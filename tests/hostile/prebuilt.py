"""Compiles the hostile cases in C on this machine, for a guest whose emulated processor makes compilers too slow.

PYTHONPATH=tests python -m hostile.prebuilt FOLDER
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hostile.arena import PREBUILT_CANARIES
from hostile.catalogue import read_cases

COMPILER = ("gcc", "-std=gnu17", "-O2", "-static", "-w", "-pthread", "-x", "c", "-")


def build(folder: Path) -> int:
    """One static program a case, named by the case's id; gives how many."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = [case for case in read_cases() if case.extension == "c"]
    for case in cases:
        text = case.source(PREBUILT_CANARIES).encode()
        subprocess.run([*COMPILER, "-o", folder / case.id], input=text, check=True)
    return len(cases)


if __name__ == "__main__":
    print(build(Path(sys.argv[1])), "programs")
