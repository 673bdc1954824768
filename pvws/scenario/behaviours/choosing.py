"""Which file is touched: any one, or some more often than others; of all, or of those that one behaviour uploads."""

from collections.abc import Mapping, Sequence

from mypy_extensions import mypyc_attr

from pvws.scenario.behaviours.touching import Touching
from pvws.scenario.behaviours.uploading import Uploading
from pvws.scenario.play import Play
from pvws.sim.chance import Stream
from pvws.sim.popularity import Popularity, Uniform, Zipf
from pvws.world.entities import File

__all__ = ["Choosing", "Following"]

_TRIES_MAX = 16  # files that are met before it is said that there is none, since no peer that has one is here
_COMPACT_FILES_MIN = 64  # of a list that has grown to twice its length; it costs next to nothing below that


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Following:
    """The files that one behaviour has uploaded, for one that chooses among them, in the order of their ranks.

    Each who chooses has a list of its own. What was deleted leaves it when it is met, and at the latest when the list
    is twice as long as when that was last looked for: so nobody has to tell, and nobody changes what others choose.
    `stored` are all files that there are, by key.
    """

    __slots__ = ("_files", "_full", "_stored")

    def __init__(self, stored: Mapping[str, File]) -> None:
        self._stored = stored
        self._files: list[File] = []
        self._full = _COMPACT_FILES_MIN

    def __len__(self) -> int:
        """How many there are, some of which may have been deleted."""
        return len(self._files)

    def add(self, file: File) -> None:
        """One more was uploaded."""
        files = self._files
        files.append(file)
        if len(files) >= self._full:
            stored = self._stored
            files[:] = [each for each in files if each.place >= 0 or stored.get(each.key) is each]
            self._full = max(_COMPACT_FILES_MIN, 2 * len(files))

    def choose(self, popularity: Popularity, chance: Stream) -> File | None:
        """One that is available; None if there is none, or if chance meets too many that are not."""
        files, tries = self._files, 0
        while files and tries < _TRIES_MAX:
            place = popularity.pick(len(files), chance)
            file = files[place]
            if file.place >= 0:
                return file
            if self._stored.get(file.key) is file:
                tries += 1
            else:
                last = files.pop()
                if last is not file:
                    files[place] = last
        return None


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Choosing:
    """Chooses a file again and again, for a behaviour of some name, from a stream of its own."""

    __slots__ = ("_available", "_chance", "_following", "_of", "_play", "_popularity")

    def __init__(self, spec: Touching, name: str, play: Play) -> None:
        self._play = play
        self._of = spec.of
        self._popularity: Popularity = Zipf(spec.popularity) if spec.popularity else Uniform()
        self._chance = play.chance.stream(f"files of {name}")
        self._available: Sequence[File] = play.world.store.available
        self._following: Following | None = None
        if spec.of is not None:
            play.kernel.after(0, self._follow)  # by then all behaviours are known, and none has done anything

    def choose(self) -> File | None:
        """A file that is available; None if there is none."""
        if self._following is not None:
            return self._following.choose(self._popularity, self._chance)
        number = len(self._available)
        return self._available[self._popularity.pick(number, self._chance)] if number else None

    def _follow(self, _: None) -> None:
        assert self._of is not None, "nobody is followed"
        uploading = self._play.behaviours[self._of]
        assert isinstance(uploading, Uploading), "the reader lets nothing else be followed"
        self._following = Following(self._play.world.store.files)
        uploading.follow(self._following)
