"""The delivery ledger: for each event when it was due, encoded and written, and to how many; and how late all were.

It costs a few additions an event and nothing an event and client. Everybody who keeps up is given an event in the same
flush, so its lateness is counted once, in the histogram of its topic; what one client was given is the difference of
two readings of those. Only a client that lags is accounted for by itself, a turn at a time, when it catches up.
"""

from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import nlargest
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from pvws.histogram import HIGHEST_MICROS, Histogram, Spread, bucket_of, spread_of
from pvws.limits import FAULTS_KEPT, LEDGER_CLIENTS_KEPT, LEDGER_EVENTS_BYTES_MAX, LEDGER_EVENTS_KEPT
from pvws.server.account import Account, Stretch
from pvws.server.delivered import ClientDelivery, EventDelivery, FaultDelivery, StageDelivery
from pvws.sim.source import Timed

if TYPE_CHECKING:
    from pvws.server.audience import Audience
    from pvws.server.subscriber import Subscriber

__all__ = ["Concern", "Delivery"]

_name = attrgetter("name")
_topic = attrgetter("topic")
_text = attrgetter("text")
_BUCKET_BITS = 12  # of a reading's items: 1,152 buckets
_BUCKET_MASK = (1 << _BUCKET_BITS) - 1


class _Batch:
    """Events that were published together."""

    __slots__ = ("dues", "encoded", "events", "places", "reach", "size", "written")

    def __init__(self, events: Sequence[Timed], dues: Sequence[int] | int, encoded: int) -> None:
        self.events = events
        self.dues = dues
        self.encoded = encoded
        self.written: int | None = None
        self.reach: dict[str, tuple[int, int]] = {}  # by topic: how many kept up, of how many
        self.places: list[tuple[Audience, int]] = []  # and where their audiences' logs ended behind it
        self.size = 0

    def due(self, place: int) -> int:
        return self.dues if isinstance(self.dues, int) else self.dues[place]


class Concern(Protocol):
    """Where the ledger learns whom a topic concerns: the hub."""

    def concerned(self, topic: str) -> Sequence["Audience"]:
        """The audiences of a topic."""
        ...

    def members(self) -> Iterator["Subscriber"]:
        """Everybody who is here."""
        ...


class _Nobody:
    """Whom nothing concerns."""

    def concerned(self, topic: str) -> Sequence["Audience"]:
        return ()

    def members(self) -> Iterator["Subscriber"]:
        return iter(())


class Delivery:
    """The ledger of one hub. `clock` gives real time in microseconds; it may be set once, before the first event.

    Order of calls: `published` behind what was given to the audiences, then `flushed` once they have written it;
    `unheard` where there is no audience.
    The others say what becomes of single members, and are called by audiences and subscribers.
    """

    def __init__(self, hub: Concern | None = None, clock: Callable[[], int] = lambda: 0) -> None:
        self.clock = clock
        self.events = 0
        self.owed = 0
        self.written = 0
        self.lost = 0
        self.faults = Counter[str]()
        """What faults did, by a word for what."""
        self._of_faults: dict[str, tuple[str, Counter[str]]] = {}
        self._hub: Concern = _Nobody() if hub is None else hub
        self._topics: dict[str, Histogram] = {}
        self._open: list[_Batch] = []
        self._kept: deque[_Batch] = deque()
        self._kept_events = 0
        self._kept_bytes = 0
        self._stalled: dict[int, list[tuple[Account, int]]] = {}  # behind how many of the open batches
        self._merges: dict[frozenset[str], Counter[int]] = {}  # of this moment, like the readings
        self._readings: dict[frozenset[str], array[int]] = {}
        # By the identity of a reading, which is kept beside, so that no other can have that.
        self._differences: dict[tuple[int, frozenset[str]], tuple[array[int], array[int]]] = {}
        self._straying: dict[Account, None] = {}
        self._losses: deque[Stretch] = deque(maxlen=LEDGER_EVENTS_KEPT)
        self._gone: deque[ClientDelivery] = deque(maxlen=LEDGER_CLIENTS_KEPT)

    # What the stage and the hub say

    def published(self, events: Sequence[Timed], dues: Sequence[int] | int) -> None:
        """Events were given to their audiences; `dues` has an instant of real time for each, or one for all."""
        self.events += len(events)
        batch = _Batch(events, dues, self.clock())
        first_due = dues if isinstance(dues, int) else dues[0]
        for topic in {*map(_topic, events)} if len(events) > 1 else (events[0].topic,):
            ready = members = 0
            for audience in self._hub.concerned(topic):
                end = audience.end
                if (audience, end) not in batch.places:
                    batch.places.append((audience, end))
                    audience.mark(end, first_due)
                ready += audience.ready
                members += len(audience)
            batch.reach[topic] = ready, members
        if batch.places:
            self._open.append(batch)
        self._keep(batch)

    def unheard(self, events: Sequence[Timed], dues: Sequence[int] | int) -> None:
        """Events were published, and nobody is subscribed to anything."""
        self.events += len(events)
        self._keep(_Batch(events, dues, self.clock()))

    def flushed(self) -> None:
        """All that was published has been written to all who keep up."""
        if not self._open:
            return
        now = self.clock()
        stalled, self._stalled = self._stalled, {}
        for number, batch in enumerate(self._open, 1):
            batch.written = now
            self._count(batch, now)
            self._merges.clear()
            self._readings.clear()
            self._differences.clear()
            for account, missing in stalled.get(number, ()):  # who got this one and none of the next
                self._fold(account, missing)
        self._open.clear()

    # What audiences and subscribers say

    def wrote(self, frames: int, ready: int, members: int) -> None:
        """Frames were written to so many of the members of an audience."""
        self.owed += frames * members
        self.written += frames * ready

    def in_step(self, account: Account, topics: frozenset[str]) -> None:
        """From now on a member gets what everybody gets."""
        self.flushed()
        account.topics = topics
        account.since = self._reading(topics)

    def out_of_step(self, account: Account, missing: int = 0) -> None:
        """A member lags from now on, or has left: of what is published it has still to get so many frames."""
        if self._open:
            self._stalled.setdefault(len(self._open), []).append((account, missing))
        else:
            self._fold(account, missing)

    def caught_up(self, account: Account, audience: "Audience", first: int, end: int) -> None:
        """A member that lagged was given frames of the log."""
        self.written += end - first
        self._late(account, audience.dues(first, end))

    def strays(self, account: Account) -> None:
        """Something waits in a member's own queue."""
        self._straying[account] = None

    def strays_no_more(self, account: Account) -> None:
        """Nothing waits there any more."""
        account.strays = None
        self._straying.pop(account, None)

    def drained(self, account: Account, strays: list[Stretch]) -> None:
        """A member's own queue, in which there were strays, was written."""
        for stray in strays:
            self.written += stray.end - stray.first
            self._late(account, stray.dues)
        self.strays_no_more(account)

    def lose(self, account: Account, stretch: Stretch) -> None:
        """A member will never get a stretch of the log."""
        number = stretch.end - stretch.first
        account.lost += number
        self.lost += number
        self._losses.append(stretch)

    def keep_fault(self, id: str, fault: str, effects: Counter[str]) -> None:  # noqa: A002
        """A fault has begun, which counts there what it does; of the latest ones that is told."""
        self._of_faults[id] = fault, effects
        if len(self._of_faults) > FAULTS_KEPT:
            del self._of_faults[next(iter(self._of_faults))]

    def owes(self, events: int) -> None:
        """Events are on their way to a member, past faults."""
        self.owed += events

    def passed(self, account: Account, events: int) -> None:
        """Events that came past faults were handed to a member's socket."""
        account.passed += events
        self.written += events

    def lose_passing(self, account: Account, events: int) -> None:
        """A member will never get so many events, because of a fault, or because it was too slow behind one."""
        account.lost += events
        self.lost += events

    def gone(self, member: "Subscriber") -> None:
        """A client has gone: its figures are kept for a while."""
        account = member.account
        if account.counts is not None or account.lost or account.passed or account.faults:
            self._gone.append(self.client(member))

    # What it tells

    def stage(self) -> StageDelivery:
        """The figures of the whole stage."""
        counts = self._merged(frozenset(self._topics))
        worst = max((each.worst for each in self._topics.values()), default=0)
        total = sum(each.total for each in self._topics.values())
        lateness, faults = spread_of(counts, worst), dict(self.faults)
        by_fault = [FaultDelivery(each, text, dict(effects)) for each, (text, effects) in self._of_faults.items()]
        return StageDelivery(self.events, self.owed, self.written, self.lost, lateness, total, faults, by_fault)

    def counts(self) -> Mapping[int, int]:
        """How many deliveries were how late, by the bucket of a histogram; it is kept until the next event."""
        return self._merged(frozenset(self._topics))

    def client(self, member: "Subscriber") -> ClientDelivery:
        """The figures of one client."""
        return self._client(member, {})

    def clients(self, limit: int | None = None) -> list[ClientDelivery]:
        """The figures of who is here: everybody in the order of their ids, or so many, the furthest behind first."""
        members, spreads = self._hub.members(), dict[int, Spread]()
        chosen = sorted(members, key=_name) if limit is None else nlargest(limit, members, key=_need)
        return [self._client(member, spreads) for member in chosen]

    def former_clients(self) -> list[ClientDelivery]:
        """The figures of those who have gone: the last 100 that were owed anything."""
        return list(self._gone)

    def recent(self) -> Iterator[EventDelivery]:
        """What became of the last 1,024 events or so, the oldest first; fewer, if their texts are large."""
        for batch in self._kept:
            for place, event in enumerate(batch.events):
                of = batch.reach.get(event.topic, (0, 0))[1]
                reached = 0 if batch.written is None else of - self._missing(batch, place, event.topic)
                yield EventDelivery(event, batch.due(place), batch.encoded, batch.written, reached, of)

    # Within

    def _client(self, member: "Subscriber", spreads: dict[int, Spread]) -> ClientDelivery:
        """The figures of a client. Those who came together and never lagged share one of the `spreads`."""
        account = member.account
        together = id(account.since) if account.counts is None and account.since is not None else None
        lateness = None if together is None else spreads.get(together)
        if lateness is None:
            lateness = self._spread(account)
            if together is not None:
                spreads[together] = lateness
        pending, size = member.waiting()
        written = lateness.count - account.skip + account.passed
        return ClientDelivery(member.name, written, pending, size, account.lost, lateness, dict(account.faults or {}))

    def _spread(self, account: Account) -> Spread:
        counts = Counter(_by_bucket(account.counts))
        if account.since is not None:
            counts.update(_by_bucket(self._difference(account)))
        spread = spread_of(counts)
        if account.counts is None and counts:  # it was never later than the worst of its topics, which is exact
            worst = max(each.worst for topic, each in self._topics.items() if _concerns(topic, account.topics))
            spread = spread_of(counts, min(worst, spread.worst))
        return spread

    def _keep(self, batch: _Batch) -> None:
        batch.size = sum(map(len, map(_text, batch.events)))
        self._kept.append(batch)
        self._kept_events += len(batch.events)
        self._kept_bytes += batch.size
        while len(self._kept) > 1:
            oldest = self._kept[0]
            many = self._kept_events - len(oldest.events) >= LEDGER_EVENTS_KEPT
            if not many and self._kept_bytes <= LEDGER_EVENTS_BYTES_MAX:
                break
            self._kept.popleft()
            self._kept_events -= len(oldest.events)
            self._kept_bytes -= oldest.size

    def _count(self, batch: _Batch, now: int) -> None:
        """Count how late its events were, each topic's in its histogram: those that went to somebody who keeps up."""
        dues = batch.dues
        reached = [topic for topic, (ready, _) in batch.reach.items() if ready]
        alone = len(batch.reach) == 1
        for topic in reached:
            histogram = self._topics.get(topic)
            if histogram is None:
                histogram = self._topics[topic] = Histogram()
            if isinstance(dues, int):
                number = len(batch.events) if alone else sum(1 for event in batch.events if event.topic == topic)
                histogram.record(now - dues, number)
            elif alone:
                histogram.record_all([now - due for due in dues])
            else:
                pairs = zip(batch.events, dues, strict=True)
                histogram.record_all([now - due for event, due in pairs if event.topic == topic])

    def _late(self, account: Account, dues: list[tuple[int, int]]) -> None:
        now = self.clock()
        if account.counts is None:
            account.counts = array("Q")
        for due, number in dues:
            counted = min(number, account.skip)
            account.skip -= counted
            if number > counted:
                account.count(bucket_of(min(max(0, now - due), HIGHEST_MICROS)), number - counted)

    def _merged(self, topics: frozenset[str]) -> Counter[int]:
        """What the histograms of some topics hold together; not to be changed, for it is kept until the next event."""
        merged = self._merges.get(topics)
        if merged is None:
            merged = self._merges[topics] = Counter()
            for topic, histogram in self._topics.items():
                if _concerns(topic, topics):
                    merged.update(histogram.counts())
        return merged

    def _reading(self, topics: frozenset[str]) -> "array[int]":
        """What the histograms of some topics hold: shared by all who get into step before the next event."""
        reading = self._readings.get(topics)
        if reading is None:
            counts = self._merged(topics)
            reading = array("Q", [number << _BUCKET_BITS | bucket for bucket, number in counts.items()])
            self._readings[topics] = reading
        return reading

    def _difference(self, account: Account) -> "array[int]":
        """What the topics of an account have had since its reading, by bucket; nothing, if that is nothing.

        Not to be changed, for those who have a reading in common share it until the next event.
        """
        since = account.since
        assert since is not None, "it is in step"
        key = id(since), account.topics
        if key not in self._differences:
            now = self._merged(account.topics)
            found = array("Q", bytes(array("Q").itemsize * (max(now, default=-1) + 1)))
            for bucket, number in now.items():
                found[bucket] = number
            for item in since:
                found[item & _BUCKET_MASK] -= item >> _BUCKET_BITS
            self._differences[key] = since, found if any(found) else array("Q")
        return self._differences[key][1]

    def _fold(self, account: Account, missing: int) -> None:
        """An account is out of step: what it got until now is its own, and so much of what is counted it has not."""
        if account.since is None:
            return
        account.skip += missing
        if counts := self._difference(account):
            account.count_all(counts)
        account.since = None

    def _missing(self, batch: _Batch, place: int, topic: str) -> int:
        """How many of those who were subscribed have not got an event, by now."""
        missing = 0
        for audience, end in batch.places:
            if _concerns(topic, audience.topics):
                number = end - sum(1 for event in batch.events[place:] if _concerns(event.topic, audience.topics))
                missing += sum(1 for member in audience.lagging if member.cursor <= number)
                strays = (stray for account in self._straying for stray in account.strays or ())
                for stretch in (*strays, *self._losses):
                    missing += stretch.audience is audience and stretch.first <= number < stretch.end
        return missing


def _by_bucket(counts: "array[int] | None") -> dict[int, int]:
    """What there is in each bucket that holds some, by its number."""
    return {bucket: number for bucket, number in enumerate(counts or ()) if number}


def _concerns(topic: str, topics: frozenset[str]) -> bool:
    """Whether what is published on a topic, or on several with spaces between, goes to whom some topics concern."""
    return topic in topics or (" " in topic and not topics.isdisjoint(topic.split(" ")))


def _need(member: "Subscriber") -> tuple[int, int, int]:
    """By what those come first whom it is most worth to look at."""
    pending, size = member.waiting()
    return size, pending, member.account.lost
