"""Which event loop the gate runs in."""

from __future__ import annotations

import asyncio
import importlib


def new_loop() -> asyncio.AbstractEventLoop:
    """A new loop, not yet running: uvloop's, which costs less for each request, or Python's own where uvloop isn't installed (Windows)."""
    try:
        uvloop = importlib.import_module("uvloop")
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop
