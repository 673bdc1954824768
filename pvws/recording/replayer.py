"""The replayer: a recording as a source of messages, like a scenario's director."""

import re
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from heapq import merge
from operator import attrgetter, itemgetter
from typing import TypeAlias

from msgspec import Struct

from pvws.recording.concern import NOBODY, Concern, concern_of
from pvws.recording.format import Entry, Gap, Mark, Message, Open
from pvws.recording.presence import Presence
from pvws.recording.quick import Quick
from pvws.recording.retime import Remapper, shifted
from pvws.recording.twins import Twins
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Timed, Verbatim
from pvws.timestamp import LAST_INSTANT
from pvws.wire.topics import TOPICS

__all__ = ["Choice", "Replayer", "Track", "whom"]

_ANSWERS = frozenset(("pong", "error"))  # addressed to the client that was recorded; ours get their own
_NAMED_TOPIC = re.compile(rb'"topic"\s*:\s*"(' + "|".join(TOPICS).encode() + rb')"')
_EVERY: tuple[str, ...] = tuple(topic.value for topic in TOPICS)


class Track(Struct, frozen=True):
    """One recording among those that are replayed. `entries` begins it afresh; `base` is the instant at its t = 0 on
    the clock by which its messages tell the time, and `offset` how much later it begins than the replay. `parts`
    begins it as well, but has what can be read quickly made events at once; see `Recording.parts`.
    """

    entries: Callable[[], Iterable[Entry]]
    base: Instant = 0
    offset: Instant = 0
    parts: Callable[[Quick], Iterable[list[Timed] | Iterator[Entry]]] | None = None


class Choice(Struct, frozen=True):
    """What of a recording is replayed, and how. Times are microseconds of the recording, `until` included.

    Without topics or types all are. `exact` has every message go out as it stands, whatever the server's profile; else
    single events are such as a scenario has, which the profile may say in its own way. `shift` moves the timestamps in
    messages to the time at which they are given out; `remap` gives ids other values, and others in every round. With
    `catch_up` the replayer knows at any time which peers and files are there, also from before `since`.
    """

    since: Instant = 0
    until: Instant | None = None
    topics: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    max_gap: Instant | None = None
    loop: bool = False
    exact: bool = True
    split: bool = False
    shift: bool = False
    remap: bool = False
    catch_up: bool = False


_Due: TypeAlias = tuple[Instant, int, Entry]  # when in the recording, which track, what
_Item: TypeAlias = Timed | Cue | list[Timed]  # many at once where that is quicker
_Round: TypeAlias = Generator[_Item, None, tuple[Instant | None, int]]
_when = itemgetter(0, 1)
_at = attrgetter("at")


class Replayer:
    """A `Source` of what the recorded clients received, from `start` on.

    Of several connections that were recorded side by side, what more than one of them received is given out once, as
    it was published once. Pongs and errors are left out: they answered the recorded client, and ours get their own.
    Marks are cues, and `gap` is told of each gap.
    """

    def __init__(
        self,
        tracks: Iterable[Track],
        start: Instant,
        choice: Choice = Choice(),  # noqa: B008 - immutable
        *,
        gap: Callable[[Gap], None] = lambda gap: None,
    ) -> None:
        self._tracks = tuple(tracks)
        self._start = start
        self._choice = choice
        self._presence = Presence() if choice.catch_up else None
        self._gap = gap
        self.left_out = 0
        """Messages that answered the recorded client, or were none of those chosen."""
        self._exact = choice.exact
        plain = Choice(loop=choice.loop, exact=choice.exact)
        self._is_plain = choice == plain and len(self._tracks) == 1
        self._items = self._all_rounds()
        self._ready: Sequence[Timed | Cue] = ()
        self._place = 0

    def peek(self) -> Instant | None:
        """When the next message is due; None at the end."""
        while self._place == len(self._ready):
            item = next(self._items, None)
            if item is None:
                return None
            self._ready, self._place = item if isinstance(item, list) else [item], 0
        return self._ready[self._place].at

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """What is due up to and including an instant; see `Source`."""
        given = list[Timed | Cue]()
        while len(given) < limit and (at := self.peek()) is not None and (until is None or at <= until):
            ready, place = self._ready, self._place
            end = min(len(ready), place + limit - len(given))
            if until is not None:
                end = bisect_right(ready, until, place, end, key=_at)
            given += ready[place:end]
            self._place = end
            if type(given[-1]) is Cue:  # which stands alone in its list
                break
        if self._presence is not None:
            for each in given:
                if not isinstance(each, Cue):
                    self._presence.saw(each.text)
        return given

    def welcome(self, topic: str) -> list[Timed]:
        """What tells a new subscriber of a topic which peers and files are there; nothing without `catch_up`."""
        if self._presence is None:
            return []
        at = self.peek() or self._start
        make = _as_it_stands if self._exact else Timed
        return [make(at, number, topic, "", text) for number, text in enumerate(self._presence.texts(topic))]

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """A client has done something, which changes nothing of what was recorded."""
        return None

    def _all_rounds(self) -> Iterator[_Item]:
        sequence, start, number = 0, self._start, 0
        while True:
            end, sequence = yield from self._round(start, sequence, number)
            if end is None or not self._choice.loop or end >= LAST_INSTANT:
                return
            start, number = end + 1, number + 1

    def _round(self, start: Instant, sequence: int, number: int) -> _Round:
        """The recordings once, from an instant on; when they ended, if there was anything, and the next number."""
        choice, presence = self._choice, self._presence
        if self._is_plain:
            return (yield from self._plain_round(start, sequence))
        remaps = [Remapper(f"{place} {number}") for place in range(len(self._tracks))] if choice.remap else []
        bases = [track.base for track in self._tracks]
        skipped: Instant = choice.since  # what of the recording's time is left out, so far
        previous = choice.since
        end: Instant | None = None
        for t, place, entry in self._dues():
            if choice.until is not None and t > choice.until:
                break
            if t >= choice.since and choice.max_gap is not None and t - previous > choice.max_gap:
                skipped += t - previous - choice.max_gap
            at = start + t - skipped
            if type(entry) is not Message:
                if t >= choice.since:
                    previous = t if isinstance(entry, Mark) else previous
                    for cue in self._other(entry, at):
                        yield cue
                        end = at
                continue
            for data, concern in self._pieces(entry.data):
                text = data
                if choice.shift:
                    text = shifted(text, at - bases[place] - (t - self._tracks[place].offset))
                if remaps:
                    text = remaps[place](text)
                if t < choice.since:
                    if presence is not None:
                        presence.saw(text)
                    continue
                if not self._is_wanted(concern):
                    self.left_out += 1
                    continue
                previous = t
                yield self._timed(at, sequence, text, concern, entry)
                sequence += 1
                end = at
        return end, sequence

    def _plain_round(self, start: Instant, sequence: int) -> _Round:
        """The same of one recording, when nothing is chosen or changed: what most replays are, and the quickest."""
        track = self._tracks[0]
        start += track.offset
        twins, end = Twins(), None
        quick = Quick(start, sequence, self._unless_an_answer, exact=self._exact)
        parts: Iterable[list[Timed] | Iterator[Entry]] = (iter(track.entries()),)
        if track.parts is not None:
            parts = track.parts(quick)
        for part in parts:
            if isinstance(part, list):
                self.left_out += quick.left_out
                quick.left_out = 0
                if part:
                    yield part
                    end = part[-1].at
                continue
            for entry in part:
                at = start + entry.t
                if type(entry) is not Message:
                    if isinstance(entry, Open) and entry.conn != 1:
                        quick.off = True
                    for cue in self._other(entry, at):
                        yield cue
                        end = at
                    continue
                if entry.conn != 1:
                    quick.off = True
                if entry.dir != "recv" or (quick.off and twins.is_one(entry)):
                    continue
                event = self._unless_an_answer(at, quick.sequence, entry.data, entry)
                if event is None:
                    self.left_out += 1
                    continue
                yield event
                quick.sequence += 1
                end = at
        return end, quick.sequence

    def _unless_an_answer(self, at: Instant, sequence: int, data: bytes, entry: Message | None = None) -> Timed | None:
        """What a message is given out as; nothing, if it answered the recorded client."""
        concern = topics, types = concern_of(data)
        if not topics and types and _ANSWERS.issuperset(types):
            return None
        return self._timed(at, sequence, data, concern, Message(0, "recv", data) if entry is None else entry)

    def _dues(self) -> Iterator[_Due]:
        """The entries that matter, of all tracks, in the order of time."""
        if len(self._tracks) == 1:
            return self._of_track(0, self._tracks[0])
        return merge(*(self._of_track(place, track) for place, track in enumerate(self._tracks)), key=_when)

    def _of_track(self, place: int, track: Track) -> Iterator[_Due]:
        offset = track.offset
        for entry in self._without_twins(track.entries()):
            yield entry.t + offset, place, entry

    @staticmethod
    def _without_twins(entries: Iterable[Entry]) -> Iterator[Entry]:
        """What clients received, once, with marks and gaps."""
        twins, several = Twins(), False
        for entry in entries:
            if type(entry) is Message:
                several = several or entry.conn != 1
                if entry.dir == "recv" and not (several and twins.is_one(entry)):
                    yield entry
            elif isinstance(entry, Open):
                several = several or entry.conn != 1
            elif isinstance(entry, Mark | Gap):
                yield entry

    def _other(self, entry: Entry, at: Instant) -> Iterator[Cue]:
        if isinstance(entry, Mark):
            yield Cue(at, "mark", entry.name)
        elif isinstance(entry, Gap):
            self._gap(entry)

    def _pieces(self, data: bytes) -> Iterable[tuple[bytes, Concern]]:
        """The messages in a message, each with whom it concerns: itself, unless joined ones are to be cut."""
        concern = concern_of(data)
        if not self._choice.split or b"\n" not in data:
            return ((data, concern),)
        parts = [(part, concern_of(part)) for part in data.split(b"\n") if part.strip()]
        return parts if all(part is not NOBODY for _, part in parts) else ((data, concern),)

    def _is_wanted(self, concern: Concern) -> bool:
        topics, types = concern
        choice = self._choice
        if not topics and types and _ANSWERS.issuperset(types):
            return False
        return (not choice.topics or not choice.topics.isdisjoint(topics)) and (
            not choice.types or not choice.types.isdisjoint(types)
        )

    def _timed(self, at: Instant, sequence: int, text: bytes, concern: Concern, entry: Message) -> Timed:
        topics, types = concern
        kind = types[0] if len(types) == 1 else "joined" if types else "unreadable"
        if len(topics) == 1 == len(types) and topics[0] in _EVERY and entry.opcode == "text" and not self._exact:
            return Timed(at, sequence, topics[0], kind, text)
        topics = whom(concern, text)
        topic = topics[0] if len(topics) == 1 else " ".join(topics)
        fragments = entry.fragments if text is entry.data else None
        return Verbatim(at, sequence, topic, kind, text, topics, entry.opcode == "binary", fragments)


def _as_it_stands(at: Instant, sequence: int, topic: str, kind: str, text: bytes) -> Timed:
    return Verbatim(at, sequence, topic, kind, text, (topic,))


def whom(concern: Concern, text: bytes) -> tuple[str, ...]:
    """The topics whose subscribers get a message that is not one event: those in it; without any, all.

    In what can't be read they are looked for as they would be written.
    """
    found = concern.topics or tuple(dict.fromkeys(name.decode() for name in _NAMED_TOPIC.findall(text)))
    return found or _EVERY
