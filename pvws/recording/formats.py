"""All formats that are converted from and to, and how one is recognised by its content."""

import re
from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

import msgspec
from msgspec import Raw, Struct

from pvws.errors import InputError, Problem
from pvws.limits import EXCERPT_CHARACTERS_MAX
from pvws.recording.capture import read_capture, write_capture
from pvws.recording.format import FORMAT, Entry, Header
from pvws.recording.har import read_har, write_har
from pvws.recording.mockd import read_mockd
from pvws.recording.mockforge import read_mockforge
from pvws.recording.read import Recording
from pvws.recording.write import entry_line, header_line

__all__ = [
    "READABLE",
    "WRITABLE",
    "Content",
    "FormatName",
    "format_of_name",
    "read_content",
    "recognised",
    "write_content",
]

FormatName: TypeAlias = Literal["recording", "har", "raw-ws-capture", "mockd", "mockforge"]

READABLE: tuple[FormatName, ...] = ("recording", "har", "raw-ws-capture", "mockd", "mockforge")
"""What can be converted from."""

WRITABLE: tuple[FormatName, ...] = ("recording", "har", "raw-ws-capture")
"""What can be converted to."""

_HEAD_BYTES = 65_536  # within which a document says what it is
_HAR = re.compile(rb'\s*\{\s*"log"\s*:\s*\{')
_MOCKD = re.compile(rb'[\s\[]*\{(?s:.*?)"(?:protocol"\s*:\s*"websocket"|websocket"\s*:\s*\{)')
_decode = msgspec.json.Decoder(dict[str, Raw]).decode


class Content(Struct, frozen=True):
    """What was in a file: a recording, in whatever format it was. `cut_short`: its end was missing."""

    form: FormatName
    header: Header
    entries: list[Entry]
    cut_short: bool = False


_READERS: dict[FormatName, Callable[[bytes, str | None], tuple[Header, list[Entry]]]] = {
    "har": read_har,
    "raw-ws-capture": read_capture,
    "mockd": read_mockd,
    "mockforge": read_mockforge,
}


def read_content(source: bytes, file: str | None = None, form: FormatName | None = None) -> Content:
    """The recording in the bytes of a file, of that format or of the one that it is recognised as.

    Raises InputError, and nothing else, with every problem found or the first of them, each with file and line.
    """
    form = form or recognised(source)
    if form is None:
        expected = f"one of the formats {', '.join(READABLE)}"
        raise InputError(Problem("", expected, _beginning(source), file=file, line=1))
    if form == "recording":
        recording = Recording([source], file)
        entries = list(recording)
        return Content(form, recording.header, entries, recording.cut_short)
    header, entries = _READERS[form](source, file)
    return Content(form, header, entries)


def recognised(source: bytes) -> FormatName | None:
    """The format of a file by its content; None of one that is none of them."""
    head = source[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    try:
        fields = _decode(head.partition(b"\n")[0])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        fields = {}
    named = bytes(fields.get("format", Raw(b"")))
    if named == b'"raw-ws-capture"':
        return "raw-ws-capture"
    if "format" in fields or FORMAT.encode() in head.partition(b"\n")[0]:
        return "recording"  # also one of which the first line is broken: its reader says best what is wrong
    if fields.keys() & {"dir", "waitFor", "wait_for"}:
        return "mockforge"
    if "log" in fields or _HAR.match(head):
        return "har"
    if fields.keys() & {"websocket", "protocol"} or _MOCKD.match(head):
        return "mockd"
    return None


def _beginning(source: bytes) -> str:
    """What a file that is none of ours begins with."""
    line = source.lstrip()[:EXCERPT_CHARACTERS_MAX].partition(b"\n")[0].rstrip()
    if not line:
        return "nothing"
    text = line.decode(errors="replace")
    return f'what begins with "{text}"' if text.isprintable() else "bytes that are no text"


def format_of_name(path: str) -> FormatName | None:
    """The format that a file of that name should have; None where the name does not say."""
    lower = path.lower()
    for ending in (".gz", ".zst", ".zstd"):
        lower = lower.removesuffix(ending)
    return "har" if lower.endswith(".har") else "recording" if lower.endswith(".jsonl") else None


def write_content(form: FormatName, header: Header, entries: Iterable[Entry]) -> tuple[bytes, int]:
    """A file of a format that can be written, and how many entries have no place in it."""
    match form:
        case "har":
            return write_har(header, entries)
        case "raw-ws-capture":
            return write_capture(header, entries)
        case "recording":
            return header_line(header) + b"".join(map(entry_line, entries)), 0
        case _:
            raise AssertionError(f"{form} is not written")
