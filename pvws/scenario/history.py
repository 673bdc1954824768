"""What was true at an earlier instant: rebuilt from the seed and the inputs, never from events that were stored."""

import pickle
import zlib
from bisect import bisect_right
from collections.abc import Callable

from pvws.limits import SNAPSHOTS_BYTES_MAX, SNAPSHOTS_MAX
from pvws.scenario.director import Director
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Input, Order, Timed
from pvws.world.truth import Truth, truth

__all__ = ["SNAPSHOT_PERIOD_MICROS", "History"]

SNAPSHOT_PERIOD_MICROS = 60_000_000
"""From one snapshot to the next, of stage time."""

_SLICE_EVENTS_MAX = 100_000  # while rebuilding: what is thrown away at a time


class _Snapshot:
    """A run when everything before `at` had happened, and how many inputs it had been told by then."""

    __slots__ = ("at", "data", "inputs")

    def __init__(self, at: Instant, data: bytes, inputs: int) -> None:
        self.at = at
        self.data = data
        self.inputs = inputs


class History:
    """A `Source` that plays what `make` makes, and remembers how to find out what was true.

    A snapshot each minute of stage time, of which the last 60 are kept, or fewer if they are large, shortens the
    way; what is older is played from the start again, and costs no more than time.
    """

    def __init__(self, make: Callable[[], Director]) -> None:
        self._make = make
        self._director = make()
        self._snapshots: list[_Snapshot] = []
        self._inputs: list[Input] = []
        first = self._director.peek()
        self._next = (self._director.play.start if first is None else first) + SNAPSHOT_PERIOD_MICROS

    @property
    def director(self) -> Director:
        """The run that is being played."""
        return self._director

    @property
    def snapshots(self) -> list[Instant]:
        """The instants of the snapshots that are kept."""
        return [snapshot.at for snapshot in self._snapshots]

    def peek(self) -> Instant | None:
        """When the next thing happens."""
        return self._director.peek()

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """What happens up to and including an instant; see `Source`. It stops where a snapshot is due."""
        at = self._director.peek()
        if at is not None and at >= self._next and (until is None or at <= until):
            self._keep(at)
        last = self._next - 1 if until is None else min(until, self._next - 1)
        return self._director.take(last, limit)

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """A client has done something."""
        told = self._director.tell(deed)
        if told is not None:
            self._inputs.append(told)
        return told

    def order(self, order: Order) -> Order | None:
        """A controller has done something; see `Director`."""
        obeyed = self._director.order(order)
        if obeyed is not None:
            self._inputs.append(obeyed)
        return obeyed

    def oracle(self, at: Instant | None = None) -> Truth:
        """What is true now, or was at an instant, when everything up to and including it had happened."""
        now, due = self._director.play.kernel.now, self._director.peek()
        if at is None or at > now or (at == now and due != now):
            return truth(self._director.play.world)
        director = self._rebuilt(at)
        while (due := director.peek()) is not None and due <= at:
            director.take(at, _SLICE_EVENTS_MAX)
        director.pass_until(at)
        return truth(director.play.world)

    def _rebuilt(self, at: Instant) -> Director:
        """A run that has not come to the instant yet, and has been told of all that clients did."""
        place = bisect_right(self._snapshots, at, key=lambda snapshot: snapshot.at)
        if place:
            snapshot = self._snapshots[place - 1]
            director: Director = pickle.loads(zlib.decompress(snapshot.data))
            told = snapshot.inputs
        else:
            director, told = self._make(), 0
        for each in self._inputs[told:]:
            if isinstance(each, Order):
                director.order(each)
            elif isinstance(each, ClientInput):
                director.tell(each)
        return director

    def _keep(self, at: Instant) -> None:
        data = zlib.compress(pickle.dumps(self._director, protocol=5), level=1)
        self._snapshots.append(_Snapshot(at, data, len(self._inputs)))
        self._next = at + SNAPSHOT_PERIOD_MICROS - (at - self._next) % SNAPSHOT_PERIOD_MICROS
        while len(self._snapshots) > SNAPSHOTS_MAX or (
            len(self._snapshots) > 1 and sum(len(each.data) for each in self._snapshots) > SNAPSHOTS_BYTES_MAX
        ):
            del self._snapshots[0]
