"""Which file is touched: any one, or some more often than others; of all, or of those that one behaviour uploads."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.behaviours.arrivals import Arriving
from pvws.scenario.behaviours.uploads import Uploading
from pvws.scenario.play import Play
from pvws.sim.chance import Stream
from pvws.sim.popularity import Popularity, Uniform, Zipf
from pvws.world.entities import File

__all__ = ["Choosing", "Exponent", "Following", "Touching"]

_TRIES_MAX = 16  # files that are met before it is said that there is none, since no peer that has one is here
_COMPACT_FILES_MIN = 64  # of a list that has grown to twice its length; it costs next to nothing below that

_WORDS = ("uniform", "zipf")
_ZIPF = 1.0  # what is measured of what people read, and what Zipf found of words


class _Zipf(Struct, frozen=True):
    """The second most popular file is touched half as often as the first for 1, a quarter as often for 2."""

    zipf: Annotated[float, Meta(ge=0, le=10, description="The exponent.")]


def _read(reader: Reader, node: Node, path: str) -> Any:
    if isinstance(node.value, dict):
        zipf = reader.struct(node, _Zipf, path)
        return INVALID if zipf is INVALID else zipf.zipf
    word = reader.word(node, _WORDS, path)
    return INVALID if word is INVALID else _ZIPF if word == "zipf" else 0.0


def _written(exponent: float) -> Any:
    if exponent in (0.0, _ZIPF):
        return _WORDS[bool(exponent)]
    return {"zipf": int(exponent) if exponent.is_integer() else exponent}


def _schema(builder: Builder) -> dict[str, Any]:
    return {"anyOf": [{"enum": list(_WORDS)}, builder.fragment(_Zipf)]}


Exponent: TypeAlias = Annotated[
    float, Form(_read, label="uniform, zipf or {zipf: exponent}", schema=_schema, write=_written)
]
"""How popularity falls from one file to the next: 0 is `uniform`, 1 is `zipf`, others `{zipf: 1.2}`."""


class Touching(Arriving, frozen=True, kw_only=True):
    """What happens again and again to some file.

    Files keep their rank while they are there: the first to come is the most popular. When one goes, the one that
    came last takes its rank, so that there is always a favourite, and no file but that one is touched more or less.
    """

    popularity: Annotated[
        Exponent,
        Meta(
            description="Which files are touched more often. A file keeps its rank: the first to come has the first; "
            "when one goes, the last to come takes its rank."
        ),
    ] = 0.0
    of: Annotated[str | None, Meta(description="Files of these uploads alone, by name; left out: all files.")] = None


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
