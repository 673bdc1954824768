"""What the delivery ledger knows of one client alone: all that it was not given together with everybody else."""

from array import array
from collections import Counter
from operator import add
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pvws.server.audience import Audience
    from pvws.server.delivery import Delivery

__all__ = ["Account", "Stretch"]


class Account:
    """What the ledger knows of one client alone: what it was given while it was out of step with the others."""

    __slots__ = ("counts", "faults", "lost", "passed", "passing", "since", "skip", "strays", "topics")

    def __init__(self) -> None:
        self.topics: frozenset[str] = frozenset()
        self.since: array[int] | None = None
        """The reading of its topics when it got into step; None while it is out of step."""
        self.counts: array[int] | None = None
        """How late all else was: how many of it, by the bucket of a histogram, up to the last one that holds some.

        A thousand clients that lag now and then fill hundreds of them each; dicts of those take five times as much.
        """
        self.skip = 0
        """Frames that it has still to get and that are counted already."""
        self.strays: list[Stretch] | None = None
        """What waits in its own queue."""
        self.lost = 0
        self.passed = 0
        """Events that it was given past faults; how late, is not counted."""
        self.passing: tuple[Delivery, int] | None = None
        """How many events that have come past faults wait in its own queue, and whose ledger counts them."""
        self.faults: Counter[str] | None = None
        """What faults did to it, by a word for what."""

    def count(self, bucket: int, number: int) -> None:
        """So many deliveries were as late as a bucket says."""
        if self.counts is None:
            self.counts = array("Q")
        more = bucket + 1 - len(self.counts)
        if more > 0:
            self.counts.frombytes(bytes(more * self.counts.itemsize))
        self.counts[bucket] += number

    def count_all(self, numbers: "array[int]") -> None:
        """So many deliveries were as late as each bucket says, from the first one on."""
        short, long = sorted((self.counts or array("Q"), numbers), key=len)
        self.counts = array("Q", map(add, short, long)) + long[len(short) :]

    def caught_up(self, audience: "Audience", first: int, end: int) -> None:
        """While lagging it was given frames of the log."""
        audience.delivery.caught_up(self, audience, first, end)

    def moved(self, audience: "Audience", first: int, end: int) -> None:
        """What it had not got of an audience waits in its own queue now."""
        if first < end:
            if self.strays is None:
                self.strays = []
            self.strays.append(Stretch(audience, first, end, audience.dues(first, end)))
            audience.delivery.strays(self)

    def drained(self) -> None:
        """Its own queue was written."""
        if self.strays:
            self.strays[0].audience.delivery.drained(self, self.strays)
        if self.passing is not None:
            (ledger, events), self.passing = self.passing, None
            ledger.passed(self, events)

    def passes(self, ledger: "Delivery", events: int) -> None:
        """Events that have come past faults wait in its own queue now."""
        if events:
            self.passing = ledger, events + (0 if self.passing is None else self.passing[1])

    def missed(self, audience: "Audience", first: int, end: int) -> None:
        """It will never get these frames of the log."""
        if first < end:
            audience.delivery.lose(self, Stretch(audience, first, end, []))

    def dropped(self, messages: int | None = None) -> None:
        """The oldest messages of its own queue were dropped, or all of them. Replies among them count as events."""
        while self.strays and messages != 0:
            stray = self.strays[0]
            ledger = stray.audience.delivery
            length = stray.end - stray.first
            gone = length if messages is None else min(length, messages)
            ledger.lose(self, Stretch(stray.audience, stray.first, stray.first + gone, []))
            stray.first += gone
            messages = None if messages is None else messages - gone
            if gone == length:
                self.strays.pop(0)
            if not self.strays:
                ledger.strays_no_more(self)
        if self.passing is not None and messages != 0:
            ledger, waiting = self.passing
            gone = waiting if messages is None else min(waiting, messages)
            ledger.lose_passing(self, gone)
            self.passing = (ledger, waiting - gone) if gone < waiting else None


class Stretch:
    """Frames of an audience's log that a client did not get with the others."""

    __slots__ = ("audience", "dues", "end", "first")

    def __init__(self, audience: "Audience", first: int, end: int, dues: list[tuple[int, int]]) -> None:
        self.audience = audience
        self.first = first
        self.end = end
        self.dues = dues
