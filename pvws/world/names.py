"""The words of a cast: who owns files, what they are called, what they are tagged with, how peers are nicknamed.

They are drawn once, before a run begins, and are texts for people: no key, address, size or time is made from them.
"""

from functools import cached_property

from msgspec import Struct

from pvws.world.default_names import NICKNAMES, OWNERS, STEMS, TAGS, WORDS

__all__ = ["CONTENT_TYPES", "DEFAULT_NAMES", "ContentType", "Names"]


class ContentType(Struct, frozen=True):
    """A kind of file: its media type, the extension of its name, and how often it is met, relative to the others."""

    name: str
    extension: str
    weight: int


class Names(Struct, frozen=True, dict=True):
    """All words that a run may show; none of the lists is empty, and no word in one is there twice.

    `owners` are user names, `stems` what file names begin with, `words` what messages are put together from.
    """

    owners: tuple[str, ...]
    nicknames: tuple[str, ...]
    tags: tuple[str, ...]
    stems: tuple[str, ...]
    words: tuple[str, ...]
    content_types: tuple[ContentType, ...]

    def nickname(self, number: int) -> str:
        """What the peer of a number, from 0, is called: another for each number, `kevin-2` when all are taken once."""
        turn, place = divmod(number, len(self.nicknames))
        return f"{self.nicknames[place]}-{turn + 1}" if turn else self.nicknames[place]

    def content_type(self, pick: float) -> ContentType:
        """The type of a file; `pick` is a draw, uniform in [0, 1)."""
        return self._places[int(pick * len(self._places))]

    def file_name(self, number: int, pick: float) -> str:
        """What a file is called, such as `birthday-0231.jpg`: other names for other numbers.

        The same draw gives the name and, by `content_type`, the type that its extension tells.
        """
        place, rest = divmod(pick * len(self._places), 1)
        stem = self.stems[int(rest * len(self.stems))]
        return f"{stem}-{number:04d}.{self._places[int(place)].extension}"

    @cached_property
    def _places(self) -> tuple[ContentType, ...]:
        """Each type as often as its weight says: one look-up a draw, however many there are."""
        return tuple(each for each in self.content_types for _ in range(each.weight))


_OFFICE = "application/vnd.openxmlformats-officedocument"

CONTENT_TYPES: tuple[ContentType, ...] = (
    ContentType("image/jpeg", "jpg", 22),
    ContentType("image/png", "png", 9),
    ContentType("image/heic", "heic", 4),
    ContentType("image/gif", "gif", 2),
    ContentType("image/svg+xml", "svg", 2),
    ContentType("video/mp4", "mp4", 8),
    ContentType("video/quicktime", "mov", 3),
    ContentType("audio/mpeg", "mp3", 6),
    ContentType("audio/flac", "flac", 2),
    ContentType("application/pdf", "pdf", 12),
    ContentType(f"{_OFFICE}.wordprocessingml.document", "docx", 4),
    ContentType(f"{_OFFICE}.spreadsheetml.sheet", "xlsx", 3),
    ContentType("application/epub+zip", "epub", 1),
    ContentType("text/plain", "txt", 6),
    ContentType("text/markdown", "md", 3),
    ContentType("text/csv", "csv", 3),
    ContentType("text/html", "html", 2),
    ContentType("application/json", "json", 3),
    ContentType("application/zip", "zip", 3),
    ContentType("application/gzip", "gz", 2),
)
"""What people keep, by weights in percent: photos and documents mostly. They are the same in every language."""

DEFAULT_NAMES = Names(
    owners=tuple(OWNERS.split()),
    nicknames=tuple(NICKNAMES.split()),
    tags=tuple(TAGS.split()),
    stems=tuple(STEMS.split()),
    words=tuple(WORDS.split()),
    content_types=CONTENT_TYPES,
)
"""The cast of a run that asks for no other: the words of a file, so that they are the same with every Faker."""
