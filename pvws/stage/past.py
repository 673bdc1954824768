"""The past of a run: what was made afresh to find out what was true, put away on the way, so that the next one begins
there.

Nothing is put away while a run plays, and nothing on a way that is short: snapshots cost who asks for what is long ago,
and nobody else.
"""

import pickle
import zlib
from bisect import bisect_right, insort
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple

from pvws.limits import SNAPSHOTS_BYTES_MAX, SNAPSHOTS_MAX
from pvws.sim.agenda import Instant
from pvws.sim.source import Obedient, Source

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

    def __init__(self, snapshots: Iterable[_Snapshot] = ()) -> None:
        self._snapshots = list(snapshots)
        self._had_older = False  # which there was no place for
        self._lock = Lock()

    @property
    def snapshots(self) -> tuple[Instant, ...]:
        """The instants of those that are kept."""
        return tuple(each.at for each in self._snapshots)

    def nearest(self, at: Instant) -> tuple[Obedient, int] | None:
        """The source of the last snapshot that is not behind an instant, and how many inputs it knows."""
        with self._lock:
            place = bisect_right(self._snapshots, at, key=lambda each: each.at)
            if not place:
                return None
            snapshot = self._snapshots[place - 1]
        return pickle.loads(zlib.decompress(snapshot.data)), snapshot.known

    def play(self, source: Source, at: Instant, known: int) -> None:
        """Play a source, for which so many inputs are known, up to and including an instant, with snapshots on the
        way.
        """
        events = 0
        while (due := source.peek()) is not None and due <= at:
            boundary = (due // SNAPSHOT_PERIOD_MICROS + 1) * SNAPSHOT_PERIOD_MICROS
            events += len(source.take(min(at, boundary - 1), _SLICE))
            due = source.peek()
            if events >= SNAPSHOT_EVENTS_MIN and boundary <= at and due is not None and due >= boundary:
                events = 0
                if self._wants(boundary):
                    data = zlib.compress(pickle.dumps(source, protocol=5), level=1)
                    self._keep(_Snapshot(boundary, known, data))

    def until(self, at: Instant, known: int) -> "Past":
        """What is left of it when the clock is set back to an instant, with so many inputs before that. Whoever has set
        out from this one goes on with it, and disturbs nobody.
        """
        with self._lock:
            return Past(each for each in self._snapshots if each.at <= at and each.known <= known)

    def _wants(self, at: Instant) -> bool:
        """Whether there is none of an instant, and one would be kept."""
        with self._lock:
            return at not in self.snapshots and not (self._had_older and at < self._snapshots[0].at)

    def _keep(self, snapshot: _Snapshot) -> None:
        with self._lock:
            if snapshot.at in self.snapshots:  # somebody who asked at the same time was quicker
                return
            insort(self._snapshots, snapshot, key=lambda each: each.at)
            while len(self._snapshots) > SNAPSHOTS_MAX or (
                len(self._snapshots) > 1 and sum(len(each.data) for each in self._snapshots) > SNAPSHOTS_BYTES_MAX
            ):
                del self._snapshots[0]
                self._had_older = True
