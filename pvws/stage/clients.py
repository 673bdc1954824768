"""Who is on a stage: what each client hears and has got, how far it lags, and which one is meant."""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from pvws.errors import PvwsError
from pvws.histogram import Spread
from pvws.server.room import Client
from pvws.server.subscriber import Subscriber
from pvws.sim.agenda import Instant
from pvws.sim.source import Timed
from pvws.stage.observer import Observer
from pvws.wire.topics import TOPICS

if TYPE_CHECKING:
    from pvws.stage.stage import Stage

__all__ = ["ClientState", "Counting", "Counts", "NoSuchClientError", "Which", "client_state", "find"]

Which: TypeAlias = int | str
"""A client: its number, its name, its id or the beginning of that."""

_type = attrgetter("type")
_NAMED_MAX = 20  # of those that are there, in an error


class Counts(Struct):
    """Since when a client is here, in stage time and in real time; and how many messages it has sent."""

    at: Instant
    real: Instant
    received: int = 0
    errors: int = 0


class Counting(Observer):
    """Counts what was published by type, and what each client has sent."""

    def __init__(self) -> None:
        self.types = Counter[str]()
        """Messages, by type."""
        self.clients: dict[int, Counts] = {}
        """Those who are here, by number."""

    def published(self, events: Sequence[Timed], real: Instant) -> None:
        """Count them."""
        self.types.update(map(_type, events))

    def connected(self, client: int, client_id: str, at: Instant, real: Instant) -> None:
        """Begin to count what it sends."""
        self.clients[client] = Counts(at, real)

    def disconnected(self, client: int, at: Instant, real: Instant) -> None:
        """Forget it."""
        self.clients.pop(client, None)

    def did(self, deed: Any, real: Instant, said: Any, code: int | None) -> None:
        """Count what it has sent."""
        counts = self.clients.get(deed.client)
        if said is not None and counts is not None:
            counts.received += 1
            counts.errors += bool(said.error)


class ClientState(Struct, frozen=True):
    """A client that is here: the `number`-th that connected to the stage. Times in microseconds.

    `connected` is since when, in stage time, `connected_real` in real time. It has sent `received` messages, of which
    `errors` were answered by an error. It was sent `sent` events; `backlog` messages of `backlog_bytes` wait for it, of
    which the oldest is due for `lag`; `lost` events it will never get. `lateness` is that of all it was sent.
    """

    id: str
    number: int
    name: str
    address: str
    topics: tuple[str, ...]
    connected: Instant
    connected_real: Instant
    received: int
    errors: int
    sent: int
    backlog: int
    backlog_bytes: int
    lag: int
    lost: int
    lateness: Spread

    def __str__(self) -> str:
        name = f" {self.name}" if self.name else ""
        return f"{self.number}{name} ({self.id[:8]})"


class NoSuchClientError(PvwsError):
    """Nobody who is here is meant, or more than one."""

    def __init__(self, which: Which, meant: Sequence[ClientState], here: Sequence[ClientState]) -> None:
        self.which = which
        self.meant = tuple(meant)
        self.here = tuple(here)
        if meant:
            trouble = f'"{which}" may be any of these clients: {_names(meant)}'
        else:
            trouble = f'no client is called "{which}"; here are: {_names(here) or "none"}'
        super().__init__(trouble)


def client_state(stage: "Stage", client: Client, number: int, counts: Counts | None) -> ClientState:
    """How a client is doing."""
    member = client.member
    delivery = stage.delivery.client(member)
    topics = member.topics
    counts = Counts(0, 0) if counts is None else counts
    return ClientState(
        id=client.client_id,
        number=number,
        name=client.name,
        address=client.address,
        topics=tuple(str(topic) for topic in TOPICS if topic in topics),
        connected=counts.at,
        connected_real=counts.real,
        received=counts.received,
        errors=counts.errors,
        sent=delivery.written,
        backlog=delivery.pending,
        backlog_bytes=delivery.pending_bytes,
        lag=_lag(member, stage.real()),
        lost=delivery.lost,
        lateness=delivery.lateness,
    )


def find(clients: Sequence[ClientState], which: Which) -> ClientState:
    """The client that is meant: by its id, its name, its number, or the beginning of its id, in this order.

    Raises NoSuchClientError.
    """
    text = str(which)
    ways = (
        [each for each in clients if each.id == text],
        [each for each in clients if each.name and each.name == text],
        [each for each in clients if str(each.number) == text],
        [each for each in clients if text and each.id.startswith(text)],
    )
    meant = next((found for found in ways if found), [])
    if len(meant) != 1:
        raise NoSuchClientError(which, meant, clients)
    return meant[0]


def _lag(member: Subscriber, now: Instant) -> int:
    """For how long the oldest event that waits for a client is due."""
    dues: list[tuple[int, int]] = []
    if member.account.strays:
        dues = member.account.strays[0].dues
    elif member.audience is not None and member.audience.lags(member):
        dues = member.audience.dues(member.cursor, member.audience.end)
    return max(0, now - dues[0][0]) if dues else 0


def _names(clients: Sequence[ClientState]) -> str:
    more = len(clients) - _NAMED_MAX
    return ", ".join(map(str, clients[:_NAMED_MAX])) + (f" and {more} more" if more > 0 else "")
