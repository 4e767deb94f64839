"""Whether a window can be opened here. Qt ends the whole process where it cannot, so it is asked before Qt is."""

from __future__ import annotations

import ctypes
import os
import sys

from app.core.errors import Refusal

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")
# What Qt's window on X needs and a bare Debian lacks, with the package that has it.
_WINDOW_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def has_screen() -> bool:
    """Whether there is a screen to open a window on."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in _SCREENS)


def check_screen() -> None:
    """Refusal with what to do where the console's window could not be opened."""
    if os.environ.get("QT_QPA_PLATFORM"):
        return  # chosen on purpose, like the tests' «offscreen»
    if not has_screen():
        raise Refusal(
            409,
            "There is no screen here for the console's window: run it in a desktop session, or use "
            "«contestbox serve» and the jury's web pages.",
        )
    if os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY") and sys.platform == "linux":
        missing = [package for library, package in _WINDOW_LIBRARIES.items() if not _is_here(library)]
        if missing:
            raise Refusal(409, f"The console's window needs more packages: sudo apt-get install {' '.join(missing)}")


def _is_here(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
