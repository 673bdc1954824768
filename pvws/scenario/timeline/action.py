"""What every step of the timeline does, as far as all have it in common."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple, TypeAlias

from msgspec import Struct

from pvws.scenario.play import TIMELINE, Play
from pvws.scenario.triggers import Act
from pvws.sim.kernel import Kernel

__all__ = ["AT_ONCE_MAX", "Action", "Ends", "Keys", "Mistake", "Series"]

AT_ONCE_MAX = 256
"""Files that a step moves before whoever asked for the next events gets those there are."""

Keys: TypeAlias = tuple[str | int, ...]
"""Where something stands in a step as it is written: keys and places in lists, from the outside in."""


class Mistake(NamedTuple):
    """What is wrong with a step although each of its values is right; without `found` it is what stands there. With
    `of_key` it is the key that is wrong, not its value.
    """

    keys: Keys
    expected: str
    found: str | None = None
    hint: str | None = None
    of_key: bool = False


class Action(Struct, frozen=True):
    """What a step of the timeline does each time it is taken. Each kind is a Struct of its own: what a script says."""

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run. What is given back does it, once a call. `name` is that of the streams of chance."""
        raise NotImplementedError(f"{type(self).__name__} does nothing")

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """What is wrong with it, although each value is right. `keys` are those that the script says."""
        return ()

    def peer_names(self) -> Iterable[tuple[Keys, str]]:
        """Names of peers that there must be, and where each stands; templates name nobody before the run."""
        return ()

    def new_names(self) -> Iterable[tuple[Keys, str]]:
        """Names that it gives to peers, which nobody else may have, and where each stands."""
        return ()

    def behaviour_names(self) -> Iterable[tuple[Keys, str]]:
        """Names of behaviours that there must be, and where each stands."""
        return ()

    def new_peers(self) -> int:
        """How many peers come that there never were, each time."""
        return 0

    def repetitions(self, duration: int) -> int:
        """How many things it does each time, at most, in a run of so many microseconds."""
        return 1


class Ends:
    """Has what lasts for a while undone in time. What is begun again meanwhile lasts anew."""

    __slots__ = ("_at", "_kernel", "_undo")

    def __init__(self, kernel: Kernel, undo: Callable[[Any], None]) -> None:
        self._kernel = kernel
        self._undo = undo
        self._at: dict[Any, int] = {}

    def begin(self, what: Any, micros: int | None) -> None:
        """Something has begun, and is to be undone after so many microseconds; None: never."""
        if micros is None:
            self._at.pop(what, None)
        else:
            self._at[what] = at = self._kernel.now + micros
            self._kernel.after(micros, self._end, (what, at), rank=TIMELINE)

    def _end(self, ending: tuple[Any, int]) -> None:
        what, at = ending
        if self._at.get(what) == at:
            del self._at[what]
            self._undo(what)


class Series:
    """Does something a number of times, evenly over some time, the first time at once.

    `act` gets what was handed over and a number that counts from 0. Of what is due at one instant it does `at_once`
    at a time, so that nobody has to wait for all of it.
    """

    __slots__ = ("_act", "_at_once", "_kernel")

    def __init__(self, kernel: Kernel, act: Callable[[Any, int], None], *, at_once: int | None = None) -> None:
        self._kernel = kernel
        self._act = act
        self._at_once = at_once

    def begin(self, count: int, over: int, what: Any = None) -> None:
        """Begin one, `count` times within `over` microseconds."""
        self._go((self._kernel.now, 0, count, over, what))

    def _go(self, series: tuple[int, int, int, int, Any]) -> None:
        began, number, count, over, what = series
        now = self._kernel.now
        last = count if self._at_once is None else min(count, number + self._at_once)
        while number < last and began + over * number // count <= now:
            self._act(what, number)
            number += 1
        if number < count:
            at = began + over * number // count
            self._kernel.schedule(at, self._go, (began, number, count, over, what), rank=TIMELINE)
