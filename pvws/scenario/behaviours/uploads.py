"""Files come in."""

from typing import Annotated, Protocol

from msgspec import Meta

from pvws.scenario.behaviours.arrivals import Arriving, Process
from pvws.scenario.distributions import Quantity
from pvws.scenario.play import BEHAVIOURS, Play
from pvws.scenario.quantities import DurationDistribution, SizeDistribution
from pvws.sim.distributions import Lognormal, Wholes
from pvws.world.entities import File

__all__ = ["DEFAULT_SIZE", "Follower", "Uploading", "Uploads"]

DEFAULT_SIZE = Quantity(Lognormal(median=2 * 1024**2, sigma=1.5, max=4 * 1024**3), least=1)
"""Half of all files are below 2 MiB, one in twenty above 24 MiB: as on a disk with documents and photos."""


class Uploads(Arriving, frozen=True, kw_only=True):
    """Files come in at random peers that have room, and are copied from there."""

    size: Annotated[SizeDistribution, Meta(description="How large the files are.")] = DEFAULT_SIZE
    lifetime: Annotated[
        DurationDistribution | None,
        Meta(description="How long a file is kept, then it is deleted; left out: for ever."),
    ] = None

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        Uploading(self, name, play)


class Follower(Protocol):
    """Somebody who wants to know of each file that was uploaded."""

    def add(self, file: File) -> None:
        """One more was uploaded."""
        ...


class Uploading(Process):
    """Uploads that run. Keys, sizes, lifetimes and places come from streams of their own: none moves another."""

    __slots__ = ("_followers", "_keys", "_lifetimes", "_places", "_sizes", "_store")

    def __init__(self, spec: Uploads, name: str, play: Play) -> None:
        super().__init__(spec, spec.profile(play.start), spec.arrivals, name, play)
        self._store = play.world.store
        self._keys = play.chance.keys(name)
        self._sizes = Wholes(spec.size.distribution, play.chance.stream(f"sizes of {name}"), 1)
        self._lifetimes: Wholes | None = None
        if spec.lifetime is not None:
            self._lifetimes = Wholes(spec.lifetime.distribution, play.chance.stream(f"lifetimes of {name}"), 1)
        self._places = play.chance.stream(f"places of {name}")  # how often it is drawn from depends on who has room
        self._followers: list[Follower] = []

    def follow(self, follower: Follower) -> None:
        """Tell somebody of each file that is uploaded from now on."""
        self._followers.append(follower)

    def _act(self) -> None:
        lifetime = None if self._lifetimes is None else self._lifetimes.next()
        file = self._store.upload(self._keys.next(), self._sizes.next(), self._places)
        if file is None:
            return
        if lifetime is not None:
            self._kernel.after(lifetime, self._expire, file, BEHAVIOURS)
        for follower in self._followers:
            follower.add(file)

    def _expire(self, file: File) -> None:
        if file.place >= 0:
            self._store.delete(file)
