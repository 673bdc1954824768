"""The faults that one client's messages pass, one behind the other. Pure: the lane and the proxy drive it."""

from collections.abc import Iterable

from pvws.scenario.faults.effect import Effect
from pvws.scenario.faults.message import Message
from pvws.scenario.faults.scope import Scope
from pvws.sim.agenda import Instant

__all__ = ["Chain"]


class _Link:
    """A fault as it touches one client."""

    __slots__ = ("effect", "met", "name", "scope")

    def __init__(self, name: str, scope: Scope, effect: Effect) -> None:
        self.name = name
        self.scope = scope
        self.effect = effect
        self.met = 0  # messages that it could be about

    def concerns(self, message: Message) -> bool:
        if message.kind == "control":
            return self.effect.passes_control and not self.scope.selects
        if not self.scope.matches(message):
            return False
        self.met += 1
        return self.scope.counts(self.met)


class Chain:
    """Effects in the order in which they were added; what leaves one comes to the next at the same instant.

    Order of calls: `take` for each message and `release` when something is `due`, at instants that never fall. What
    either gives leaves for the client, in that order.
    """

    __slots__ = ("_links", "_lost")

    def __init__(self) -> None:
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

    def remove(self, name: str, now: Instant) -> list[Message]:
        """A fault ends: what it holds goes on to those behind it."""
        leaving: list[Message] = []
        for place, link in enumerate(self._links):
            if link.name == name:
                leaving = self._pass(link.effect.flush(), place + 1, now)
                self._lost += link.effect.lost
                del self._links[place]
                break
        return leaving

    def take(self, message: Message, now: Instant) -> list[Message]:
        """A message comes; what leaves now, what was due before it first."""
        leaving = self.release(now)
        leaving += self._pass((message,), 0, now)
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
