"""The event loops that the server runs on: uvloop's, where it is installed, and asyncio's."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

_T = TypeVar("_T")
Loop = Callable[[], asyncio.AbstractEventLoop]

FACTORIES: dict[str, Loop] = {"asyncio": asyncio.new_event_loop}
"""By name."""
try:
    import uvloop
except ImportError:
    pass
else:
    FACTORIES["uvloop"] = uvloop.new_event_loop

on_each_loop = pytest.mark.parametrize("loop", FACTORIES.values(), ids=FACTORIES.keys())
"""Runs a test, which takes `loop` and gives it to `run`, once on each."""


def run(loop: Loop, story: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine to its end on a loop."""
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(story)
