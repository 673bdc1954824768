"""What a run has given out, in figures: the summary on leaving. Every moment is an argument."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter

from pvws.sim.agenda import Instant
from pvws.sim.source import Timed
from pvws.terminal.printable import shown
from pvws.units import duration_text
from pvws.wire.events import EVENT_TYPES

__all__ = ["OTHERS", "Tally", "moment"]

OTHERS = "other messages"
"""Stands for the types that are none of the contract's, once there are too many of them to count apart."""

_TYPES_MAX = 1_000  # a script can make up as many as it likes
_MARKS_SHOWN_MAX = 8
_ALERTS_SHOWN_MAX = 8

_type = attrgetter("type")


def moment(after: Instant) -> str:
    """A time after the start for people, to the millisecond."""
    return duration_text(after // 1_000 * 1_000)


class Tally:
    """Counts events by type, notes marks, and takes the digest of what is written."""

    def __init__(self) -> None:
        self.types: Counter[str] = Counter()
        self.total = 0
        self.last_mark: str | None = None
        self._marks: list[str] = []
        self._marks_more = 0
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The digest of everything written so far, in hexadecimal digits."""
        return self._digest.hexdigest()

    def saw(self, events: Sequence[Timed]) -> None:
        """Events were given out."""
        self.total += len(events)
        self.types.update(map(_type, events))
        if len(self.types) > _TYPES_MAX:
            self._fold()

    def wrote(self, lines: bytes) -> None:
        """Lines were handed to whoever writes them, which puts an end of line behind them."""
        self._digest.update(lines)
        self._digest.update(b"\n")

    def marked(self, name: str, after: Instant) -> None:
        """The script has set a mark, so many microseconds after its start."""
        self.last_mark = shown(name, wide=False)
        if len(self._marks) < _MARKS_SHOWN_MAX:
            self._marks.append(f"{self.last_mark} at {moment(after)}")
        else:
            self._marks_more += 1

    def summary(self, name: str, played: Instant, real_s: float, alerts: Sequence[str] = ()) -> list[str]:
        """The lines to leave with: totals first, then a line a type, marks, and what still alarms.

        `name` is that of the scenario, `played` its stage time in microseconds, `real_s` how many seconds that took.
        """
        head = f"{name}: {_counted(self.total, 'event')} in {moment(played)}"
        if real_s > 0:
            micros = round(real_s * 1000) * 1000 if real_s < 1 else round(real_s * 100) * 10_000
            head += f", played in {duration_text(max(1_000, micros))} ({self.total / real_s:,.0f} events/s)"
        return [
            head,
            *self._rows(),
            *_listed("marks", self._marks, self._marks_more),
            *_listed("alerts still open", list(alerts[:_ALERTS_SHOWN_MAX]), len(alerts) - _ALERTS_SHOWN_MAX),
        ]

    def _rows(self) -> list[str]:
        names = sorted(self.types)
        rows = [(shown(name, wide=False) or '""', self.types[name]) for name in names]
        left = max((len(name) for name, _ in rows), default=0)
        right = max((len(f"{count:,}") for _, count in rows), default=0)
        return [f"  {name:<{left}}  {count:>{right},}" for name, count in rows]

    def _fold(self) -> None:
        others = [name for name in self.types if name not in EVENT_TYPES and name != OTHERS]
        self.types[OTHERS] += sum(self.types.pop(name) for name in others)


def _listed(what: str, texts: list[str], more: int) -> list[str]:
    if not texts:
        return []
    rest = f", and {more:,} more" if more > 0 else ""
    return [f"  {what}: {', '.join(texts)}{rest}"]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
