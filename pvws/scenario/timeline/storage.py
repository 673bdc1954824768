"""Steps about how full the network is: fill, drain."""

from typing import Annotated

from msgspec import Meta

from pvws.notation.quantities import Duration, Percentage
from pvws.scenario.observations import Observations
from pvws.scenario.play import TIMELINE, Play
from pvws.scenario.timeline.action import AT_ONCE_MAX, Action
from pvws.scenario.triggers import Act

__all__ = ["Drain", "Fill"]

_TICK = 250_000  # microseconds between two looks at what is missing: often enough to look like a rush of files
_FILES = 2_000  # that make up a fill, if they fit: so many that copies of them don't take long
_FILE_BYTES = 16 * 1_048_576  # with all its copies: a file that small is not made smaller for that reason
_OVER = 10_000_000


class Fill(Action, frozen=True):
    """Uploads bring the use of storage up to a share of what there is, evenly `over` some time.

    What copies on their way will take counts as taken: the share is reached when they have arrived, and not exceeded.
    """

    to: Annotated[Percentage, Meta(description="The share of all connected peers' storage that is to be used.")]
    over: Annotated[Duration, Meta(description="How long it takes.")] = _OVER

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Filling(self, name, play).take


class _Filling:
    __slots__ = ("_action", "_keys", "_places", "_play", "_ticks")

    def __init__(self, action: Fill, name: str, play: Play) -> None:
        self._action = action
        self._play = play
        self._keys = play.chance.keys(name)
        self._places = play.chance.stream(f"places of {name}")
        self._ticks = max(1, action.over // _TICK)

    def take(self, _: Observations) -> None:
        store = self._play.world.store
        begun = (store.used_space + store.reserved_space) / store.total_space if store.total_space else 0.0
        self._tick((begun, 1))

    def _tick(self, state: tuple[float, int]) -> None:
        """Upload as much as is missing now, given the share at the beginning and the number of this tick."""
        begun, number = state
        total, kernel = self._play.world.store.total_space, self._play.kernel
        goal = int((begun + (self._action.to - begun) * number / self._ticks) * total)
        usual = max(_FILE_BYTES, int((self._action.to - begun) * total) // _FILES)
        for _ in range(AT_ONCE_MAX):
            if not self._upload(goal, usual):
                break
        else:
            kernel.after(0, self._tick, state, rank=TIMELINE)
            return
        if number < self._ticks:
            kernel.after(_TICK, self._tick, (begun, number + 1), rank=TIMELINE)

    def _upload(self, goal: int, usual: int) -> bool:
        """Upload a file of what is missing, if anything is; whether one was stored."""
        store = self._play.world.store
        peers, taken = len(store.connected), store.used_space + store.reserved_space
        if not peers or taken >= goal:
            return False
        copies = min(store.replication, peers)
        # At most half the mean room: one peer surely has it, and most often enough have it for all copies.
        size = min((goal - taken) // copies, usual // copies, (store.total_space - taken) // (2 * peers))
        return size > 0 and store.upload(self._keys.next(), size, self._places) is not None


class Drain(Action, frozen=True):
    """Random files are deleted until the use of storage has come down to a share, evenly `over` some time."""

    to: Annotated[Percentage, Meta(description="The share of all connected peers' storage that may stay in use.")]
    over: Annotated[Duration, Meta(description="How long it takes.")] = _OVER

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Draining(self, name, play).take


class _Draining:
    __slots__ = ("_action", "_chance", "_play", "_ticks")

    def __init__(self, action: Drain, name: str, play: Play) -> None:
        self._action = action
        self._play = play
        self._chance = play.chance.stream(name)
        self._ticks = max(1, action.over // _TICK)

    def take(self, _: Observations) -> None:
        store = self._play.world.store
        if store.total_space:
            self._tick((store.used_space / store.total_space, 1))

    def _tick(self, state: tuple[float, int]) -> None:
        """Delete what is too much now, given the share at the beginning and the number of this tick."""
        begun, number = state
        store, kernel = self._play.world.store, self._play.kernel
        share = begun + (self._action.to - begun) * number / self._ticks
        goal = int(max(share, self._action.to) * store.total_space)
        for _ in range(AT_ONCE_MAX):
            if store.used_space <= goal or not store.available:
                break
            store.delete(self._chance.choice(store.available))
        else:
            kernel.after(0, self._tick, state, rank=TIMELINE)
            return
        if number < self._ticks:
            kernel.after(_TICK, self._tick, (begun, number + 1), rank=TIMELINE)
