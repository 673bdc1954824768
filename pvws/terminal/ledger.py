"""What was seen, in figures: the summary on leaving. A pure fold; every moment is an argument."""

from collections import Counter
from datetime import tzinfo

from msgspec import Struct

from pvws.terminal.clock import time_of_day
from pvws.terminal.head import Head
from pvws.terminal.lateness import Lateness
from pvws.timestamp import Timestamp
from pvws.units import duration_text
from pvws.wire.events import EVENT_TYPES
from pvws.wire.messages import ErrorMessage, Event, Pong, ServerMessage
from pvws.wire.topics import TOPICS, Topic

__all__ = ["Ledger", "Missed"]

_TOPIC_OF = {name: payload.topic for name, payload in EVENT_TYPES.items()}
_ESTIMATE_S_MIN = 1.0  # of connection, before a rate says what was probably missed


class Missed(Struct, frozen=True):
    """A time without a connection: `seconds` of it, and about how many messages came in as long a time before.

    `last` is when the last message before it was sent, in microseconds of the server's clock.
    """

    seconds: float
    estimate: int | None
    last: int | None

    def told(self, first: int | None, zone: tzinfo | None) -> str:
        """What was missed, in words. `first` is when the first message after it was sent."""
        about = "" if not self.estimate else f", about {_counted(self.estimate, 'message')}"
        missed = f"missed what was sent in {_tenths(self.seconds)}{about}"
        if self.last is None or first is None:
            return missed
        if first < self.last:
            return f"{missed}; the server's clock was set back, to {time_of_day(first, zone)}: it may have begun anew"
        return f"{missed}; by the server's clock between {time_of_day(self.last, zone)} and {time_of_day(first, zone)}"


class Ledger:
    """Counts messages by type, unreadable ones, errors by code, and connections. Moments are in seconds.

    Its memory doesn't grow with what comes: only the contract's own names are counted apart.
    """

    def __init__(self) -> None:
        self.types: Counter[str] = Counter()
        """Events by type, pongs under `pong`, errors under `error`."""
        self.errors: Counter[str] = Counter()
        """Errors from the server by code, where the whole message was decoded."""
        self.unreadable = 0
        self.shown: int | None = None
        """Messages that were selected, where not all are."""
        self.connections = 0
        self.gaps = 0
        """Connections lost: after each of them something may be missing."""
        self.gap_s = 0.0
        """How long those lasted that are over, in all."""
        self.began_at: float | None = None
        """When the first connection was made."""
        self.last_at: float | None = None
        """When the last message came."""
        self.lateness = Lateness()
        self.last_sent: int | None = None
        """When the last message that says so was sent, in microseconds of the server's clock."""
        self._stamp = ""
        self._lost_at: float | None = None

    @property
    def total(self) -> int:
        """All messages, unreadable ones too."""
        return self.types.total() + self.unreadable

    def topic(self, topic: Topic) -> int:
        """Events of a topic."""
        return sum(self.types[name] for name, payload in EVENT_TYPES.items() if payload.topic is topic)

    def topics(self) -> dict[Topic, int]:
        """Events of every topic."""
        counts = dict.fromkeys(TOPICS, 0)
        for name, count in self.types.items():
            if name in _TOPIC_OF:
                counts[_TOPIC_OF[name]] += count
        return counts

    def connected(self, at: float, silent_since: float | None = None) -> Missed | None:
        """A connection was made; what lies behind, if there was one before.

        That was lost when it was noticed, or before: when it gave its last sign of life, if that is known.
        """
        self.connections += 1
        if self.began_at is None:
            self.began_at = at
        if self._lost_at is None:
            return None
        lost_at = self._lost_at if silent_since is None else min(self._lost_at, silent_since)
        seconds = max(0.0, at - lost_at)
        connected_s = lost_at - self.began_at - self.gap_s
        estimate = round(self.total / connected_s * seconds) if connected_s >= _ESTIMATE_S_MIN else None
        self.gap_s += seconds
        self._lost_at = None
        self.lateness.begin_anew()
        return Missed(seconds, estimate, self.last_sent)

    def disconnected(self, at: float) -> None:
        """A connection was lost."""
        self.gaps += 1
        self._lost_at = at

    def saw(self, message: ServerMessage | None, at: float) -> None:
        """A message came; None is one that can't be read."""
        match message:
            case None:
                self.unreadable += 1
            case Event():
                self.types[message.data.type] += 1
            case Pong():
                self.types["pong"] += 1
            case ErrorMessage():
                self.types["error"] += 1
                self.errors[message.code] += 1
        if message is not None:
            self._sent(message.timestamp.micros, at)
        self.last_at = at

    def saw_head(self, head: Head | None, at: float) -> None:
        """A message came of which nobody needs more than the envelope: a tenth of the cost of decoding it."""
        kind = "" if head is None else head.type
        if kind in _TOPIC_OF or kind in ("pong", "error"):
            self.types[kind] += 1
        else:
            self.unreadable += 1
        if head is not None and (stamp := head.timestamp) is not None:
            if stamp != self._stamp:  # at 20,000 a second, twenty share one
                self._stamp = stamp
                try:
                    self.last_sent = Timestamp.parse(stamp).micros
                except ValueError:
                    self.last_sent = None
            if self.last_sent is not None:
                self.lateness.saw(self.last_sent, at)
        self.last_at = at

    def _sent(self, micros: int, at: float) -> None:
        self.last_sent = micros
        self._stamp = ""
        self.lateness.saw(micros, at)

    def without_s(self, at: float) -> float:
        """Seconds without a connection up to a moment, in all: the gaps that are over, and the one that lasts."""
        return self.gap_s + (max(0.0, at - self._lost_at) if self._lost_at is not None else 0.0)

    def summary(self, at: float) -> list[str]:
        """The lines to leave with at this moment: total, rate and gaps, then a line a topic, in columns; lateness."""
        elapsed = 0.0 if self.began_at is None else max(0.0, at - self.began_at)
        tenths = round(elapsed * 10)
        head = f"{_counted(self.total, 'message')} in {duration_text(tenths * 100_000)}"
        if tenths:
            head += f" ({self.total / elapsed:,.1f}/s)"
        if self.shown is not None:
            head += f", {self.shown:,} of them selected"
        if self.gaps:
            head += f", {_counted(self.gaps, 'gap')} ({_tenths(self.without_s(at))} without a connection)"
        if self.connections > 1:
            head += f", {_counted(self.connections - 1, 'reconnect')}"
        rows = [row for row in self._rows() if row[1]]
        width = max((len(f"{count:,}") for _, count, _ in rows), default=0)
        lines = [head, *(f"  {name:<15}  {count:>{width},}  {parts}".rstrip() for name, count, parts in rows)]
        return [*lines, *self._late()]

    def _rows(self) -> list[tuple[str, int, str]]:
        rows = []
        for topic in TOPICS:
            names = [name for name, payload in EVENT_TYPES.items() if payload.topic is topic and self.types[name]]
            rows.append((topic.value, self.topic(topic), ", ".join(f"{name} {self.types[name]:,}" for name in names)))
        codes = ", ".join(f"{code} {count:,}" for code, count in sorted(self.errors.items()))
        pongs, errors = self.types["pong"], self.types["error"]
        return [*rows, ("pongs", pongs, ""), ("errors", errors, codes), ("unreadable", self.unreadable, "")]

    def _late(self) -> list[str]:
        """How late messages were; nothing where there is nothing to compare."""
        late = self.lateness.quantiles((0.5, 0.99))
        if not late:
            speed = self.lateness.speed
            if speed is None:
                return []
            doubt = ", or messages came ever later" if speed < 1 else ""
            return [f"  the server's clock goes at {speed:.3g} times the speed of ours{doubt}"]
        if self.total < 2:
            return []
        half, most, worst = (_milliseconds(seconds) for seconds in late)
        return [f"  late by          {half} (median), {most} (99%), {worst} (worst)"]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _tenths(seconds: float) -> str:
    return duration_text(round(seconds * 10) * 100_000)


def _milliseconds(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return _tenths(seconds)
