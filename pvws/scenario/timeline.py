"""Steps of the timeline: what the script has happen at an instant."""

from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

from pvws.limits import PEERS_MAX
from pvws.notation.document import Node
from pvws.notation.quantities import Duration, Percentage
from pvws.notation.reader import INVALID, Form, Reader
from pvws.scenario.play import TIMELINE, Play
from pvws.sim.chance import Stream
from pvws.wire.events import DisconnectReason
from pvws.world.entities import Peer

__all__ = ["STEPS", "Fill", "Join", "Leave", "Step", "TimelineStep"]

_FILL_TICK = 250_000  # microseconds between two uploads of a fill: often enough to look like a rush of files

_PeerCount: TypeAlias = Annotated[int, Meta(ge=1, le=PEERS_MAX)]


class Join(Struct, frozen=True):
    """A peer that left comes back (`peer`), or new ones join (`peers`), one after the other `over` some time."""

    at: Duration
    peer: str | None = None
    peers: _PeerCount = 1
    over: Duration = 0

    def begin(self, name: str, play: Play) -> None:
        """Put it on the agenda of a run."""
        joining = _Joining(play, play.chance.stream(name))
        for number in range(1 if self.peer else self.peers):
            delay = self.at + self.over * number // self.peers
            play.kernel.after(delay, joining.join, self.peer, rank=TIMELINE)


class _Joining:
    __slots__ = ("_chance", "_play")

    def __init__(self, play: Play, chance: Stream) -> None:
        self._play = play
        self._chance = chance

    def join(self, name: str | None) -> None:
        peer = self._play.cast.make() if name is None else self._play.world.peers.get(name)
        if peer is not None:
            self._play.world.connect(peer, self._chance)


class Leave(Struct, frozen=True, rename={"lasting": "for"}):
    """A peer (`peer`) or some random ones (`peers`) leave; with `for` they come back after that time."""

    at: Duration
    peer: str | None = None
    peers: _PeerCount = 1
    reason: DisconnectReason = "timeout"
    lasting: Duration | None = None

    def begin(self, name: str, play: Play) -> None:
        """Put it on the agenda of a run."""
        leaving = _Leaving(self, play, play.chance.stream(name))
        play.kernel.after(self.at, leaving.leave, rank=TIMELINE)


class _Leaving:
    __slots__ = ("_chance", "_play", "_step")

    def __init__(self, step: Leave, play: Play, chance: Stream) -> None:
        self._step = step
        self._play = play
        self._chance = chance

    def leave(self, _: None) -> None:
        world, step = self._play.world, self._step
        if step.peer is None:
            chosen = self._chance.sample(world.connected, step.peers)
        else:
            chosen = [peer for peer in (world.peers.get(step.peer),) if peer is not None and peer.connected]
        for peer in chosen:
            world.disconnect(peer, step.reason)
            if step.lasting is not None:
                self._play.kernel.after(step.lasting, self._come_back, peer, rank=TIMELINE)

    def _come_back(self, peer: Peer) -> None:
        self._play.world.connect(peer, self._chance)


class Fill(Struct, frozen=True):
    """Uploads bring the use of storage up `to` a share of what there is, evenly `over` some time."""

    at: Duration
    to: Percentage
    over: Duration = 10_000_000

    def begin(self, name: str, play: Play) -> None:
        """Put it on the agenda of a run."""
        filling = _Filling(self, name, play, play.chance.stream(name))
        play.kernel.after(self.at, filling.begin, rank=TIMELINE)


class _Filling:
    __slots__ = ("_chance", "_files", "_from", "_name", "_number", "_play", "_step", "_ticks")

    def __init__(self, step: Fill, name: str, play: Play, chance: Stream) -> None:
        self._step = step
        self._name = name
        self._play = play
        self._chance = chance
        self._number = self._files = 0
        self._ticks = max(1, step.over // _FILL_TICK)
        self._from = 0.0

    def begin(self, _: None) -> None:
        world = self._play.world
        self._from = (world.used_space + world.reserved_space) / world.total_space if world.total_space else 0.0
        self._play.kernel.after(0, self._tick, rank=TIMELINE)

    def _tick(self, _: None) -> None:
        """Upload as much as is missing now."""
        self._number += 1
        share = self._from + (self._step.to - self._from) * self._number / self._ticks
        goal = int(share * self._play.world.total_space)
        while self._upload(goal):
            pass
        if self._number < self._ticks:
            self._play.kernel.after(_FILL_TICK, self._tick, rank=TIMELINE)

    def _upload(self, goal: int) -> bool:
        """Upload a file of what is missing, if anything is; what copies will take counts as taken."""
        world, peers = self._play.world, len(self._play.world.connected)
        taken = world.used_space + world.reserved_space
        if not peers or taken >= goal:
            return False
        # At most half the mean room: one peer surely has it, and most often enough have it for all copies.
        size = min((goal - taken) // min(world.replication, peers), (world.total_space - taken) // (2 * peers))
        if size < 1:
            return False
        self._files += 1
        return world.upload(f"{self._name}/{self._files}", size, self._chance) is not None


Step: TypeAlias = Join | Leave | Fill
"""A step of the timeline."""

STEPS: dict[str, type[Step]] = {"join": Join, "leave": Leave, "fill": Fill}
"""Every step by the word under `do`."""


def _step(reader: Reader, node: Node, path: str) -> Any:
    entries = reader.mapping(node, path)
    if entries is None:
        return INVALID
    if "do" not in entries:
        return reader.problem(node, f"{path}.do", f"one of {', '.join(STEPS)}", "nothing")
    word = reader.word(entries["do"], tuple(STEPS), f"{path}.do")
    return INVALID if word is INVALID else reader.struct(node, STEPS[word], path, beside=("do",))


TimelineStep: TypeAlias = Annotated[Step, Form(_step)]
"""A step as it is written: `{at: 30s, do: leave, peer: peer-3, for: 10s}`."""
