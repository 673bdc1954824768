"""Files in any format that a recording can be made of, opened to be read as one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Literal, TypeVar

from msgspec import structs

from pvws.errors import InputError, Problem
from pvws.files.recordings import opened_blocks
from pvws.limits import FOREIGN_BYTES_MAX
from pvws.recording.format import Entry, Header
from pvws.recording.formats import Content, FormatName, read_content, recognised
from pvws.recording.read import BrokenStreamError, CutShortError, Recording, Trouble

__all__ = ["RecordingSource", "open_source"]

_T = TypeVar("_T")


class RecordingSource:
    """A recording in whatever format: its header, and its entries once, by iterating over it.

    A recording of our own is read lazily, whatever its size; of another format the whole was read when it was opened.
    """

    def __init__(self, form: FormatName, content: Recording | Content) -> None:
        self.form = form
        self.header: Header = content.header
        self._content = content
        self._number = 0

    @property
    def cut_short(self) -> bool:
        """At the end: whether the file had none."""
        return self._content.cut_short

    @property
    def line(self) -> int:
        """The line of the entry that was given last, from 1; of another format its number."""
        return self._content.line if isinstance(self._content, Recording) else self._number

    @property
    def unit(self) -> Literal["line", "entry"]:
        """What `line` counts."""
        return "line" if self.form == "recording" else "entry"

    def __iter__(self) -> Iterator[Entry]:
        if isinstance(self._content, Recording):
            yield from self._content
            return
        for entry in self._content.entries:
            self._number += 1
            yield entry

    def parts(
        self, quick: Callable[[bytes, int], tuple[list[_T], int, int] | None]
    ) -> Iterator[list[_T] | Iterator[Entry]]:
        """The entries by parts, some of which `quick` may read instead; see `Recording.parts`."""
        if isinstance(self._content, Recording):
            yield from self._content.parts(quick)
        else:
            yield iter(self)

    def lines(self) -> Iterator[tuple[int, Entry]]:
        """The entries with their lines."""
        return ((self.line, entry) for entry in self)


@contextmanager
def open_source(
    path: str,
    option: str = "FILE",
    form: FormatName | None = None,
    *,
    trouble: Trouble | None = None,
    strict: bool = False,
) -> Iterator[RecordingSource]:
    """A file of that format, or of the one that it is recognised as, to be read for as long as this is entered.

    Raises InputError for a file that can't be read, with the `option` that named it, and with file and line for what
    is wrong in it. `trouble` and `strict` are for a recording of our own, see `Recording`.
    """
    with opened_blocks(path, option) as blocks:
        try:
            head = next(blocks, b"")
        except CutShortError:
            head = b""  # nothing of it can be made out
        except BrokenStreamError as error:
            raise InputError(Problem("", str(error), "other bytes", file=path, line=1)) from None
        form = form or recognised(head)
        if form == "recording":
            yield RecordingSource(form, Recording(chain([head], blocks), path, trouble=trouble, strict=strict))
        else:
            yield _foreign(chain([head], blocks), path, form)


def _foreign(blocks: Iterator[bytes], path: str, form: FormatName | None) -> RecordingSource:
    """A file of another format, read whole."""
    whole = bytearray()
    cut_short = False
    try:
        for block in blocks:
            whole += block
            if len(whole) > FOREIGN_BYTES_MAX:
                expected = f"a file of at most {FOREIGN_BYTES_MAX:,} bytes, unless it is a recording of pvws"
                raise InputError(Problem("", expected, "a larger one", file=path, line=1))
    except CutShortError:
        cut_short = True  # of JSON Lines the rest may do; a JSON document's reader says where it ends
    except BrokenStreamError as error:
        raise InputError(Problem("", str(error), "other bytes", file=path, line=1 + whole.count(b"\n"))) from None
    content = read_content(bytes(whole), path, form)
    return RecordingSource(content.form, structs.replace(content, cut_short=content.cut_short or cut_short))
