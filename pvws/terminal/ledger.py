"""What was seen, in figures: the summary on leaving. A pure fold; every moment is an argument."""

from collections import Counter

import msgspec
from msgspec import Struct

from pvws.units import duration_text
from pvws.wire.events import EVENT_TYPES
from pvws.wire.messages import ErrorMessage, Event, Pong, ServerMessage
from pvws.wire.topics import TOPICS, Topic

__all__ = ["Ledger"]


class _Head(Struct, gc=False):
    type: str


_decode_head = msgspec.json.Decoder(_Head).decode


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
        self.connections = 0
        self.gaps = 0
        """Connections lost: after each of them something may be missing."""
        self.began_at: float | None = None
        """When the first connection was made."""
        self.first_at: float | None = None
        self.last_at: float | None = None

    @property
    def total(self) -> int:
        """All messages, unreadable ones too."""
        return self.types.total() + self.unreadable

    def topic(self, topic: Topic) -> int:
        """Events of a topic."""
        return sum(self.types[name] for name, payload in EVENT_TYPES.items() if payload.topic is topic)

    def connected(self, at: float) -> None:
        """A connection was made."""
        self.connections += 1
        if self.began_at is None:
            self.began_at = at

    def disconnected(self) -> None:
        """A connection was lost."""
        self.gaps += 1

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
        self._moment(at)

    def saw_text(self, text: str, at: float) -> None:
        """A message came of which nobody needs more than the type: a tenth of the cost of decoding it."""
        try:
            kind = _decode_head(text).type
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            kind = ""
        if kind in EVENT_TYPES or kind in ("pong", "error"):
            self.types[kind] += 1
        else:
            self.unreadable += 1
        self._moment(at)

    def _moment(self, at: float) -> None:
        if self.first_at is None:
            self.first_at = at
        self.last_at = at

    def summary(self, at: float) -> list[str]:
        """The lines to leave with at this moment: total, rate and gaps, then a line a topic, in columns."""
        elapsed = 0.0 if self.began_at is None else max(0.0, at - self.began_at)
        tenths = round(elapsed * 10)
        head = f"{_counted(self.total, 'message')} in {duration_text(tenths * 100_000)}"
        if tenths:
            head += f" ({self.total / elapsed:,.1f}/s)"
        if self.gaps:
            head += f", {_counted(self.gaps, 'gap')} (the connection was lost)"
        rows = [row for row in self._rows() if row[1]]
        width = max((len(f"{count:,}") for _, count, _ in rows), default=0)
        return [head, *(f"  {name:<15}  {count:>{width},}  {parts}".rstrip() for name, count, parts in rows)]

    def _rows(self) -> list[tuple[str, int, str]]:
        rows = []
        for topic in TOPICS:
            names = [name for name, payload in EVENT_TYPES.items() if payload.topic is topic and self.types[name]]
            rows.append((topic.value, self.topic(topic), ", ".join(f"{name} {self.types[name]:,}" for name in names)))
        codes = ", ".join(f"{code} {count:,}" for code, count in sorted(self.errors.items()))
        pongs, errors = self.types["pong"], self.types["error"]
        return [*rows, ("pongs", pongs, ""), ("errors", errors, codes), ("unreadable", self.unreadable, "")]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
