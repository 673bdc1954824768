"""Which event loop the server runs on."""

import asyncio
import os
from collections.abc import Callable

__all__ = ["loop_factory"]


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's loop where it is installed, asyncio's otherwise, or where PVWS_EVENT_LOOP says `asyncio`."""
    if os.environ.get("PVWS_EVENT_LOOP") == "asyncio":
        return None
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
