"""The past of a run: what was made afresh to find out what was true, put away on the way, so that the next one begins
there.

Nothing is put away while a run plays, and nothing on a way that is short: snapshots cost who asks for what is long ago,
and nobody else.
"""

import pickle
import zlib
from bisect import bisect_right, insort
from threading import Lock
from typing import Any, NamedTuple

from pvws.limits import SNAPSHOTS_BYTES_MAX, SNAPSHOTS_MAX
from pvws.sim.agenda import Instant

__all__ = ["SNAPSHOT_EVENTS_MIN", "SNAPSHOT_PERIOD_MICROS", "Past"]

SNAPSHOT_PERIOD_MICROS = 60_000_000
"""From one snapshot to the next, of stage time …"""

SNAPSHOT_EVENTS_MIN = 50_000
"""… if so much has happened since then that it costs more than putting it away does."""

_SLICE = 100_000  # what is thrown away at a time


class _Snapshot(NamedTuple):
    """A source when everything before `at` had happened, for which so many inputs were known."""

    at: Instant
    known: int
    data: bytes


class Past:
    """Keeps the last 60 snapshots of one run, or fewer if they are large. Threads may ask at the same time."""

    def __init__(self) -> None:
        self._snapshots: list[_Snapshot] = []
        self._lock = Lock()
        self._cuts = 0

    @property
    def snapshots(self) -> tuple[Instant, ...]:
        """The instants of those that are kept."""
        return tuple(each.at for each in self._snapshots)

    @property
    def cuts(self) -> int:
        """How often it was cut: what set out before does not know what has happened since."""
        return self._cuts

    def nearest(self, at: Instant) -> tuple[Any, int] | None:
        """The source of the last snapshot that is not behind an instant, and how many inputs it knows."""
        with self._lock:
            place = bisect_right(self._snapshots, at, key=lambda each: each.at)
            if not place:
                return None
            snapshot = self._snapshots[place - 1]
        return pickle.loads(zlib.decompress(snapshot.data)), snapshot.known

    def play(self, source: Any, at: Instant, known: int, cuts: int) -> None:
        """Play a source, for which so many inputs are known, up to and including an instant, with snapshots on the way.
        It set out when there had been so many `cuts`.
        """
        events = 0
        while (due := source.peek()) is not None and due <= at:
            boundary = (due // SNAPSHOT_PERIOD_MICROS + 1) * SNAPSHOT_PERIOD_MICROS
            events += len(source.take(min(at, boundary - 1), _SLICE))
            due = source.peek()
            if events >= SNAPSHOT_EVENTS_MIN and boundary <= at and due is not None and due >= boundary:
                self._keep(_Snapshot(boundary, known, zlib.compress(pickle.dumps(source, protocol=5), level=1)), cuts)
                events = 0

    def cut(self, until: Instant, known: int) -> None:
        """The clock was set back to an instant, with so many inputs before it: what was later has not happened."""
        with self._lock:
            self._cuts += 1
            self._snapshots = [each for each in self._snapshots if each.at <= until and each.known <= known]

    def _keep(self, snapshot: _Snapshot, cuts: int) -> None:
        with self._lock:
            if cuts != self._cuts or snapshot.at in self.snapshots:
                return
            insort(self._snapshots, snapshot, key=lambda each: each.at)
            while len(self._snapshots) > SNAPSHOTS_MAX or (
                len(self._snapshots) > 1 and sum(len(each.data) for each in self._snapshots) > SNAPSHOTS_BYTES_MAX
            ):
                del self._snapshots[0]
