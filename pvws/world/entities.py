"""The nouns of the world: peers, files, and copies on their way from one peer to another.

They refer to each other by number and key, never by reference: so a world has no cycles for the collector to look
for, and is pickled without a deep recursion.
"""

from typing import Any, Literal, TypeAlias

from mypy_extensions import mypyc_attr

from pvws.wire.events import HealthStatus

__all__ = ["File", "Peer", "Progress", "Transfer", "Way"]

Progress: TypeAlias = Literal["PENDING", "SYNCING"]
"""Of a copy that is not there yet: it waits for its turn, or is on its way."""


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True, acyclic=True)
class Peer:
    """A node of the simulated network. Sizes in bytes; `bandwidth` in bytes a second, `latency` in microseconds.

    `room` is what neither its complete copies nor those on their way will take. `held` are the files it has whole, by
    key with their sizes, also while the peer is away: it comes back with its disk.
    `incoming` are the copies on their way to it, by key, `outgoing` counts those from it. `chords` are neighbours by
    number beside those on its ring, in which it has a `seat`; `group` is its side of a partition.
    """

    __slots__ = (
        "address",
        "bandwidth",
        "brink",
        "capabilities",
        "capacity",
        "chords",
        "connected",
        "crashed",
        "delay",
        "group",
        "health",
        "heard",
        "held",
        "high",
        "id",
        "incoming",
        "joined",
        "latency",
        "left",
        "load",
        "low",
        "missed",
        "name",
        "number",
        "outgoing",
        "place",
        "port",
        "room",
        "seat",
        "slowness",
        "waiting",
        "watched",
    )

    def __init__(
        self,
        number: int,
        name: str,
        peer_id: str,
        address: str,
        port: int,
        capabilities: list[str],
        capacity: int,
        bandwidth: int,
        latency: int,
    ) -> None:
        self.number = number
        self.name = name
        self.id = peer_id
        self.address = address
        self.port = port
        self.capabilities = capabilities
        self.capacity = capacity
        self.bandwidth = bandwidth
        self.latency = latency
        self.connected = False
        self.crashed = False
        """It answers nothing more, and the network has not noticed yet."""
        self.missed = False
        """It is away, and not for long, or on another side of a partition, without having said goodbye."""
        self.room = capacity
        self.held: dict[str, int] = {}
        self.incoming: dict[str, Transfer] = {}
        self.outgoing = 0
        self.waiting = 0
        """Of both, those that wait for their turn."""
        self.chords: dict[int, None] = {}
        self.group = 0
        self.seat = -1
        self.place = -1
        """Its place among the connected peers."""
        self.joined = 0
        """When it connected last, in microseconds …"""
        self.left = 0
        """… and when it left last."""
        self.heard: int | None = None
        """When its last heartbeat was heard; None while they come regularly."""
        self.health: HealthStatus = "UNKNOWN"
        self.watched = False
        """Its health will be looked at with its next heartbeat."""
        self.slowness = 1.0
        """By how much it is slower than it should be."""
        self.load = 0.0
        """Share of it that is busy with what is not of this world, from 0 to 1."""
        self.delay = 2 * latency
        """How long a request to it takes with that, there and back, in microseconds."""
        self.heed(0, 0)

    def heed(self, low: int, high: int) -> None:
        """Its storage alarm deserves a look when so many bytes are used, or fewer than `low`, which is 0 or less where
        none is few enough. At `brink` bytes of room `high` may be reached: sooner it can't be.
        """
        self.low = low
        self.high = high
        self.brink = self.capacity - high

    @property
    def used(self) -> int:
        """What its complete copies take."""
        return self.capacity - self.room - sum(each.size for each in self.incoming.values())


@mypyc_attr(acyclic=True)
class File:
    """Something stored. `copies` are the connected peers that hold it whole, by number, `coming` the copies on their
    way.

    `key` is 64 lower-case hex digits, the content's hash; `size` in bytes. `place` is its place among the available
    files, -1 while no connected peer has it; `version` counts its updates.
    """

    __slots__ = ("coming", "copies", "key", "place", "size", "tags", "version")

    def __init__(
        self,
        key: str,
        size: int,
        copies: list[int],
        coming: "list[Transfer]",
        place: int = -1,
        version: int = 0,
        tags: tuple[str, ...] | None = None,
    ) -> None:
        self.key = key
        self.size = size
        self.copies = copies
        self.coming = coming
        self.place = place
        self.version = version
        self.tags = tags

    def __reduce__(self) -> tuple[Any, ...]:
        return File, (self.key, self.size, self.copies, self.coming, self.place, self.version, self.tags)


@mypyc_attr(acyclic=True)
class Transfer:
    """A copy of a file on its way from a peer to another, by number.

    While it is `live` its arrival counts. It `began` at an instant and takes `micros`; a `repair` takes one of the
    places that there are for repairs, and is `PENDING` until it gets one.
    """

    __slots__ = ("began", "key", "live", "micros", "repair", "size", "source", "status", "target")

    def __init__(
        self,
        key: str,
        size: int,
        source: int,
        target: int,
        began: int,
        micros: int,
        repair: bool = False,
        status: Progress = "SYNCING",
        live: bool = True,
    ) -> None:
        self.key = key
        self.size = size
        self.source = source
        self.target = target
        self.began = began
        self.micros = micros
        self.repair = repair
        self.status = status
        self.live = live

    def __reduce__(self) -> tuple[Any, ...]:
        state = self.key, self.size, self.source, self.target, self.began, self.micros
        return Transfer, (*state, self.repair, self.status, self.live)


Way: TypeAlias = tuple[Transfer, File, Peer, Peer]
"""A copy on its way as the agenda has it: of which file, from whom and to whom."""
