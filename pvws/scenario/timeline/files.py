"""Steps about files: corrupt, burst."""

from collections.abc import Collection, Iterable
from typing import Annotated

from msgspec import Meta

from pvws.limits import BURST_FILES_MAX
from pvws.notation.quantities import Duration, Factor
from pvws.scenario.behaviours.uploads import DEFAULT_SIZE
from pvws.scenario.observations import Observations
from pvws.scenario.play import Play
from pvws.scenario.quantities import SizeDistribution
from pvws.scenario.selection import PeerName, named
from pvws.scenario.timeline.action import AT_ONCE_MAX, Action, Ends, Keys, Mistake, Series
from pvws.scenario.timeline.texts import Label, is_template
from pvws.scenario.triggers import Act
from pvws.world.entities import File, Peer

__all__ = ["Burst", "Corrupt"]

_FACTOR = 10.0


class Corrupt(Action, frozen=True):
    """Copies of files are not any more what they should be.

    Each is found out when it is read, at the latest by the network's `scrub`: an `integrity_violation`, and the copy
    is replaced if there is another one.
    """

    copies: Annotated[
        int | None,
        Meta(ge=1, le=BURST_FILES_MAX, description="How many random copies, each of another file; without `peer`: 1."),
    ] = None
    peer: Annotated[
        PeerName | None, Meta(description="Copies on this peer only; without `copies`, all that it has.")
    ] = None

    def peer_names(self) -> Iterable[tuple[Keys, str]]:
        """The name of the peer."""
        return [(("peer",), self.peer)] if self.peer is not None and not is_template(self.peer) else []

    def repetitions(self, duration: int) -> int:
        """A copy each."""
        return self.copies or 1

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Corrupting(self, name, play).take


class _Corrupting:
    __slots__ = ("_action", "_chance", "_delays", "_play")

    def __init__(self, action: Corrupt, name: str, play: Play) -> None:
        self._action = action
        self._play = play
        self._chance = play.chance.stream(name)
        self._delays = play.chance.stream(f"scrubs of {name}")

    def take(self, observations: Observations) -> None:
        for file, peer in self._chosen(observations):
            self._play.world.corrupt(file, peer, self._delays)

    def _chosen(self, observations: Observations) -> list[tuple[File, Peer]]:
        world, action, chance = self._play.world, self._action, self._chance
        if action.peer is None:
            files = chance.sample(world.store.available, action.copies or 1)
            return [(file, world.peers[chance.choice(file.copies)]) for file in files]
        peers = named(self._play, (action.peer,), observations)
        copies = [(world.store.files[key], peer) for peer in peers for key in peer.held]
        return copies if action.copies is None else chance.sample(copies, action.copies)


class Burst(Action, frozen=True, rename={"lasting": "for"}):
    """More than usual for a while: a `behaviour` does so many times as much, or so many `files` come in.

    A behaviour that several bursts speed up goes by the one that began last, of those that are not over.
    """

    behaviour: Annotated[Label | None, Meta(description="The behaviour that is to do more, by name.")] = None
    factor: Annotated[Factor, Meta(description="How many times as much it does.")] = _FACTOR
    lasting: Annotated[Duration | None, Meta(description="How long; without it, until the end.")] = None
    files: Annotated[int | None, Meta(ge=1, le=BURST_FILES_MAX, description="How many files are uploaded instead.")] = (
        None
    )
    over: Annotated[Duration, Meta(description="From the first file to the last, evenly.")] = 1_000_000
    size: Annotated[SizeDistribution, Meta(description="How large the files are.")] = DEFAULT_SIZE

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """Either of `behaviour` and `files`, each with keys of its own."""
        if self.behaviour is None and self.files is None:
            yield Mistake(("do",), '"behaviour" or "files" beside it', "neither")
            return
        if self.behaviour is not None:
            yield from (
                Mistake((key,), 'nothing beside "behaviour"') for key in ("files", "over", "size") if key in keys
            )
        else:
            yield from (Mistake((key,), 'nothing beside "files"') for key in ("factor", "for") if key in keys)

    def behaviour_names(self) -> Iterable[tuple[Keys, str]]:
        """The name of the behaviour."""
        return [] if self.behaviour is None else [(("behaviour",), self.behaviour)]

    def repetitions(self, duration: int) -> int:
        """A file each."""
        return self.files or 1

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Uploading(self, name, play).take if self.behaviour is None else _Speeding(self, name, play).take


class _Speeding:
    __slots__ = ("_action", "_ends", "_name", "_play")

    def __init__(self, action: Burst, name: str, play: Play) -> None:
        self._action = action
        self._name = name
        self._play = play
        self._ends = Ends(play.kernel, self._end)

    def take(self, _: Observations) -> None:
        name = self._action.behaviour or ""
        behaviour = self._play.behaviours.get(name)
        if behaviour is not None:
            behaviour.set_factor(self._play.holds.take(("rate", name), self._name, self._action.factor))
            self._ends.begin(name, self._action.lasting)

    def _end(self, name: str) -> None:
        self._play.behaviours[name].set_factor(self._play.holds.release(("rate", name), self._name, 1.0))


class _Uploading:
    __slots__ = ("_action", "_keys", "_places", "_series", "_sizes", "_sizing", "_store")

    def __init__(self, action: Burst, name: str, play: Play) -> None:
        self._action = action
        self._store = play.world.store
        self._keys = play.chance.keys(name)
        self._sizing = action.size.sampler()
        self._sizes = play.chance.stream(f"sizes of {name}")
        self._places = play.chance.stream(f"places of {name}")  # how often it is drawn from depends on who has room
        self._series = Series(play.kernel, self._upload, at_once=AT_ONCE_MAX)

    def take(self, _: Observations) -> None:
        self._series.begin(self._action.files or 0, self._action.over)

    def _upload(self, _: None, number: int) -> None:
        self._store.upload(self._keys.next(), self._sizing.draw_whole(self._sizes), self._places)
