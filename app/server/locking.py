"""A file lock that the system lets go of when its holder dies, however it dies; the same on Linux, macOS and Windows."""

from __future__ import annotations

import sys
from typing import IO

if sys.platform == "win32":
    import msvcrt

    # Windows locks ranges, and a locked one cannot be read by others: so one far behind the text is taken.
    _FAR = 1 << 30

    def try_lock(file: IO[str]) -> bool:
        """Takes the lock for as long as the file is open; False where another process has it."""
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(0)
        return True
else:
    import fcntl

    def try_lock(file: IO[str]) -> bool:
        """Takes the lock for as long as the file is open; False where another process has it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
