"""The hub: has an event made a frame once for each encoding, and hands it to the audiences it concerns."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from pvws.server.audience import Audience
from pvws.server.delivery import Delivery
from pvws.server.encoder import Encoder
from pvws.server.lane import Frames, Lane, Wakes
from pvws.server.subscriber import Subscriber
from pvws.sim.agenda import Instant
from pvws.sim.source import Timed, Verbatim
from pvws.wire.topics import TOPICS

__all__ = ["Hub"]

_topic = attrgetter("topic")


class Hub:
    """All subscribers of one stage. What is published within a turn of the event loop leaves in one write.

    A subscription holds from one event to the next: whoever joins between two
    events gets the second and not the first, whatever has been written by then.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._call_soon: Callable[..., object] = loop.call_soon
        self._time = loop.time
        self.delivery = Delivery(self, lambda: time.monotonic_ns() // 1000)
        """What was delivered, when and to whom."""
        self._audiences: dict[tuple[frozenset[str], Encoder], Audience] = {}
        self._concerned: defaultdict[str, list[Audience]] = defaultdict(list)
        self._lanes: dict[Lane, None] = {}
        self._lanes_of: defaultdict[str, list[Lane]] = defaultdict(list)
        self._ready: dict[Lane, None] = {}  # lanes that have something to write at the end of this turn
        self._flush_due = False
        self._awaited: list[tuple[frozenset[str], asyncio.Future[None]]] = []
        self.published: dict[str, int] = dict.fromkeys(TOPICS, 0)
        """How many events there were of each topic."""

    def __len__(self) -> int:
        return sum(len(audience) for audience in self._audiences.values()) + len(self._lanes)

    def join(self, member: Subscriber, topics: frozenset[str]) -> None:
        """Take in a subscriber, or give it other topics, from the next event on."""
        if member.lane is None:
            self._join_audience(member, topics)
        else:
            self._enrol(member.lane, topics)
        self.subscribed(topics)

    def subscribed(self, topics: frozenset[str]) -> None:
        """A client has these topics, here or on another server: it may be the one that is waited for."""
        for awaited, arrived in self._awaited:
            if topics and topics >= awaited and not arrived.done():
                arrived.set_result(None)

    def _join_audience(self, member: Subscriber, topics: frozenset[str]) -> None:
        self.leave(member)
        key = topics, member.encoder
        audience = self._audiences.get(key)
        if audience is None:
            audience = self._audiences[key] = Audience(topics, member.encoder, self.delivery)
            for topic in topics:
                self._concerned[topic].append(audience)
        audience.join(member)

    async def subscriber(self, topics: frozenset[str] = frozenset()) -> None:
        """Return once a client has subscribed to all of these topics; with none, to any."""
        wanted: list[frozenset[str] | None] = [each.topics for each in self._audiences.values()]
        wanted += [lane.topics for lane in self._lanes]
        if any(subscribed and subscribed >= topics for subscribed in wanted):
            return
        arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._awaited.append((topics, arrived))
        try:
            await arrived
        finally:
            self._awaited.remove((topics, arrived))

    def leave(self, member: Subscriber, *, keep: bool = True) -> None:
        """Let a subscriber go; nothing, if it is not here. What it has not got stays in its own queue; what faults held
        leaves at once, or is lost without `keep`.
        """
        if member.lane is not None:
            lane, member.lane = member.lane, None
            self._strike(lane)
            lane.end(keep=keep)
            return
        audience = member.audience
        if audience is None:
            return
        audience.leave(member)
        if not len(audience):
            del self._audiences[audience.topics, audience.encoder]
            for topic in audience.topics:
                concerned = self._concerned[topic]
                concerned.remove(audience)
                if not concerned:
                    del self._concerned[topic]

    def lane(self, member: Subscriber, clock: Callable[[], Instant], wake: Wakes) -> Lane:
        """A way of its own for a subscriber, be it here or still to join: it leaves its audience for that."""
        topics = None if member.audience is None else member.audience.topics
        self.leave(member)
        member.lane = Lane(member, clock, wake, self.delivery, self._soon)
        if topics is not None:
            self._enrol(member.lane, topics)
        return member.lane

    def restore(self, member: Subscriber) -> None:
        """Have a subscriber go back from its lane to an audience. What faults held leaves at once."""
        topics = None if member.lane is None else member.lane.topics
        self.leave(member)
        if topics is not None:
            self.join(member, topics)

    def _enrol(self, lane: Lane, topics: frozenset[str]) -> None:
        self._strike(lane)
        lane.topics = topics
        self._lanes[lane] = None
        for topic in topics:
            self._lanes_of[topic].append(lane)

    def _strike(self, lane: Lane) -> None:
        if self._lanes.pop(lane, 0) is None:
            for topic in lane.topics or ():
                self._lanes_of[topic].remove(lane)
                if not self._lanes_of[topic]:
                    del self._lanes_of[topic]

    def _soon(self, lane: Lane | None = None) -> None:
        """Flush at the end of this turn; a lane as well."""
        if lane is not None:
            self._ready[lane] = None
        if not self._flush_due:
            self._flush_due = True
            self._call_soon(self.flush)

    def concerned(self, topic: str) -> Sequence[Audience]:
        """The audiences that get what is published on a topic, or on several with spaces between: each once."""
        found = self._concerned.get(topic)
        if found is None and " " in topic:
            found = list(dict.fromkeys(each for name in topic.split(" ") for each in self._concerned.get(name, ())))
        return found or ()

    def members(self) -> Iterator[Subscriber]:
        """Everybody who is here."""
        for audience in self._audiences.values():
            yield from audience.members
        for lane in self._lanes:
            yield lane.member

    def late(self) -> list[Subscriber]:
        """The subscribers that have not got everything yet, though it was written to the others: those that lag, and
        those from whom faults hold something back.
        """
        lagging = [member for audience in self._audiences.values() for member in audience.lagging]
        return lagging + [lane.member for lane in self._lanes if not lane.member.idle or lane.member.held_back]

    def publish(self, event: Timed) -> None:
        """Have an event sent to every subscriber of its topic, at the end of this turn of the loop."""
        self.publish_all((event,))

    def publish_all(self, events: Sequence[Timed], dues: Sequence[int] | int | None = None) -> None:
        """Have events sent, in their order, to the subscribers of their topics, at the end of this turn of the loop.

        `dues` says for the ledger when they were due, in real time: one instant for each or for all; None is now.
        """
        if not events:
            return
        if dues is None:
            dues = self.delivery.clock()
        published, concerned = self.published, self._concerned
        made: list[Frames] | None = None
        if self._lanes_of:
            made = [{} for _ in events]
            self._divert(events, made)
        if not concerned:  # nobody has subscribed to anything, or only those under faults
            for topic, count in Counter(map(_topic, events)).items():
                published[topic] = published.get(topic, 0) + count
            self.delivery.unheard(events, dues)
            return
        batches: defaultdict[Audience, list[bytes]] = defaultdict(list)
        for event, frames in zip(events, made or [{} for _ in events], strict=True):
            topic = event.topic
            published[topic] = published.get(topic, 0) + 1
            audiences: Iterable[Audience] | None = concerned.get(topic)
            if audiences is None:
                if type(event) is Timed:
                    continue
                audiences = self._of_several(event)
            for audience in audiences:
                frame = frames.get(audience.encoder)
                if frame is None:
                    frame = frames[audience.encoder] = audience.encoder.event(event)
                batches[audience].append(frame)
        for audience, batch in batches.items():
            audience.extend(batch)
        self.delivery.published(events, dues)
        if batches:
            self._soon()

    def _divert(self, events: Sequence[Timed], made: Sequence[Frames]) -> None:
        """What concerns clients under faults goes to their lanes: to each all of it at once, unless something may be
        done to somebody between two events.
        """
        topics = dict.fromkeys(map(_topic, events))
        at_once = dict[Lane, None]()
        acting = False
        shares: dict[frozenset[str], tuple[Sequence[Timed], Sequence[Frames]]] = {}
        for lane in self._lanes_concerned(topics):
            if lane.chain.acts:
                acting = True
                continue
            at_once[lane] = None
            hears = lane.topics or frozenset()
            share = shares.get(hears)
            if share is None:
                heard = {topic for topic in topics if not hears.isdisjoint(topic.split(" "))}
                share = events, made
                if len(heard) < len(topics):
                    places = [place for place, event in enumerate(events) if event.topic in heard]
                    share = [events[place] for place in places], [made[place] for place in places]
                shares[hears] = share
            lane.events(*share)
        if acting:
            for event, frames in zip(events, made, strict=True):
                for lane in self._lanes_concerned((event.topic,)):
                    if lane not in at_once:
                        lane.events((event,), (frames,))

    def _lanes_concerned(self, topics: Iterable[str]) -> Iterable[Lane]:
        """Those that get what is published on any of these topics, or on several with spaces between: each once."""
        found = self._lanes_of
        return dict.fromkeys(lane for topic in topics for name in topic.split(" ") for lane in found.get(name, ()))

    def _of_several(self, event: Timed) -> Iterable[Audience]:
        """The audiences of a message that concerns several topics; of any other, which has no subscribers, none."""
        topics = event.topics if isinstance(event, Verbatim) else ()
        return dict.fromkeys(audience for topic in topics for audience in self._concerned.get(topic, ()))

    def flush(self) -> None:
        """Write now what was published in this turn."""
        self._flush_due = False
        for audience in tuple(self._audiences.values()):
            audience.flush()
        if self._ready:
            ready, self._ready = self._ready, {}
            for lane in ready:
                lane.flush()
        self.delivery.flushed()

    def congested(self) -> bool:
        """Whether a client that is reading would lose something if much more were published now."""
        now = self._time()
        lagging = [member for audience in self._audiences.values() for member in audience.lagging]
        lagging += [lane.member for lane in self._lanes if lane.member.paused and not lane.member.held_back]
        return any(member.catching_up(now) for member in lagging)
