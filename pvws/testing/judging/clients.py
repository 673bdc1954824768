"""Which connections are those of one client. Pure."""

from collections import deque
from collections.abc import Callable

from pvws.limits import CLIENTS_JUDGED_MAX, EVIDENCE_FACTS_KEPT
from pvws.sim.agenda import Instant
from pvws.testing.judging.facts import Fact

__all__ = ["Clients", "Connection", "Party"]

_SEEN_LATE_MICROS = 250_000  # behind a stall: what the kernel held comes at once, on a busy machine a bit later


class Connection:
    """One connection of a client, or an attempt at one."""

    __slots__ = (
        "closed",
        "freed",
        "going",
        "hindered",
        "lost",
        "number",
        "opened",
        "party",
        "refused_for_good",
        "told_to_go",
        "topics",
    )

    def __init__(self, number: int, party: "Party") -> None:
        self.number = number
        self.party = party
        self.opened: Instant | None = None
        self.topics: set[str] = set()
        self.told_to_go: Instant | None = None
        """When the server has sent a close frame of its own."""
        self.closed: Instant | None = None
        """When the client has sent one."""
        self.going: Fact | None = None
        """How the client was told, if it was, that it has no connection any more."""
        self.lost = False
        """Whether it counts as lost already."""
        self.refused_for_good = False
        """Whether it was told AUTH_FAILED."""
        self.hindered: set[str] = set()
        """Faults that keep it from working."""
        self.freed: Instant | None = None
        """When the last of them ended."""

    def is_hindered(self, real: Instant) -> bool:
        """Whether what is seen of it then may be the doing of a fault: what happens in a stall is seen behind it."""
        return bool(self.hindered) or (self.freed is not None and real <= self.freed + _SEEN_LATE_MICROS)


class Party:
    """One client under test, over all its connections. `number` counts those without a name from 1."""

    __slots__ = ("attempts", "free_since", "history", "live", "name", "number", "openings")

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.number = number
        self.live: set[int] = set()
        """Its connections, and attempts that are not decided, by number."""
        self.free_since: Instant = 0
        self.attempts = 0
        self.openings = 0
        self.history: deque[Fact] = deque(maxlen=EVIDENCE_FACTS_KEPT)
        """The last facts about it."""

    def __str__(self) -> str:
        if self.name:
            return self.name
        return "the client" if self.number == 1 else f"client no. {self.number}"


class Clients:
    """Says whose each connection is.

    All connections that give the same name (`?client=`) are one client's. Of the others, each belongs to the client
    without a name that has been without a connection for longest; if none is without one, it is another client's. So
    a single client without a name is one client however often it comes again, and several that are there at the same
    time are told apart in the order of their coming. A connection that the server has told to go, or that a fault has
    stalled, is none: its client may have given it up before that can be seen.

    `forget` is called with a client for whom there is no room any more.
    """

    def __init__(self, forget: Callable[[Party], object] = lambda party: None) -> None:
        self._forget = forget
        self._named: dict[str, Party] = {}
        self._nameless: list[Party] = []

    def __len__(self) -> int:
        return len(self._named) + len(self._nameless)

    def party(self, name: str) -> Party:
        """Whose the next attempt is."""
        if name:
            return self._named_party(name)
        free = [party for party in self._nameless if not party.live]
        if free:
            return min(free, key=lambda party: party.free_since)
        party = Party("", len(self._nameless) + 1)
        self._nameless.append(party)
        return party

    def leaves(self, connection: Connection, real: Instant) -> None:
        """A connection is of no use any more: it ends, or was told to."""
        party = connection.party
        if connection.number in party.live:
            party.live.discard(connection.number)
            party.free_since = real

    def _named_party(self, name: str) -> Party:
        party = self._named.pop(name, None)
        if party is None:
            party = Party(name, 0)
            if len(self._named) >= CLIENTS_JUDGED_MAX:
                gone = next((each for each in self._named if not self._named[each].live), next(iter(self._named)))
                self._forget(self._named.pop(gone))
        self._named[name] = party  # at the end: those not seen for longest stand first
        return party
