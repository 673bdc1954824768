"""The event loops that the server runs on: uvloop's, where it is installed, and asyncio's.

Their time stands still while the process has no turn. Tests shorten the contract's times to some milliseconds; where a
busy machine gives a test no turn for a second, all of these would be over at once, and who would have answered within
one had no chance to. So what has come in the meantime is heard before any timer says that it did not.
"""

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVar

import pytest

_T = TypeVar("_T")
Loop = Callable[[], asyncio.AbstractEventLoop]

_STEP_S = 0.01
"""What goes by at most between two looks at the clock, beside the waiting that was meant: more was no turn of ours."""


class _Turns:
    """A clock, in seconds, that leaves out when the process had no turn."""

    def __init__(self) -> None:
        self._seen = time.monotonic()
        self._lost = 0.0

    def now(self, meant: float = 0.0) -> float:
        """The time, where so many seconds of waiting were meant since the last look."""
        real = time.monotonic()
        self._lost += max(0.0, real - self._seen - meant - _STEP_S)
        self._seen = real
        return real - self._lost


class _Selector(selectors.DefaultSelector):
    """It tells a clock how long it was to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = _Turns()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.turns.now()
        ready = super().select(timeout)
        self.turns.now(float("inf") if timeout is None else max(0.0, timeout))
        return ready


class PatientLoop(asyncio.SelectorEventLoop):
    """asyncio's loop, whose time goes by with its turns."""

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.turns.now()


FACTORIES: dict[str, Loop] = {"asyncio": PatientLoop}
"""By name."""
try:
    import uvloop
except ImportError:
    pass
else:

    class PatientUvloop(uvloop.Loop):
        """uvloop's, whose time goes by with its turns: a timer of its own that is early by that is set once more."""

        def __init__(self) -> None:
            super().__init__()
            self._turns = _Turns()
            self._tick()

        def time(self) -> float:
            return self._turns.now(_STEP_S)

        def call_later(
            self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
        ) -> asyncio.TimerHandle:
            return self.call_at(self.time() + delay, callback, *args, context=context)

        def call_at(
            self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
        ) -> asyncio.TimerHandle:
            timer = asyncio.TimerHandle(when, callback, args, self, context)
            super().call_later(max(0.0, when - self.time()), self._look, timer)
            return timer

        def _look(self, timer: asyncio.TimerHandle) -> None:
            if timer.cancelled():
                return
            left = timer.when() - self.time()
            if left > 0:
                super().call_later(left, self._look, timer)
            else:
                timer._run()

        def _timer_handle_cancelled(self, timer: asyncio.TimerHandle) -> None:
            """Nothing to be done: it is seen when it would be due."""

        def _tick(self) -> None:
            self.time()
            super().call_later(_STEP_S, self._tick)  # nobody tells how long it has waited, so it never waits for long

    FACTORIES["uvloop"] = PatientUvloop

on_each_loop = pytest.mark.parametrize("loop", FACTORIES.values(), ids=FACTORIES.keys())
"""Runs a test, which takes `loop` and gives it to `run`, once on each."""


def run(loop: Loop, story: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine to its end on a loop."""
    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(story)
