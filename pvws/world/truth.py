"""The truth: what is so in a world at an instant, as something to compare a client's own view with."""

from typing import Literal, TypeAlias

from msgspec import Struct

from pvws.timestamp import Timestamp
from pvws.wire.events import AlertLevel, HealthStatus
from pvws.world.entities import File, Peer, Transfer
from pvws.world.health import last_heartbeat, response_micros
from pvws.world.world import World

__all__ = [
    "AlertTruth",
    "CopyStatus",
    "CopyTruth",
    "FileTruth",
    "PeerTruth",
    "Truth",
    "alerts_of",
    "peer_truth",
    "truth",
]

CopyStatus: TypeAlias = Literal["SYNCED", "SYNCING", "PENDING"]
"""Of a copy: it is there, on its way, or waits for its turn."""


class CopyTruth(Struct, frozen=True, rename="camel"):
    """A copy of a file at a peer, by id; `progress` is the share of it that is there."""

    node: str
    status: CopyStatus
    progress: float


class FileTruth(Struct, frozen=True, rename="camel"):
    """A file that is stored; without copies, only peers hold it that are away."""

    key: str
    name: str
    size: int
    owner: str
    content_type: str
    checksum: str
    tags: list[str]
    copies: list[CopyTruth]


class PeerTruth(Struct, frozen=True, rename="camel"):
    """A peer that ever connected. Sizes in bytes, times in seconds. `cluster` numbers the sides of a partition."""

    id: str
    name: str
    address: str
    port: int
    capabilities: list[str]
    capacity: int
    used: int
    connected: bool
    status: HealthStatus
    response_time: float
    uptime: float
    last_heartbeat: Timestamp
    cluster: int


class AlertTruth(Struct, frozen=True, rename="camel"):
    """An alert that was not cleared; `node` is the id of the peer it is about, where it is about one."""

    metric: str
    level: AlertLevel
    node: str | None


class Truth(Struct, frozen=True, rename="camel"):
    """Everything that is so at an instant. Space is that of connected peers, files are all that are stored."""

    at: Timestamp
    total_space: int
    used_space: int
    active_connections: int
    total_bytes_transferred: int
    file_count: int
    peers: list[PeerTruth]
    files: list[FileTruth]
    alerts: list[AlertTruth]


def truth(world: World) -> Truth:
    """What is so now. It costs a look at everything."""
    store, now = world.store, world.herald.now
    return Truth(
        at=now,
        total_space=store.total_space,
        used_space=store.used_space,
        active_connections=world.overlay.links,
        total_bytes_transferred=store.traffic.bytes,
        file_count=len(store.available),
        peers=[peer_truth(peer, world.kernel.now) for peer in world.peers],
        files=[_file(world, file) for file in store.files.values()],
        alerts=alerts_of(world),
    )


def alerts_of(world: World) -> list[AlertTruth]:
    """The alerts that were not cleared."""
    return [
        AlertTruth(name, level, None if number is None else world.peers[number].id)
        for name, level, number in world.watch.uncleared()
    ]


def peer_truth(peer: Peer, now: int) -> PeerTruth:
    """What is so of a peer at an instant, in microseconds."""
    return PeerTruth(
        id=peer.id,
        name=peer.name,
        address=peer.address,
        port=peer.port,
        capabilities=list(peer.capabilities),
        capacity=peer.capacity,
        used=peer.used,
        connected=peer.connected,
        status=peer.health,
        response_time=round(response_micros(peer) / 1_000_000, 6),
        uptime=round((now - peer.joined) / 1_000_000, 6) if peer.connected else 0.0,
        last_heartbeat=Timestamp(last_heartbeat(peer, now)),
        cluster=peer.group,
    )


def _file(world: World, file: File) -> FileTruth:
    about, key = world.descriptions, file.key
    now = world.kernel.now
    copies = [CopyTruth(world.peers[number].id, "SYNCED", 1.0) for number in file.copies]
    return FileTruth(
        key=key,
        name=about.file_name(key),
        size=file.size,
        owner=about.owner(key),
        content_type=about.content_type(key),
        checksum=about.checksum(key, file.version),
        tags=list(about.tags(key) if file.tags is None else file.tags),
        copies=copies + [_on_its_way(world, transfer, now) for transfer in file.coming],
    )


def _on_its_way(world: World, transfer: Transfer, now: int) -> CopyTruth:
    progress = 0.0
    if transfer.status == "SYNCING":
        progress = round(min(1.0, (now - transfer.began) / max(transfer.micros, 1)), 6)
    return CopyTruth(world.peers[transfer.target].id, transfer.status, progress)
