"""Whether a window can be opened here. Qt ends the whole process where it cannot, so it is asked before Qt is."""

from __future__ import annotations

import ctypes
import os
import sys

from app.core.errors import Refusal

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


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
        try:
            ctypes.CDLL("libxcb-cursor.so.0")
        except OSError as error:
            raise Refusal(
                409, "The console's window needs one more package: sudo apt-get install libxcb-cursor0"
            ) from error
