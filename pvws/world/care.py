"""Care: a peer's health is looked at with its heartbeats, and told when it is another."""

from collections.abc import Callable

from pvws.sim.kernel import Kernel
from pvws.timestamp import Timestamp
from pvws.wire.events import PeerHealthChanged
from pvws.world.entities import Peer
from pvws.world.health import (
    HEARTBEAT_MICROS,
    HEARTBEATS_MISSED_MAX,
    HEARTBEATS_UNHEARD,
    Judgement,
    is_slow,
    is_straining,
    judge,
    last_heartbeat,
    next_heartbeat,
)
from pvws.world.herald import Herald

__all__ = ["Care"]


class Care:
    """Heartbeats cost nothing while nothing changes: a peer is looked at with its next one when there is a cause.

    `give_up` is told of a peer whose heartbeats have been missing for too long. `degraded` counts the connected peers
    that are.
    """

    __slots__ = ("_give_up", "_herald", "_kernel", "degraded")

    def __init__(self, kernel: Kernel, herald: Herald, give_up: Callable[[Peer], None]) -> None:
        self._kernel = kernel
        self._herald = herald
        self._give_up = give_up
        self.degraded = 0

    def begin(self, peer: Peer) -> None:
        """A peer has connected: it is online."""
        peer.joined = self._kernel.now
        peer.heard = None
        peer.health = "ONLINE"
        if is_slow(peer):
            self.look_soon(peer)

    def end(self, peer: Peer) -> None:
        """A peer has gone."""
        if peer.health == "DEGRADED":
            self.degraded -= 1
        peer.health = "OFFLINE"

    def look_soon(self, peer: Peer) -> None:
        """Look at the peer when its next heartbeat comes; nothing, if that is so already."""
        if not peer.watched:
            peer.watched = True
            self._kernel.schedule(next_heartbeat(peer, self._kernel.now), self._look, peer)

    def silence(self, peer: Peer) -> None:
        """Nothing is heard of the peer from now on: after some heartbeats its health is unknown."""
        if peer.heard is None:
            peer.heard = last_heartbeat(peer, self._kernel.now)
            self._kernel.schedule(peer.heard + HEARTBEATS_UNHEARD * HEARTBEAT_MICROS, self._unheard, (peer, peer.heard))
        elif peer.crashed:  # it was silent already, on another side of a partition: from now on there is a cause more
            self._kernel.after(HEARTBEATS_MISSED_MAX * HEARTBEAT_MICROS, self._despair, (peer, peer.heard))

    def hear(self, peer: Peer) -> None:
        """The peer is heard again, from its next heartbeat on."""
        if peer.heard is not None:
            peer.heard = None
            self.look_soon(peer)

    def _unheard(self, silence: tuple[Peer, int]) -> None:
        peer, heard = silence
        if peer.heard != heard or not peer.connected:
            return
        self._tell(peer, judge(peer, self._kernel.now))
        if peer.crashed:
            micros = (HEARTBEATS_MISSED_MAX - HEARTBEATS_UNHEARD) * HEARTBEAT_MICROS
            self._kernel.after(micros, self._despair, silence)

    def _despair(self, silence: tuple[Peer, int]) -> None:
        peer, heard = silence
        if peer.heard == heard and peer.crashed and peer.connected:
            unheard = judge(peer, self._kernel.now)
            self._tell(peer, Judgement("OFFLINE", unheard.response_time, unheard.troubles))
            self._give_up(peer)

    def _look(self, peer: Peer) -> None:
        peer.watched = False
        if peer.connected and peer.heard is None:
            self._tell(peer, judge(peer, self._kernel.now))
            if is_straining(peer):  # what strains it may end without anybody looking
                self.look_soon(peer)

    def _tell(self, peer: Peer, judgement: Judgement) -> None:
        """Tell what the peer's health is, if it was another."""
        if judgement.status == peer.health:
            return
        self.degraded += (judgement.status == "DEGRADED") - (peer.health == "DEGRADED")
        now, before = self._kernel.now, peer.health
        peer.health = judgement.status
        self._herald.outbox.append(
            PeerHealthChanged(
                id=peer.id,
                status=judgement.status,
                previous_status=before,
                is_healthy=judgement.status == "ONLINE",
                response_time=judgement.response_time,
                uptime=round((now - peer.joined) / 1_000_000, 6),
                last_heartbeat=Timestamp(last_heartbeat(peer, now)),
                errors=list(judgement.troubles),
                timestamp=self._herald.now,
            )
        )
