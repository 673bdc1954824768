"""Reads stream recordings of mockd (github.com/getmockd/mockd, format version 1.0): one JSON object a connection.

As its source has them (pkg/recording): `websocket.frames` are messages and control frames with `ts`, RFC 3339, and
`rel`, milliseconds since the beginning; `dir` is `c2s` or `s2c`; binary data is in base64. An array of such objects, as
its export makes it, is several connections.
"""

from msgspec import structs

from pvws.limits import CONTROL_BYTES_MAX
from pvws.recording.document import Document, Value
from pvws.recording.format import Close, Direction, Entry, Header, Message, Open, Ping, Pong
from pvws.recording.order import in_order
from pvws.timestamp import Timestamp

__all__ = ["read_mockd"]

_MILLISECONDS_MAX = 1e12  # as many as a recording may have seconds, thirty years


def read_mockd(source: bytes, file: str | None = None) -> tuple[Header, list[Entry]]:
    """The connections in a stream recording of mockd. Raises InputError, with file and line."""
    document = Document(source, file)
    root = document.root
    streams = root.elements() if isinstance(root.value, list) else [root.as_object()]
    connections = [_Connection(number, stream) for number, stream in enumerate(streams, 1)]
    if not connections:
        root.wrong("a recording of mockd, or an array of them", "an empty array")
    document.check()
    zero = min(connection.begins for connection in connections)
    note = ", ".join(connection.name for connection in connections if connection.name)
    header = Header(
        recorded=Timestamp(zero),
        by="mockd",
        url=connections[0].url,
        note="converted from mockd" + (f": {note}" if note else ""),
    )
    return header, in_order(document, (connection.entries(zero) for connection in connections))


class _Connection:
    """One stream; its times are microseconds since the epoch."""

    def __init__(self, number: int, stream: Value) -> None:
        self._number = number
        stream = stream.as_object()
        protocol = stream.text("protocol", "websocket")
        if protocol != "websocket":
            stream.inner("protocol").wrong("websocket")
        self.name = stream.text("name", "")
        meta = stream.inner("metadata")
        self.url = f"ws://{meta.text('host', '') or 'localhost'}{meta.text('path', '/')}"
        self._subprotocol = meta.text("subprotocol", "")
        self._address = meta.text("clientIp", "")
        self._headers = meta.pairs("headers")
        started = stream.instant("startTime")
        data = stream.object("websocket") if protocol == "websocket" else stream
        connected = data.instant("connectedAt")
        self._base = started or connected or Timestamp(0)
        opened = (connected or self._base).micros
        frames = list(data.items("frames")) if protocol == "websocket" else []
        self._frames = [self._frame(frame.as_object()) for frame in frames]
        self.begins = min([opened, *(frame.t for frame in self._frames)])

    def entries(self, zero: int) -> list[Entry]:
        """Everything that happened on it, in time since that instant."""
        at = self.begins
        entries: list[Entry] = [
            Open(at - zero, self._number, self.url, 101, self._address, self._subprotocol, self._headers)
        ]
        for frame in self._frames:
            at = max(at, frame.t)
            entries.append(structs.replace(frame, t=at - zero))
        return entries

    def _frame(self, frame: Value) -> Message | Ping | Pong | Close:
        at = self._instant(frame)
        direction: Direction = "send" if frame.word("dir", ("c2s", "s2c")) == "c2s" else "recv"
        kind = frame.word("type", ("text", "binary", "ping", "pong", "close"))
        if kind == "close":
            code = frame.whole("closeCode", 0, 65_535) if frame.has("closeCode") else None
            return Close(at, direction, code, frame.text("closeReason", ""), self._number)
        data = frame.base64("data") if frame.text("encoding", "utf8") == "base64" else frame.bytes_of("data")
        if kind in ("ping", "pong"):
            if len(data) > CONTROL_BYTES_MAX:
                frame.inner("data").wrong(f"a payload of at most {CONTROL_BYTES_MAX} bytes", str(len(data)))
            return (Ping if kind == "ping" else Pong)(at, direction, data, self._number)
        return Message(at, direction, data, self._number, "binary" if kind == "binary" else "text")

    def _instant(self, frame: Value) -> int:
        if (instant := frame.instant("ts")) is not None:
            return instant.micros
        milliseconds = frame.number("rel")
        if not 0 <= milliseconds <= _MILLISECONDS_MAX:
            frame.inner("rel").wrong("milliseconds since the beginning")
            return self._base.micros
        return self._base.micros + round(milliseconds * 1_000)
