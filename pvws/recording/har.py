"""HAR 1.2 with the `_webSocketMessages` of Chrome's developer tools, which Playwright and mitmproxy write as well.

What differs between them is read from the files: the time of a message is in seconds or in milliseconds since the
epoch, or -1 where nobody knows; a URL may begin with `http`. A HAR has whole messages, text or binary, and nothing else
of what a recording may hold.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Raw

from pvws import __version__
from pvws.recording.document import Document, Value
from pvws.recording.format import Direction, Entry, Gap, Header, Headers, Message, Open
from pvws.recording.order import in_order
from pvws.timestamp import LAST_INSTANT, Timestamp

__all__ = ["read_har", "write_har"]

_MILLISECONDS_MIN = 1e11  # the year 5138 in seconds, and 1973 in milliseconds: what is above is no number of seconds
_SCHEME = re.compile(r"http(s?)(?=://)", re.IGNORECASE)
_ERROR = -1  # the opcode of what is no message but news of an error
_TEXT, _BINARY = 1, 2


def read_har(source: bytes, file: str | None = None) -> tuple[Header, list[Entry]]:
    """The WebSocket connections in a HAR, numbered in the order in which they stand there.

    t = 0 is the first instant of them. A message without a time comes at that of the one before it. Raises InputError,
    with file and line, for what is no HAR, or none with a WebSocket connection.
    """
    document = Document(source, file)
    log = document.root.as_object().object("log")
    connections = [
        _Connection(number, entry)
        for number, entry in enumerate((each for each in log.items("entries") if "_webSocketMessages" in each), 1)
    ]
    document.check()
    if not connections:
        hint = "Firefox writes none, and Playwright writes them to a file of their own when it zips"
        log.inner("entries").wrong("an entry with _webSocketMessages", "none", hint)
        document.check()
    zero = min(connection.begins for connection in connections)
    creator = log.inner("creator")
    name = f"{creator.text('name', '')} {creator.text('version', '')}".strip()
    document.check()
    header = Header(
        recorded=Timestamp(zero),
        by=name,
        url=connections[0].url,
        note="converted from a HAR" + ("" if connections[0].has_times else "; the times of its messages are not known"),
    )
    return header, in_order(document, (connection.entries(zero) for connection in connections))


class _Connection:
    """A WebSocket connection of a HAR; its times are microseconds since the epoch."""

    def __init__(self, number: int, entry: Value) -> None:
        self._number = number
        request, response = entry.object("request"), entry.object("response")
        self.url = _SCHEME.sub(lambda match: f"ws{match[1].lower()}", request.text("url"), 1)
        self._status = response.whole("status", 100, 599, 101)
        self._request, self._response = _headers(request), _headers(response)
        started = entry.instant("startedDateTime")
        self._messages = [self._message(each.as_object()) for each in entry.items("_webSocketMessages")]
        known = [at for at, _ in self._messages if at is not None]
        self.has_times = bool(known) or not self._messages
        self.begins = min([*known, *([] if started is None else [started.micros])], default=0)

    def entries(self, zero: int) -> list[Entry]:
        """Everything that happened on it, in time since that instant."""
        subprotocol = next((value for name, value in self._response if name.lower() == "sec-websocket-protocol"), "")
        at = self.begins
        opened = Open(
            at - zero,
            self._number,
            self.url,
            self._status,
            subprotocol=subprotocol,
            request=self._request,
            response=self._response,
        )
        entries: list[Entry] = [opened]
        for known, entry in self._messages:
            at = at if known is None else max(at, known)
            entries.append(msgspec.structs.replace(entry, t=at - zero))
        return entries

    def _message(self, message: Value) -> tuple[int | None, Message | Gap]:
        """A message without its time, and its time where it is known."""
        at = _instant(message)
        kind = message.word("type", ("send", "receive", "error"))
        opcode = message.whole("opcode", -1, 2, _TEXT)
        if kind == "error" or opcode == _ERROR:
            return at, Gap(0, message.text("data", "") or "an error", self._number)
        direction: Direction = "send" if kind == "send" else "recv"
        if opcode == _BINARY:
            return at, Message(0, direction, message.base64("data"), self._number, "binary")
        if opcode != _TEXT:
            message.inner("opcode").wrong("1 for text, 2 for binary or -1 for an error")
        return at, Message(0, direction, message.bytes_of("data"), self._number)


def _instant(message: Value) -> int | None:
    """The time of a message in microseconds since the epoch, None where nobody knows it."""
    time = message.number("time", -1)
    if time < 0:
        return None
    micros = round(time * 1_000 if time > _MILLISECONDS_MIN else time * 1_000_000)
    if micros > LAST_INSTANT:
        message.inner("time").wrong("seconds or milliseconds since 1970")
        return None
    return micros


def _headers(message: Value) -> Headers:
    if not message.has("headers"):
        return ()
    fields = [each.as_object() for each in message.items("headers")]
    return tuple((field.text("name"), field.text("value", "")) for field in fields)


def write_har(header: Header, entries: Iterable[Entry]) -> tuple[bytes, int]:
    """A HAR of the connections in a recording, and how many of its entries have no place in one.

    Those are pings, pongs, closes, marks, and gaps but for the errors that came from a HAR. Of messages the frames they
    came in are left out, and a text that is not UTF-8 goes as a binary message.
    """
    zero = header.recorded or header.start or Timestamp(0)
    exchanges: dict[int, _Exchange] = {}
    without_place = 0
    for entry in entries:
        if isinstance(entry, Message | Open | Gap) and entry.conn is not None and not _has_counts(entry):
            exchange = exchanges.setdefault(entry.conn, _Exchange(zero.micros, header.url, entry.t))
            exchange.add(entry)
        else:
            without_place += 1
    log = {
        "version": "1.2",
        "creator": {"name": "pvws", "version": __version__},
        "pages": [],
        "entries": [exchange.entry() for exchange in exchanges.values()],
    }
    if header.note:
        log["comment"] = header.note
    return msgspec.json.format(msgspec.json.encode({"log": log}), indent=2) + b"\n", without_place


def _query(url: str) -> str:
    """The query of a URL; what a recording calls one may be anything."""
    try:
        return urlsplit(url).query
    except ValueError:
        return ""


class _Exchange:
    """One connection on its way into a HAR."""

    def __init__(self, zero: int, url: str, t: int) -> None:
        self._zero = zero
        self._opened = Open(t, url=url)
        self._last = t
        self._messages: list[dict[str, Any]] = []

    def add(self, entry: Message | Open | Gap) -> None:
        self._last = entry.t
        seconds = Raw(b"%d.%06d" % divmod(self._zero + entry.t, 1_000_000))
        if isinstance(entry, Open):
            self._opened = entry if entry.url else msgspec.structs.replace(entry, url=self._opened.url)
            return
        if isinstance(entry, Gap):
            self._messages.append({"type": "error", "time": seconds, "opcode": _ERROR, "data": entry.reason})
            return
        opcode, data = _written(entry)
        kind = "send" if entry.dir == "send" else "receive"
        self._messages.append({"type": kind, "time": seconds, "opcode": opcode, "data": data})

    def entry(self) -> dict[str, Any]:
        opened = self._opened
        took = (self._last - opened.t) / 1_000
        query = parse_qsl(_query(opened.url), keep_blank_values=True)
        return {
            "startedDateTime": Timestamp(self._zero + opened.t).exact,
            "time": took,
            "request": {
                "method": "GET",
                "url": opened.url,
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": _pairs(opened.request),
                "queryString": _pairs(query),
                "headersSize": -1,
                "bodySize": 0,
            },
            "response": {
                "status": opened.status,
                "statusText": "Switching Protocols" if opened.status == 101 else "",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": _pairs(opened.response),
                "content": {"size": 0, "mimeType": "x-unknown"},
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": -1,
            },
            "cache": {},
            "timings": {"send": 0, "wait": 0, "receive": took},
            "_resourceType": "websocket",
            "_webSocketMessages": self._messages,
        }


def _has_counts(entry: Entry) -> bool:
    """Whether it says of a gap what an error in a HAR can't."""
    return isinstance(entry, Gap) and (entry.messages, entry.bytes, entry.micros) != (None, None, None)


def _written(message: Message) -> tuple[int, str]:
    if message.opcode == "text":
        try:
            return _TEXT, message.data.decode()
        except UnicodeDecodeError:
            pass
    return _BINARY, b64encode(message.data).decode()


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
