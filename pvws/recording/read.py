"""From the bytes of a recording to its entries, lazily. Pure: who opens the file is on another floor.

A message is cut out of its line, never encoded again. A line costs one decode, that of msgspec, which leaves the
message as it is; only a line that is wrong, or has none of the usual fields, is looked at key by key.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Annotated, Literal, NoReturn, TypeVar

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from pvws.errors import InputError, Problem
from pvws.limits import INTEGER_MAX, RECORDING_LINE_BYTES_MAX
from pvws.recording.format import SECONDS_MAX, Entry, Header, Message
from pvws.recording.lines import Lines
from pvws.recording.versions import Upgrade, upgrade_from

__all__ = ["BrokenStreamError", "CutShortError", "Recording", "Trouble", "read_recording"]

_T = TypeVar("_T")

Trouble = Callable[[Problem], None]
"""What is told of a problem; reading goes on behind it."""


class CutShortError(Exception):
    """The blocks of a recording end before their end: a compressed file that was not finished."""


class BrokenStreamError(Exception):
    """The blocks of a recording can't be made out any further; the text says what they should be."""


class _Usual(Struct, gc=False, forbid_unknown_fields=True):
    """The usual line: a text message, spliced in or as a string."""

    t: Annotated[float, Meta(ge=0, le=SECONDS_MAX)]
    dir: Literal["send", "recv"]
    message: Raw = Raw()
    text: str | UnsetType = UNSET
    conn: Annotated[int, Meta(ge=1, le=INTEGER_MAX)] = 1
    fragments: Annotated[tuple[int, ...], Meta(min_length=1)] | None = None


_decoder = msgspec.json.Decoder(_Usual)


def _raise(problem: Problem) -> NoReturn:
    raise InputError(problem)


class Recording:
    """A recording that is being read: its header at once, its entries once, by iterating over it.

    `blocks` are the bytes of the file, cut anywhere. Entries are in the order of time. Raises InputError at the first
    problem, with file and line, and nothing else; with `trouble` that is told each problem instead, and the lines that
    have one are left out. A header that is none is always raised. With `strict` an unknown key is a problem too.
    """

    def __init__(
        self, blocks: Iterable[bytes], file: str | None = None, *, trouble: Trouble | None = None, strict: bool = False
    ) -> None:
        self.file = file
        self.line = 0
        """The line of the entry that was given last, from 1."""
        self.cut_short = False
        """At the end: whether the last line, or the compressed file, had no end, as after a crash of the recorder."""
        self._previous = 0
        self._fell = (0, 0)  # from the time of the last entry that was given to that of the last line
        self._last = False  # whether the line that is read has no newline behind it
        self._tell: Trouble = _raise if trouble is None else trouble
        self._chunks = self._cut(blocks)
        self._reader = Lines(file, strict=strict)
        self.header, self._upgrade = self._read_header()

    def __iter__(self) -> Iterator[Entry]:
        for chunk in self._chunks:
            yield from self._entries(chunk)

    def parts(
        self, quick: Callable[[bytes, int], tuple[list[_T], int, int] | None]
    ) -> Iterator[list[_T] | Iterator[Entry]]:
        """The same by chunks of whole lines, each of which `quick` may read instead of us; then not by iteration.

        It is given the chunk, without the last newline, and the time of the entry before. It gives what it made of it,
        the time of the last line and how many there are, if it knows each of them and times don't fall; else None.
        """
        for chunk in self._chunks:
            made = None if self._upgrade is not None else quick(chunk, self._previous)
            if made is None:
                yield self._entries(chunk)
            else:
                events, self._previous, lines = made
                self.line += lines
                yield events

    def _entries(self, chunk: bytes) -> Iterator[Entry]:
        previous = self._previous
        lines = None if self._upgrade is not None else _all_usual(chunk)
        if lines is None:
            for entry in self._unusual(chunk):
                if entry.t < self._previous:
                    self._earlier(entry.t, self._previous)
                else:
                    self._previous = entry.t
                    yield entry
            return
        before = self.line
        # What a recording consists of but for a few lines: nothing is called here that need not be.
        for line in lines:
            self.line += 1
            text, fragments = line.text, line.fragments
            data = bytes(line.message) if text is UNSET else text.encode()
            t = int(line.t * 1_000_000 + 0.5)
            if (not data if text is UNSET else line.message) or (fragments and not _add_up(fragments, data)):
                wrong = self._entry(chunk.split(b"\n")[self.line - before - 1])
                assert wrong is None, "what is no message here is none there, where it is said why"
            elif t < previous:
                self._earlier(t, previous)
            else:
                previous = self._previous = t
                yield Message(t, line.dir, data, line.conn, "text", fragments)

    def _unusual(self, chunk: bytes) -> Iterator[Entry]:
        """The entries of a chunk, each line by itself, since one of them is not as usual."""
        for line in chunk.split(b"\n"):
            self.line += 1
            usual = None if self._upgrade is not None else _all_usual(line)
            entry: Entry | None = _message(usual[0]) if usual else None
            if entry is None:
                entry = self._entry(line)
            if entry is not None:
                yield entry

    def _cut(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The blocks, cut anew so that each has whole lines, the last newline left out."""
        rest = bytearray()
        try:
            for block in blocks:
                end = block.rfind(b"\n")
                if end >= 0:
                    yield bytes(rest) + block[:end] if rest else block[:end]
                    rest = bytearray(block[end + 1 :])
                else:
                    rest += block
                if len(rest) > RECORDING_LINE_BYTES_MAX:
                    expected = f"a line of at most {RECORDING_LINE_BYTES_MAX:,} bytes"
                    self._tell(Problem("", expected, "a longer one", file=self.file, line=self.line + 1))
                    return
        except CutShortError:
            self.cut_short = True
        except BrokenStreamError as error:
            self._tell(Problem("", str(error), "other bytes", file=self.file, line=self.line + 1))
            return
        if rest.strip():
            self._last = True
            yield bytes(rest)

    def _read_header(self) -> tuple[Header, Upgrade | None]:
        """The header in the first line that is not blank; what of the chunk is behind it, goes back."""
        line = b""
        for chunk in self._chunks:
            rest: bytes | None = chunk
            while rest is not None and not line.strip():
                line, newline, behind = rest.partition(b"\n")
                rest = behind if newline else None
                self.line += 1
            if line.strip():
                self._chunks = self._chunks if rest is None else chain([rest], self._chunks)
                break
        if not line.strip():
            self._no_header("nothing")
        header, version, problems = self._reader.header(line.removeprefix(b"\xef\xbb\xbf"), self.line)
        if self._last and self._reader.is_no_json:
            self._no_header("a line that is cut short")
        if header is None:
            raise InputError(*problems)
        return header, upgrade_from(version)

    def _no_header(self, found: str) -> NoReturn:
        raise InputError(Problem("", "a header line", found, file=self.file, line=max(1, self.line)))

    def _entry(self, line: bytes) -> Entry | None:
        """The entry of a line, key by key; None where there is none, of which was told what is wrong."""
        if not line.strip():
            return None
        if self._upgrade is not None:
            with suppress(msgspec.DecodeError, UnicodeError, RecursionError):  # the reader of lines says what is wrong
                line = self._upgrade(line)
        entry, problems = self._reader.entry(line, self.line)
        if self._last and self._reader.is_no_json:
            self.cut_short = True
            return None
        for problem in problems:
            self._tell(problem)
        return entry

    def _earlier(self, t: int, previous: int) -> None:
        """Tell of a time that falls: of two recordings behind each other once, and not for each line of the second."""
        before = self._fell[1] if self._fell[0] == previous else previous
        self._fell = previous, t
        if t < before:
            expected = f"a time that is not before that of the line before, {before / 1_000_000:.6f}"
            self._tell(Problem("t", expected, f"{t / 1_000_000:.6f}", file=self.file, line=self.line))


def read_recording(source: bytes, file: str | None = None) -> tuple[Header, list[Entry]]:
    """A whole recording at once. Raises InputError at the first problem."""
    recording = Recording([source], file)
    return recording.header, list(recording)


def _all_usual(chunk: bytes) -> list[_Usual] | None:
    """The lines of a chunk, decoded together, where each of them is as usual."""
    try:
        if not chunk.isascii():
            chunk.decode()  # what is left as it is, is not looked at by the decoder
        lines = _decoder.decode_lines(chunk)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return lines if len(lines) == chunk.count(b"\n") + 1 else None  # it passes blank lines over, and we count them


def _message(line: _Usual) -> Message | None:
    """The message of one such line, if there is nothing wrong with it."""
    text, fragments = line.text, line.fragments
    data = bytes(line.message) if text is UNSET else text.encode()
    if (not data if text is UNSET else line.message) or (fragments and not _add_up(fragments, data)):
        return None
    return Message(int(line.t * 1_000_000 + 0.5), line.dir, data, line.conn, "text", fragments)


def _add_up(fragments: tuple[int, ...], data: bytes) -> bool:
    return min(fragments) >= 0 and sum(fragments) == len(data)
