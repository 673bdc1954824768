"""Steps that make peers slow or busy: slow, load."""

from collections.abc import Collection, Iterable
from typing import Annotated

from msgspec import Meta

from pvws.notation.quantities import Duration, Factor, Period
from pvws.scenario.observations import Observations
from pvws.scenario.play import TIMELINE, Play
from pvws.scenario.selection import Selection, SomeShare, number_of
from pvws.scenario.timeline.action import Ends, Mistake
from pvws.scenario.triggers import Act
from pvws.world.entities import Peer

__all__ = ["Load", "Slow"]


class Slow(Selection, frozen=True, kw_only=True, rename={"lasting": "for"}):
    """Peers get slower: requests to them take so many times as long.

    A peer that takes half a second to answer is `DEGRADED`.
    """

    factor: Annotated[Factor, Meta(description="How many times as long as usual they take.")]
    lasting: Annotated[Duration | None, Meta(description="How long; without it, until the end.")] = None

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Slowing(self, name, play).take


class _Slowing:
    __slots__ = ("_action", "_chance", "_ends", "_name", "_play")

    def __init__(self, action: Slow, name: str, play: Play) -> None:
        self._action = action
        self._name = name
        self._play = play
        self._chance = play.chance.stream(name)
        self._ends = Ends(play.kernel, self._end)

    def take(self, observations: Observations) -> None:
        for peer in self._action.chosen(self._play, self._chance, observations):
            slowness = self._play.holds.take(("slowness", peer.number), self._name, self._action.factor)
            self._play.world.burden(peer, slowness=slowness)
            self._ends.begin(peer.number, self._action.lasting)

    def _end(self, number: int) -> None:
        slowness = self._play.holds.release(("slowness", number), self._name, 1.0)
        self._play.world.burden(self._play.world.peers[number], slowness=slowness)


class Load(Selection, frozen=True, kw_only=True, rename={"lasting": "for"}):
    """Peers are busy with other things, to some `share` of their time: requests to them wait the longer.

    With `rotate` the load moves on to the next peers every so often.
    """

    share: Annotated[SomeShare, Meta(description="How much of their time they are busy.")]
    rotate: Annotated[
        Period | None, Meta(description="How long one lot of peers is busy before it is the next one's turn.")
    ] = None
    lasting: Annotated[Duration | None, Meta(description="How long in all; without it, until the end.")] = None

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """What rotates is not tied to peers by name."""
        yield from super().mistakes(keys)
        if self.rotate is not None and (self.peer is not None or isinstance(self.peers, tuple)):
            yield Mistake(("rotate",), "a number or a share of peers that it moves on from")

    def repetitions(self, duration: int) -> int:
        """A turn each."""
        if self.rotate is None:
            return 1
        lasting = duration if self.lasting is None else min(self.lasting, duration)
        return (lasting // self.rotate + 1) * (self.peers if isinstance(self.peers, int) else 1)

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Loading(self, name, play).take


class _Loading:
    """`_turn` counts how often the step has been taken: what an earlier taking has put down does not count any more."""

    __slots__ = ("_action", "_chance", "_loaded", "_name", "_place", "_play", "_turn")

    def __init__(self, action: Load, name: str, play: Play) -> None:
        self._action = action
        self._name = name
        self._play = play
        self._chance = play.chance.stream(name)
        self._loaded: list[Peer] = []
        self._place = 0
        self._turn = 0

    def take(self, observations: Observations) -> None:
        self._turn += 1
        self._release(self._turn)
        action, kernel = self._action, self._play.kernel
        self._load(action.chosen(self._play, self._chance, observations))
        if action.rotate is not None:
            kernel.after(action.rotate, self._rotate, self._turn, rank=TIMELINE)
        if action.lasting is not None:
            kernel.after(action.lasting, self._end, self._turn, rank=TIMELINE)

    def _load(self, peers: list[Peer]) -> None:
        self._loaded = peers
        for peer in peers:
            load = self._play.holds.take(("load", peer.number), self._name, self._action.share)
            self._play.world.burden(peer, load=load)
            self._place = peer.place

    def _release(self, turn: int) -> None:
        if turn == self._turn:
            for peer in self._loaded:
                load = self._play.holds.release(("load", peer.number), self._name, 0.0)
                self._play.world.burden(peer, load=load)
            self._loaded = []

    def _rotate(self, turn: int) -> None:
        if turn != self._turn or self._action.rotate is None:
            return
        self._release(turn)
        connected, first = self._play.world.store.connected, self._place + 1
        wanted = self._action.peers
        assert not isinstance(wanted, tuple), "what rotates is not tied to names"
        count = min(number_of(wanted, len(connected)), len(connected))
        self._load([connected[(first + step) % len(connected)] for step in range(count)])
        self._play.kernel.after(self._action.rotate, self._rotate, turn, rank=TIMELINE)

    def _end(self, turn: int) -> None:
        if turn == self._turn:
            self._release(turn)
            self._turn += 1
