"""Steps about peers that come and go: join, leave, crash, restart."""

from collections.abc import Collection, Iterable
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct, structs

from pvws.limits import PEERS_MAX
from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form
from pvws.notation.quantities import Duration, Size
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.observations import Observations
from pvws.scenario.play import TIMELINE, Play
from pvws.scenario.selection import PeerName, Peers, Selection, filled_name
from pvws.scenario.timeline.action import Action, Keys, Mistake, Series
from pvws.scenario.timeline.texts import Label, is_template
from pvws.scenario.triggers import Act
from pvws.wire.events import DisconnectReason
from pvws.world.cast import Figures
from pvws.world.entities import Peer

__all__ = ["Crash", "Join", "Leave", "Newcomer", "Newcomers", "Restart"]


class Newcomer(Struct, frozen=True):
    """A peer with a name and figures of its own; what is left out is drawn like that of any other peer."""

    name: Annotated[Label, Meta(description="What the script calls it.")]
    address: Annotated[str | None, Meta(description="Its address.")] = None
    port: Annotated[int | None, Meta(ge=1, le=65_535, description="Its port.")] = None
    capabilities: Annotated[tuple[str, ...] | None, Meta(description="What it can do.")] = None
    capacity: Annotated[Size | None, Meta(description="What it can store.")] = None
    bandwidth: Annotated[Annotated[Size, Meta(ge=1)] | None, Meta(description="What it can move in a second.")] = None
    latency: Annotated[Duration | None, Meta(description="How long a message to or from it takes.")] = None

    def figures(self) -> Figures:
        """The same, for the cast."""
        return Figures(**structs.asdict(self))


def _newcomers(reader: Reader, node: Node, path: str) -> Any:
    kind = Annotated[tuple[Newcomer, ...], Meta(min_length=1, max_length=PEERS_MAX)]
    newcomers = reader.read(node, kind, path)
    if newcomers is INVALID:
        return INVALID
    assert isinstance(node.value, list), "it was read as one"
    names: set[str] = set()
    for place, newcomer in enumerate(newcomers):
        inner = f"{path}[{place}]"
        if newcomer.name in names:
            return reader.problem(node.value[place], inner, "a name that no other peer has", f'"{newcomer.name}" again')
        if newcomer.name.startswith("peer-") and newcomer.name[5:].isdigit():
            expected = "a name of its own, since peer-1, peer-2 and so on are those of peers without one"
            return reader.problem(node.value[place], inner, expected, f'"{newcomer.name}"')
        names.add(newcomer.name)
    return newcomers


def _newcomers_schema(builder: Builder) -> dict[str, Any]:
    return {"type": "array", "items": builder.fragment(Newcomer), "minItems": 1, "maxItems": PEERS_MAX}


Newcomers: TypeAlias = Annotated[
    tuple[Newcomer, ...], Form(_newcomers, label="list of peers", schema=_newcomers_schema)
]
"""Peers with names of their own."""


class Join(Action, frozen=True):
    """New peers join, or one that was here before comes back.

    New are `peers`, or `named` ones with figures of their own, one after the other `over` some time. The `peer` that
    comes back had left, crashed or been given up, and has its disk still.
    """

    peers: Annotated[int, Meta(ge=1, le=PEERS_MAX, description="How many new peers join.")] = 1
    over: Annotated[Duration, Meta(description="From the first to the last, evenly; without it, all at once.")] = 0
    peer: Annotated[PeerName | None, Meta(description="The peer that comes back, by name.")] = None
    named: Annotated[
        Newcomers, Meta(description="The new peers with their names and figures; who has joined before comes back.")
    ] = ()

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """One of `peers`, `peer` and `named`; a single peer needs no time."""
        for key in ("peer", "named"):
            if key in keys:
                beside = ("peers", "over", "named") if key == "peer" else ("peers",)
                yield from (Mistake((each,), f'nothing beside "{key}"') for each in beside if each in keys)
                return

    def peer_names(self) -> Iterable[tuple[Keys, str]]:
        """The name of the peer that comes back."""
        return [(("peer",), self.peer)] if self.peer is not None and not is_template(self.peer) else []

    def new_names(self) -> Iterable[tuple[Keys, str]]:
        """The names of the new peers."""
        return [(("named", place, "name"), newcomer.name) for place, newcomer in enumerate(self.named)]

    def new_peers(self) -> int:
        """Those that join for the first time."""
        return 0 if self.peer is not None else len(self.named) or self.peers

    def repetitions(self, duration: int) -> int:
        """A peer each."""
        return max(1, self.new_peers())

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Joining(self, name, play).take


class _Joining:
    __slots__ = ("_action", "_links", "_play", "_series")

    def __init__(self, action: Join, name: str, play: Play) -> None:
        self._action = action
        self._play = play
        self._links = play.chance.stream(f"links of {name}")
        self._series = Series(play.kernel, self._join)

    def take(self, observations: Observations) -> None:
        action = self._action
        if action.peer is None:
            self._series.begin(len(action.named) or action.peers, action.over)
            return
        name = filled_name(action.peer, observations)
        peer = None if name is None else self._play.world.find(name)
        if peer is not None:
            self._play.world.recover(peer, self._links)

    def _join(self, _: None, number: int) -> None:
        world, named = self._play.world, self._action.named
        known = world.find(named[number].name) if named else None
        if known is not None:
            world.recover(known, self._links)
        elif len(world.peers) < PEERS_MAX:  # what repeats on a condition could make more than a machine can hold
            figures = named[number].figures() if named else Figures()
            world.connect(self._play.cast.make(figures), self._links)


class Leave(Selection, frozen=True, rename={"lasting": "for"}):
    """Peers leave the network, for a while or until they are called back. Their disks stay as they are."""

    reason: Annotated[DisconnectReason, Meta(description="Why, as clients are told.")] = "timeout"
    lasting: Annotated[Duration | None, Meta(description="After that time they come back; without it, they don't.")] = (
        None
    )

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Leaving(self, name, play).take


class _Leaving:
    __slots__ = ("_action", "_chance", "_links", "_play")

    def __init__(self, action: Leave, name: str, play: Play) -> None:
        self._action = action
        self._play = play
        self._chance = play.chance.stream(name)
        self._links = play.chance.stream(f"links of {name}")

    def take(self, observations: Observations) -> None:
        world, action = self._play.world, self._action
        for peer in action.chosen(self._play, self._chance, observations):
            world.disconnect(peer, action.reason)
            if action.lasting is not None:
                self._play.kernel.after(action.lasting, self._come_back, (peer, peer.joined), rank=TIMELINE)

    def _come_back(self, left: tuple[Peer, int]) -> None:
        peer, joined = left
        if peer.joined == joined:  # else it has been back, and why it is away now is not our business
            self._play.world.connect(peer, self._links)


class Crash(Selection, frozen=True, rename={"lasting": "for"}):
    """Peers crash: they answer nothing more, and nobody is told.

    Their heartbeats are missed: after 15 s their health becomes `UNKNOWN`, and after 30 s they count as disconnected
    by `timeout`.
    """

    lasting: Annotated[
        Duration | None, Meta(description="After that time they are back; without it, not before they are called.")
    ] = None

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Crashing(self, name, play).take


class _Crashing:
    __slots__ = ("_action", "_chance", "_links", "_play")

    def __init__(self, action: Crash, name: str, play: Play) -> None:
        self._action = action
        self._play = play
        self._chance = play.chance.stream(name)
        self._links = play.chance.stream(f"links of {name}")

    def take(self, observations: Observations) -> None:
        action = self._action
        for peer in action.chosen(self._play, self._chance, observations):
            if not peer.crashed:
                self._play.world.crash(peer)
                if action.lasting is not None:
                    self._play.kernel.after(action.lasting, self._recover, (peer, peer.joined), rank=TIMELINE)

    def _recover(self, crashed: tuple[Peer, int]) -> None:
        peer, joined = crashed
        if peer.joined == joined:
            self._play.world.recover(peer, self._links)


class Restart(Selection, frozen=True):
    """A rolling restart: one peer after the other goes and is back after `down`.

    Each says goodbye (`shutdown`). Without `over` the next one goes when the last one is back.
    """

    peers: Annotated[
        Peers, Meta(description="Which peers: so many random ones, a share, a list of names, or `all`.")
    ] = 1.0
    down: Annotated[Duration, Meta(description="How long each is away.")] = 5_000_000
    over: Annotated[
        Duration | None, Meta(description="From the first to the last, evenly, whether or not others are still away.")
    ] = None

    def repetitions(self, duration: int) -> int:
        """A peer each."""
        return self.peers if isinstance(self.peers, int) else 1

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Restarting(self, name, play).take


class _Restarting:
    __slots__ = ("_action", "_chance", "_links", "_play", "_series")

    def __init__(self, action: Restart, name: str, play: Play) -> None:
        self._action = action
        self._play = play
        self._chance = play.chance.stream(name)
        self._links = play.chance.stream(f"links of {name}")
        self._series = Series(play.kernel, self._one)

    def take(self, observations: Observations) -> None:
        action = self._action
        peers = action.chosen(self._play, self._chance, observations)
        if action.over is None:
            self._next((peers, 0))
        elif peers:
            self._series.begin(len(peers), action.over, peers)

    def _next(self, turn: tuple[list[Peer], int]) -> None:
        """The peer whose turn it is, or the next one that is there."""
        peers, place = turn
        while place < len(peers) and not peers[place].connected:
            place += 1
        if place < len(peers):
            self._one(peers, place)
            self._play.kernel.after(self._action.down, self._next, (peers, place + 1), rank=TIMELINE)

    def _one(self, peers: list[Peer], number: int) -> None:
        peer = peers[number]
        if peer.connected:
            self._play.world.disconnect(peer, "shutdown")
            self._play.kernel.after(self._action.down, self._come_back, (peer, peer.joined), rank=TIMELINE)

    def _come_back(self, left: tuple[Peer, int]) -> None:
        peer, joined = left
        if peer.joined == joined:
            self._play.world.connect(peer, self._links)
