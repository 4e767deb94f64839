"""How often the server's process looks for cycles among its objects.

Python by itself looks through its youngest objects each time that 700 more were made than went, and through all of them every now and
then. A server with a hall at its door makes so many in a few requests, all of which are alive then: measured, up to two fifths of the
gate's time went into looking at them again and again, and a look at everything stops all threads. Nearly nothing here needs it: what a
request leaves behind goes with its last reference; cycles come from errors with their tracebacks. So what stands at the start is never
looked at again, and the young ones are looked at once there are many.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 50_000, 20, 100
"""So many more objects made than gone until the young ones are looked at, some ten MiB; and every how many times the older ones."""


@contextmanager
def collector_off() -> Iterator[None]:
    """While much is made that all stays: each look at it would be for nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def calm_collector() -> None:
    """To be called once, when everything that lives as long as the process has been made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
