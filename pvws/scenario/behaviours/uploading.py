"""Uploads that run."""

from typing import TYPE_CHECKING, Protocol

from mypy_extensions import mypyc_attr

from pvws.scenario.behaviours.process import Process
from pvws.scenario.play import BEHAVIOURS, Play
from pvws.sim.wholes import Wholes
from pvws.world.entities import File

if TYPE_CHECKING:
    from pvws.scenario.behaviours.uploads import Uploads

__all__ = ["Follower", "Uploading"]


class Follower(Protocol):
    """Somebody who wants to know of each file that was uploaded."""

    def add(self, file: File) -> None:
        """One more was uploaded."""
        ...


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Uploading(Process):
    """Uploads that run. Keys, sizes, lifetimes and places come from streams of their own: none moves another."""

    __slots__ = ("_followers", "_keys", "_lifetimes", "_places", "_sizes", "_store")

    def __init__(self, spec: "Uploads", name: str, play: Play) -> None:
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
