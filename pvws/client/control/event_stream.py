"""Server-sent events (WHATWG HTML, section 9.2.6): pieces of bytes in, what was told out."""

from typing import Any

import msgspec

from pvws.answers import ClockState, Happening, Message, StageState, decoded

__all__ = ["EventStreamReader", "happenings"]

_KINDS: dict[str, Any] = {"state": StageState, "clock": ClockState}


class EventStreamReader:
    """Cuts a stream into its events, wherever its pieces are cut."""

    def __init__(self) -> None:
        self._rest = b""
        self._kind = ""
        self._id: str | None = None
        self._lines: list[bytes] = []

    def feed(self, piece: bytes) -> list[tuple[str, str | None, bytes]]:
        """The events that this piece completes: kind, id and data."""
        found = []
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            line = line.removesuffix(b"\r")
            if line:
                self._take(line)
            elif self._lines:
                found.append((self._kind or "message", self._id, b"\n".join(self._lines)))
                self._kind, self._lines = "", []
            else:
                self._kind = ""  # without data it is none
        return found

    def _take(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                self._lines.append(value)
            case b"event":
                self._kind = value.decode("utf-8", "replace")
            case b"id":
                self._id = value.decode("utf-8", "replace")
            case _:  # a comment, which keeps a connection alive, or a field that we have no use for
                pass


def happenings(kind: str, identity: str | None, data: bytes) -> list[Happening]:
    """What one event tells: published messages come many in one, and everything else alone.

    Raises msgspec.MsgspecError for what is no JSON, or not of its kind.
    """
    if kind == "event":
        return [Happening(kind=kind, id=identity, data=each) for each in decoded(data, _Published).events]
    if kind in _KINDS:
        return [Happening(kind=kind, id=identity, data=decoded(data, _KINDS[kind]))]
    return [Happening(kind=kind, id=identity, data=msgspec.json.decode(data))]


class _Published(msgspec.Struct):
    events: list[Message]
