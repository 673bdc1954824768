"""Health: what a peer's heartbeats and its load say of it."""

from msgspec import Struct

from pvws.wire.events import HealthStatus
from pvws.world.entities import Peer

__all__ = [
    "BUSY_AT",
    "DEGRADED_S",
    "HEARTBEATS_MISSED_MAX",
    "HEARTBEATS_UNHEARD",
    "HEARTBEAT_MICROS",
    "RECOVERED_S",
    "Judgement",
    "delay_micros",
    "is_slow",
    "is_straining",
    "judge",
    "last_heartbeat",
    "next_heartbeat",
    "response_micros",
    "transfer_micros",
]

HEARTBEAT_MICROS = 5_000_000
"""From one heartbeat of a peer to the next."""

HEARTBEATS_UNHEARD = 3
"""So many heartbeats missed, and nobody knows how the peer is."""

HEARTBEATS_MISSED_MAX = 6
"""So many, and the peer is given up: it counts as disconnected."""

DEGRADED_S = 0.5
"""A peer that answers more slowly than that, in seconds, is degraded …"""

RECOVERED_S = 0.4
"""… until it answers faster than that: the hysteresis that keeps it from flapping."""

_TRANSFERS_AT_ONCE = 64  # what a peer can do at the same time before requests wait
_UTILISATION_MAX = 0.98  # past that the queueing formula would give waits that nobody waits for
BUSY_AT = 12
"""Transfers of a peer below which their share of it is not worth a look."""


class Judgement(Struct, frozen=True):
    """What a peer's health is, with its response time in seconds and what is wrong."""

    status: HealthStatus
    response_time: float
    troubles: tuple[str, ...]


def response_micros(peer: Peer) -> float:
    """How long a request to the peer takes, in microseconds: there and back, divided by the share of it that is free,
    as in a queue with exponential service times (M/M/1).
    """
    return peer.delay / (1 - min(_under_way(peer) / _TRANSFERS_AT_ONCE, _UTILISATION_MAX))


def delay_micros(peer: Peer) -> int:
    """What `delay` of a peer should be: its latency, its slowness and its load from outside make it."""
    return int(2 * peer.latency * peer.slowness / (1 - min(peer.load, _UTILISATION_MAX)))


def transfer_micros(size: int, source: Peer, target: Peer) -> int:
    """How long a copy takes: so many bytes at the pace of the slower one, and the way."""
    pace, target_pace = source.bandwidth, target.bandwidth
    return size * 1_000_000 // (pace if pace < target_pace else target_pace) + (source.delay + target.delay) // 2


def judge(peer: Peer, now: int) -> Judgement:
    """The health of a connected peer, by what its heartbeats have told up to an instant in microseconds."""
    response = round(response_micros(peer) / 1_000_000, 6)
    if peer.heard is not None:
        silent = (now - peer.heard) // HEARTBEAT_MICROS
        if silent >= HEARTBEATS_UNHEARD:
            return Judgement("UNKNOWN", response, (f"no heartbeat for {silent * HEARTBEAT_MICROS // 1_000_000} s",))
        return Judgement(peer.health, response, ())
    limit = RECOVERED_S if peer.health == "DEGRADED" else DEGRADED_S
    if response >= limit:
        return Judgement("DEGRADED", response, ("slow responses",))
    return Judgement("ONLINE", response, ())


def is_slow(peer: Peer) -> bool:
    """Whether a peer is degraded even when it has nothing to do."""
    return peer.delay >= DEGRADED_S * 1_000_000


def is_straining(peer: Peer) -> bool:
    """Whether what a peer does now may change its health: it does much at once, or is degraded and does anything."""
    transfers = _under_way(peer)
    return transfers >= BUSY_AT or (transfers > 0 and peer.health == "DEGRADED")


def last_heartbeat(peer: Peer, now: int) -> int:
    """When the peer's last heartbeat was heard, in microseconds."""
    if peer.heard is not None:
        return peer.heard
    return max(peer.joined, now - (now - _phase(peer)) % HEARTBEAT_MICROS)


def next_heartbeat(peer: Peer, now: int) -> int:
    """When the peer's next heartbeat is due, in microseconds."""
    return now + HEARTBEAT_MICROS - (now - _phase(peer)) % HEARTBEAT_MICROS


def _under_way(peer: Peer) -> int:
    """What the peer sends and gets at this moment: a copy that waits for its turn is no work yet."""
    return len(peer.incoming) + peer.outgoing - peer.waiting


def _phase(peer: Peer) -> int:
    """Where in the period the peer's heartbeats lie: each peer's elsewhere, as its id says."""
    return int(peer.id[:6], 16) * HEARTBEAT_MICROS >> 24
