"""The faults that one client's messages pass, one behind the other. Pure: the lane and the proxy drive it."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TypeAlias

from pvws.scenario.faults.effect import Effect, Sometimes, Trigger
from pvws.scenario.faults.message import Message
from pvws.scenario.faults.scope import Scope
from pvws.sim.agenda import Instant
from pvws.sim.source import Timed, Verbatim

__all__ = ["Chain", "Told", "Untouched"]

Untouched: TypeAlias = int
"""Of events that come together the place of one that no fault has touched: nothing was made of it."""

Told: TypeAlias = Callable[[Timed], Message]
"""Makes of an event the message that a fault can touch."""

_kind: Callable[[Timed], tuple[str, str]] = attrgetter("topic", "type")


class _Link:
    """A fault as it touches one client."""

    __slots__ = ("effect", "met", "name", "scope", "selects")

    def __init__(self, name: str, scope: Scope, effect: Effect) -> None:
        self.name = name
        self.scope = scope
        self.selects = scope.selects
        self.effect = effect
        self.met = 0  # messages that it could be about

    def concerns(self, message: Message) -> bool:
        if message.kind == "control":
            return self.effect.passes_control and not self.selects
        return not self.selects or self._selects(message.topics, message.type)

    def concerns_event(self, event: Timed) -> bool:
        if not self.selects:
            return True
        return self._selects(event.topics if isinstance(event, Verbatim) else (event.topic,), event.type)

    def sift(self, events: Sequence[Timed], told: Told) -> list[Message | Untouched]:
        """Events come to an effect that neither holds nor ends anything."""
        everything: Sequence[int] = range(len(events))
        concerned = self._selected(events) if self.selects else everything
        leaving: list[Message | Untouched] = []
        done = place = 0
        while (place := place + self.effect.spare(len(concerned) - place)) < len(concerned):
            touched = concerned[place]
            leaving += everything[done:touched]
            leaving += self.effect.touch(told(events[touched]), events[touched].at)
            done, place = touched + 1, place + 1
        leaving += everything[done:]
        return leaving

    def _selected(self, events: Sequence[Timed]) -> Sequence[int]:
        """The places of those that it is about. There are few kinds of them, so each kind is looked at once."""
        matches, met = self.scope.matches, self.met
        about = {kind for kind in {*map(_kind, events)} if matches(kind[0].split(" "), kind[1])}
        places = [place for place, kind in enumerate(map(_kind, events)) if kind in about]
        self.met += len(places)
        if self.scope.nth is None and self.scope.count is None:
            return places
        return [place for number, place in enumerate(places, met + 1) if self.scope.counts(number)]

    def _selects(self, topics: Sequence[str], type: str) -> bool:  # noqa: A002 - the API's word
        if not self.scope.matches(topics, type):
            return False
        self.met += 1
        return self.scope.counts(self.met)


class Chain:
    """Effects in the order in which they were added; what leaves one comes to the next at the same instant.

    Order of calls: `take` for each message, or `take_events` for several, and `release` when something is `due`, at
    instants that never fall. What any of them gives leaves for the client, in that order.
    """

    __slots__ = ("_links", "_lost", "acts")

    def __init__(self) -> None:
        self.acts = False
        """Whether something may be done behind a message, before the next one comes."""
        self._links: list[_Link] = []
        self._lost = 0  # by effects that are no longer here

    def __len__(self) -> int:
        return len(self._links)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the faults, in order."""
        return tuple(link.name for link in self._links)

    @property
    def lost(self) -> int:
        """Events that the client will never get."""
        return self._lost + sum(link.effect.lost for link in self._links)

    def add(self, name: str, scope: Scope, effect: Effect) -> None:
        """One more fault, behind the others."""
        self._links.append(_Link(name, scope, effect))
        self._look()

    def remove(self, name: str, now: Instant) -> list[Message]:
        """A fault ends: what it holds goes on to those behind it."""
        leaving: list[Message] = []
        for place, link in enumerate(self._links):
            if link.name == name:
                leaving = self._pass(link.effect.flush(), place + 1, now)
                self._lost += link.effect.lost
                del self._links[place]
                self._look()
                break
        return leaving

    def take(self, message: Message, now: Instant) -> list[Message]:
        """A message comes; what leaves now, what was due before it first."""
        leaving = self.release(now)
        leaving += self._pass((message,), 0, now)
        return leaving

    def take_events(self, events: Sequence[Timed], told: Told, since: Instant) -> list[Message | Untouched]:
        """Events come, each at its instant, though none before `since`; what leaves, as if each were given to `take`.

        Only of those that a fault touches messages are made, by `told`.
        """
        if len(self._links) == 1 and isinstance(self._links[0].effect, Sometimes):
            return self._links[0].sift(events, told)
        leaving: list[Message | Untouched] = []
        now = since
        for place, event in enumerate(events):
            now = max(now, event.at)
            leaving += self.release(now)
            leaving += self._meet(event, place, told, now)
        return leaving

    def due(self) -> Instant | None:
        """When something is to leave next."""
        first: Instant | None = None
        for link in self._links:
            at = link.effect.due()
            if at is not None and (first is None or at < first):
                first = at
        return first

    def release(self, now: Instant) -> list[Message]:
        """What is due by now, each at its own instant, whenever that is asked for."""
        leaving: list[Message] = []
        while (at := self.due()) is not None and at <= now:
            for place, link in enumerate(self._links):
                own = link.effect.due()
                if own is not None and own <= at:
                    leaving += self._pass(link.effect.release(at), place + 1, at)
        return leaving

    def flush(self, now: Instant) -> list[Message]:
        """Everything that is held, through all that is behind it, and all of that."""
        leaving: list[Message] = []
        for place, link in enumerate(self._links):
            leaving += self._pass(link.effect.flush(), place + 1, now)
        return leaving

    def waiting(self) -> tuple[int, int]:
        """How many messages and bytes are held."""
        effects = [link.effect for link in self._links]
        return sum(each.messages_held for each in effects), sum(each.bytes_held for each in effects)

    def holders(self) -> tuple[str, ...]:
        """The names of the faults that hold something."""
        return tuple(link.name for link in self._links if link.effect.messages_held)

    def forget(self) -> Message | None:
        """Lose the oldest message that is held; None if none is."""
        for link in reversed(self._links):
            message = link.effect.forget()
            if message is not None:
                self._lost += message.events
                return message
        return None

    def _look(self) -> None:
        self.acts = any(isinstance(link.effect, Trigger) for link in self._links)

    def _meet(self, event: Timed, place: Untouched, told: Told, now: Instant) -> Sequence[Message | Untouched]:
        """An event comes to the links, one after the other, until one touches it."""
        for number, link in enumerate(self._links):
            if link.concerns_event(event) and not link.effect.spare(1):
                return self._pass(link.effect.touch(told(event), now), number + 1, now)
        return (place,)

    def _pass(self, messages: Iterable[Message], place: int, now: Instant) -> list[Message]:
        """Messages come to the link at a place."""
        coming = list(messages)
        for link in self._links[place:]:
            if not coming:
                break
            leaving: list[Message] = []
            for message in coming:
                if link.concerns(message):
                    leaving += link.effect.take(message, now)
                else:
                    leaving.append(message)
            coming = leaving
        return coming
