"""How a person calls our commands again: a name that the shell finds, else the whole path, so that a line can be copied as it stands."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def called(*words: str | Path, program: str = "contestbox") -> str:
    """The command with these words, quoted for a shell. Commands lie beside the interpreter that runs this, in `.venv/bin` as a rule."""
    beside = Path(sys.executable).with_name(program)
    found = shutil.which(program)
    if beside.exists() and (found is None or not beside.samefile(found)):
        program = str(beside)
    return shlex.join([program, *map(str, words)])
