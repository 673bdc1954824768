"""Files in any format that a recording can be made of, opened to be read as one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import TypeVar

from pvws.errors import InputError, Problem
from pvws.files.recordings import opened_blocks
from pvws.limits import FOREIGN_BYTES_MAX
from pvws.recording.format import Entry, Header
from pvws.recording.formats import FormatName, read_content, recognised
from pvws.recording.read import Recording, Trouble

__all__ = ["RecordingSource", "open_source"]

_T = TypeVar("_T")


class RecordingSource:
    """A recording in whatever format: its header, and its entries once, by iterating over it.

    A recording of our own is read lazily, whatever its size; of another format the whole was read when it was opened.
    """

    def __init__(self, form: FormatName, recording: Recording | None, header: Header, entries: list[Entry]) -> None:
        self.form = form
        self.header = header
        self._recording = recording
        self._entries = entries
        self._number = 0

    @property
    def cut_short(self) -> bool:
        """At the end: whether the file had none."""
        return self._recording is not None and self._recording.cut_short

    @property
    def line(self) -> int:
        """The line of the entry that was given last, from 1; of another format its number."""
        return self._number if self._recording is None else self._recording.line

    def __iter__(self) -> Iterator[Entry]:
        if self._recording is not None:
            yield from self._recording
            return
        for entry in self._entries:
            self._number += 1
            yield entry

    def parts(
        self, quick: Callable[[bytes, int], tuple[list[_T], int, int] | None]
    ) -> Iterator[list[_T] | Iterator[Entry]]:
        """The entries by parts, some of which `quick` may read instead; see `Recording.parts`."""
        if self._recording is not None:
            yield from self._recording.parts(quick)
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
        head = next(blocks, b"")
        form = form or recognised(head)
        if form == "recording":
            recording = Recording(chain([head], blocks), path, trouble=trouble, strict=strict)
            yield RecordingSource(form, recording, recording.header, [])
            return
        parts = [head]
        size = len(head)
        for block in blocks:
            parts.append(block)
            size += len(block)
            if size > FOREIGN_BYTES_MAX:
                expected = f"a file of at most {FOREIGN_BYTES_MAX:,} bytes, unless it is a recording of pvws"
                raise InputError(Problem("", expected, "a larger one", file=path, line=1))
        content = read_content(b"".join(parts), path, form)
        yield RecordingSource(content.form, None, content.header, content.entries)
