"""What is in a recording, counted as its entries go by; and a picture of when there was how much."""

from collections import Counter
from itertools import chain, repeat
from typing import assert_never

from msgspec import Struct, field

from pvws.recording.concern import concern_of, parts_of
from pvws.recording.format import Close, Entry, Gap, Mark, Message, Open, Ping, Pong

__all__ = ["ConnectionSummary", "Histogram", "Summary", "picture"]

_BUCKETS_MAX = 320  # of a histogram, which has at least a fifth as many: as many as a terminal shows
_BUCKET_MICROS = 1_000  # how wide they are at first; each time there would be too many, by one of these factors wider
_WIDER = (2, 5, 2, 5, 2, 5, 2, 5, 3, 2, 2, 5, 3, 2)  # by round figures up to an hour; then each time twice as wide
_SECOND = 1_000_000
_BARS = "▁▂▃▄▅▆▇█"
_NAMED_MAX = 1_000  # marks and gaps that are kept; all of them are counted


class Histogram:
    """How many things happened when: a few numbers, however many come, for its buckets get wider as time goes on."""

    def __init__(self) -> None:
        self.counts: list[int] = []
        """How many in each bucket, the first of which begins at 0."""
        self.width = _BUCKET_MICROS
        """How wide a bucket is, in microseconds."""
        self._wider = chain(_WIDER, repeat(2))

    def add(self, at: int) -> None:
        """One more, at so many microseconds."""
        self.reach(at)
        self.counts[at // self.width] += 1

    def reach(self, at: int) -> None:
        """Have a bucket for that instant."""
        while at // self.width >= _BUCKETS_MAX:
            factor = next(self._wider)
            self.counts = _together(self.counts, factor)
            self.width *= factor
        missing = at // self.width + 1 - len(self.counts)
        if missing > 0:
            self.counts.extend([0] * missing)


class ConnectionSummary(Struct):
    """One connection: when it began and ended, and how. Times are microseconds since t = 0, None where not recorded."""

    opened: int | None = None
    closed: int | None = None
    code: int | None = None
    url: str = ""
    received: int = 0
    sent: int = 0


class Summary(Struct):
    """The counts of a recording. `add` each entry, in the order of time.

    `received` and `sent` are messages, `events` the messages joined in what was received, one by one. `types` and
    `topics` count those. Sizes are bytes of payload. `peak` is the most messages received within any second.
    """

    entries: int = 0
    duration: int = 0
    received: int = 0
    sent: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
    events: int = 0
    joined: int = 0
    fragmented: int = 0
    binary: int = 0
    pings: int = 0
    pongs: int = 0
    peak: int = 0
    longest_silence: int = 0
    silence_from: int = 0
    types: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    connections: dict[int, ConnectionSummary] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    marks_count: int = 0
    gaps: list[Gap] = field(default_factory=list)
    gaps_count: int = 0
    histogram: Histogram = field(default_factory=Histogram)
    _recent: list[int] = field(default_factory=list)
    _oldest: int = 0
    _last: int = 0

    def add(self, entry: Entry) -> None:
        """One more entry."""
        self.entries += 1
        self.duration = entry.t
        self.histogram.reach(entry.t)
        if entry.t - self._last > self.longest_silence:  # also of the one that lasts to the end
            self.longest_silence, self.silence_from = entry.t - self._last, self._last
        match entry:
            case Message(dir="recv"):
                self._received(entry)
            case Message():
                self.sent += 1
                self.sent_bytes += len(entry.data)
                self._connection(entry.conn).sent += 1
                self.asked.update(concern_of(entry.data).types or ("other",))
            case Ping():
                self.pings += 1
            case Pong():
                self.pongs += 1
            case Open():
                connection = self._connection(entry.conn)
                connection.opened, connection.url = entry.t, entry.url
            case Close():
                connection = self._connection(entry.conn)
                if connection.closed is None:  # the first close frame says why, the second answers it
                    connection.closed, connection.code = entry.t, entry.code
            case Mark():
                self.marks_count += 1
                self.marks += [entry] if len(self.marks) < _NAMED_MAX else []
            case Gap():
                self.gaps_count += 1
                self.gaps += [entry] if len(self.gaps) < _NAMED_MAX else []
            case _:
                assert_never(entry)

    def _connection(self, number: int) -> ConnectionSummary:
        return self.connections.setdefault(number, ConnectionSummary())

    def _received(self, message: Message) -> None:
        self.received += 1
        self.received_bytes += len(message.data)
        self._connection(message.conn).received += 1
        self.fragmented += message.fragments is not None
        self.binary += message.opcode == "binary"
        parts = parts_of(message.data)
        self.joined += len(parts) > 1
        self.events += len(parts)
        for part in parts:
            concern = concern_of(part)
            for kind in concern.types or ("other",):
                self.types[kind] += 1
            for topic in concern.topics:
                self.topics[topic] += 1
        self._note_time(message.t)

    def _note_time(self, t: int) -> None:
        self._last = t
        self.histogram.add(t)
        recent = self._recent
        recent.append(t)
        while recent[self._oldest] <= t - _SECOND:
            self._oldest += 1
        self.peak = max(self.peak, len(recent) - self._oldest)
        if self._oldest > 4_096:  # what is older than a second is forgotten, now and then
            del recent[: self._oldest]
            self._oldest = 0


def _together(counts: list[int], by: int) -> list[int]:
    return [sum(counts[place : place + by]) for place in range(0, len(counts), by)]


def picture(counts: list[int], columns: int) -> str:
    """Counts as a row of bars, of at most so many columns; a blank where there is nothing."""
    if not counts:
        return ""
    counts = _together(counts, -(-len(counts) // columns))
    most = max(counts)
    return "".join(" " if not count else _BARS[(count * len(_BARS) - 1) // most] for count in counts)
