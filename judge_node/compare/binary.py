"""Where the built default output validator is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.core.errors import Fault

NAME = "contestbox-compare"


def compare_binary() -> Path:
    """The program's path: in CONTESTBOX_LIBEXEC where that is set, else below this Python's prefix.

    Fault("toolchain") with the command that builds it where it is missing.
    """
    folder = os.environ.get("CONTESTBOX_LIBEXEC")
    path = (Path(folder) if folder else Path(sys.prefix) / "libexec" / "contestbox") / NAME
    if not os.access(path, os.X_OK):
        raise Fault(
            "toolchain",
            f"The program {NAME} is not at {path.parent}; build it with: sh installers/core.sh {sys.prefix}",
        )
    return path
