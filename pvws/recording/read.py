"""From the bytes of a recording to its entries, lazily. Pure: who opens the file is on another floor.

A message is cut out of its line, never encoded again. A line costs one decode, that of msgspec, which leaves the
message as it is; only a line that is wrong, or has none of the usual fields, is looked at key by key.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Literal, NoReturn

import msgspec
from msgspec import Raw, Struct

from pvws.errors import InputError, Problem
from pvws.limits import INTEGER_MAX, RECORDING_LINE_BYTES_MAX
from pvws.recording.format import SECONDS_MAX, Entry, Header, Message
from pvws.recording.lines import Lines
from pvws.recording.versions import Upgrade, upgrade_from

__all__ = ["BrokenStreamError", "CutShortError", "Recording", "Trouble", "read_recording"]

Trouble = Callable[[Problem], None]
"""What is told of a problem; reading goes on behind it."""


class CutShortError(Exception):
    """The blocks of a recording end before their end: a compressed file that was not finished."""


class BrokenStreamError(Exception):
    """The blocks of a recording can't be made out any further; the text says what they should be."""


class _Spliced(Struct, gc=False, forbid_unknown_fields=True):
    """The usual line: a JSON text, spliced in."""

    t: float
    dir: Literal["send", "recv"]
    message: Raw
    conn: int = 1
    fragments: tuple[int, ...] | None = None


_decode = msgspec.json.Decoder(_Spliced).decode


def _raise(problem: Problem) -> NoReturn:
    raise InputError(problem)


class Recording:
    """A recording that is being read: its header at once, its entries once, by iterating over it.

    `blocks` are the bytes of the file, cut anywhere. Entries are in the order of time. Raises InputError at the first
    problem, with file and line, and nothing else; with `trouble` that is told each problem instead, and the lines that
    have one are left out. A header that is none is always raised.
    """

    def __init__(self, blocks: Iterable[bytes], file: str | None = None, *, trouble: Trouble | None = None) -> None:
        self.file = file
        self.line = 0
        """The line of the entry that was given last, from 1."""
        self.cut_short = False
        """At the end: whether the last line, or the compressed file, had no end, as after a crash of the recorder."""
        self._last = False  # whether the line that is read has no newline behind it
        self._trouble: Trouble = _raise if trouble is None else trouble
        self._lines = self._cut(blocks)
        self._reader = Lines(file)
        self.header, self._upgrade = self._read_header()

    def __iter__(self) -> Iterator[Entry]:
        previous = 0
        decode = _decode
        upgrade: Upgrade | None = self._upgrade
        for line in self._lines:
            if upgrade is not None:
                entry = self._upgraded(line, upgrade)
            else:
                try:
                    usual = decode(line)
                    data = bytes(usual.message)
                    t = int(usual.t * 1_000_000 + 0.5)
                    fragments = usual.fragments
                    if (
                        0 <= usual.t <= SECONDS_MAX
                        and 1 <= usual.conn <= INTEGER_MAX
                        and (data.isascii() or _is_utf8(data))
                        and (fragments is None or _add_up(fragments, data))
                    ):
                        entry = Message(t, usual.dir, data, usual.conn, "text", fragments)
                    else:
                        entry = self._unusual(line)
                except (msgspec.DecodeError, UnicodeError, RecursionError):
                    entry = self._unusual(line)
            if entry is None:
                continue
            if entry.t < previous:
                self._earlier(entry.t, previous)
                continue
            previous = entry.t
            yield entry

    def _cut(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The lines in the blocks, without their newlines; counts them in `line`."""
        rest = b""
        try:
            for block in blocks:
                if b"\n" not in block:
                    rest += block
                    if len(rest) > RECORDING_LINE_BYTES_MAX:
                        self._too_long()
                        return
                    continue
                lines = block.split(b"\n")
                lines[0] = rest + lines[0]
                rest = lines.pop()
                for line in lines:
                    self.line += 1
                    yield line
        except CutShortError:
            self.cut_short = True
        except BrokenStreamError as error:
            self._trouble(Problem("", str(error), "other bytes", file=self.file, line=self.line + 1))
            return
        if rest.strip():
            self.line += 1
            self._last = True
            yield rest

    def _read_header(self) -> tuple[Header, Upgrade | None]:
        line = next((line for line in self._lines if line.strip()), None)
        if line is None:
            self._no_header("nothing")
        header, version, problems = self._reader.header(line.removeprefix(b"\xef\xbb\xbf"), self.line)
        if self._last and self._reader.is_no_json:
            self._no_header("a line that is cut short")
        if header is None:
            raise InputError(*problems)
        return header, upgrade_from(version)

    def _no_header(self, found: str) -> NoReturn:
        raise InputError(Problem("", "a header line", found, file=self.file, line=max(1, self.line)))

    def _unusual(self, line: bytes) -> Entry | None:
        """The entry of a line that is read key by key; None where there is none, of which was told what is wrong."""
        if not line.strip():
            return None
        entry, problems = self._reader.entry(line, self.line)
        if self._last and entry is None and self._reader.is_no_json:
            self.cut_short = True
            return None
        for problem in problems:
            self._trouble(problem)
        return entry

    def _upgraded(self, line: bytes, upgrade: Upgrade) -> Entry | None:
        """The entry of a line in an older version."""
        with suppress(msgspec.DecodeError, UnicodeError, RecursionError):  # the reader of lines says what is wrong
            line = upgrade(line)
        return self._unusual(line)

    def _earlier(self, t: int, previous: int) -> None:
        expected = f"a time that is not before that of the line before, {previous / 1_000_000:.6f}"
        self._trouble(Problem("t", expected, f"{t / 1_000_000:.6f}", file=self.file, line=self.line))

    def _too_long(self) -> None:
        expected = f"a line of at most {RECORDING_LINE_BYTES_MAX:,} bytes"
        self._trouble(Problem("", expected, "a longer one", file=self.file, line=self.line + 1))


def read_recording(source: bytes, file: str | None = None) -> tuple[Header, list[Entry]]:
    """A whole recording at once. Raises InputError at the first problem."""
    recording = Recording([source], file)
    return recording.header, list(recording)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _add_up(fragments: tuple[int, ...], data: bytes) -> bool:
    return min(fragments, default=-1) >= 0 and sum(fragments) == len(data)
