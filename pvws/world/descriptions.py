"""What files are called and are about: made of the words of the cast, by the key of the file alone.

Nothing of it is kept: the same key has the same description whenever somebody asks.
"""

from hashlib import sha256

from pvws.sim.chance import Stream
from pvws.world.names import Names

__all__ = ["Descriptions"]

_TAGS_MAX = 3  # that a file is given at once


class Descriptions:
    """Describes files by their keys, which are hex digits: each part of a description looks at digits of its own."""

    __slots__ = ("_names",)

    def __init__(self, names: Names) -> None:
        self._names = names

    def content_type(self, key: str) -> str:
        """The media type: `image/jpeg`."""
        return self._names.content_type(_share(key)).name

    def file_name(self, key: str) -> str:
        """What people call it: `holiday-photos-0231.jpg`."""
        return self._names.file_name(int(key[16:24], 16) % 10_000, _share(key))

    def owner(self, key: str) -> str:
        """Whose it is."""
        return self._names.owners[int(key[30:36], 16) % len(self._names.owners)]

    def tags(self, key: str) -> tuple[str, ...]:
        """What it is tagged with while nobody has changed that: none to three different words."""
        words, first = self._names.tags, int(key[36:42], 16)
        places = range(int(key[42], 16) % (_TAGS_MAX + 1))
        return tuple(dict.fromkeys(words[(first + 7 * place) % len(words)] for place in places))

    def new_tags(self, chance: Stream) -> tuple[str, ...]:
        """Other tags: one to three different words."""
        return tuple(chance.sample(self._names.tags, chance.between(1, _TAGS_MAX)))

    def checksum(self, key: str, version: int) -> str:
        """The checksum of the content, which changes with the version: 64 lower-case hex digits."""
        return key if not version else sha256(f"{key}\0{version}".encode()).hexdigest()


def _share(key: str) -> float:
    return int(key[8:16], 16) / 0x1_0000_0000
