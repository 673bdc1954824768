"""What is handed over between a stage and whoever has it in hand: what is to play, and what came of an order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from pvws.errors import PvwsError
from pvws.sim.agenda import Instant
from pvws.sim.source import Cue, Input, Order, Source, Timed

__all__ = ["Obeyed", "Plays", "RefusedError", "Remake"]

Remake: TypeAlias = Callable[[Sequence[Input]], Source]
"""Makes a source afresh, for which these deeds of clients and controllers are already known."""


class RefusedError(PvwsError):
    """A stage can't do what a controller asks for."""


class Obeyed(Struct, frozen=True):
    """What a controller has done: the `order` with the instant at which it takes effect, and what was `given` out then.

    Nothing was, while the clock has not begun to run.
    """

    order: Order
    given: tuple[Timed | Cue, ...] = ()


class Plays(Struct, frozen=True):
    """How something is to play: from `start` on, and until `end` be there nothing left to happen. `what` says what it
    is, for a journal.
    """

    start: Instant
    end: Instant | None = None
    speed: float | None = 1.0
    remake: Remake | None = None
    what: Mapping[str, Any] | None = None
