"""One request and its answer on a connection to a control plane, without I/O.

What is to be done is said by a generator, which an event loop and a plain socket drive alike: it yields bytes that are
to be sent, or None when it needs more of what has come, and is given that.
"""

from collections.abc import Generator
from typing import TypeAlias
from urllib.parse import quote, urlencode

import h11
from msgspec import Struct, field

from pvws import __version__
from pvws.answers import encoded

__all__ = ["ANSWER_BYTES_MAX", "EVENTS_MEDIA", "PIECE_BYTES", "Answer", "Exchange", "Request", "Steps", "TooLargeError"]

ANSWER_BYTES_MAX = 512 * 1_048_576
"""Of one answer: the truth of a world of a million files takes a few hundred MiB."""

PIECE_BYTES = 262_144
"""What is read from a socket at once."""

EVENTS_MEDIA = "text/event-stream"
"""The media type of an answer that does not end."""

_HEAD_BYTES_MAX = 65_536  # of an answer; ours has ten lines

Steps: TypeAlias = Generator[bytes | None, bytes, "Answer"]
"""What an exchange is made of: see above."""


class TooLargeError(Exception):
    """An answer is larger than any of ours."""


class Request(Struct, frozen=True, kw_only=True):
    """What is asked. `waits_s` is how long the server may take on purpose, beside the time that an answer needs."""

    method: str
    path: str
    query: dict[str, object] = field(default_factory=dict)
    body: object = None
    waits_s: float = 0.0

    @property
    def repeatable(self) -> bool:
        """Whether asking twice does no more than asking once (RFC 9110, section 9.2.2)."""
        return self.method != "POST"

    def target(self, base: str) -> str:
        """What stands in the request's first line."""
        given = {name: value for name, value in self.query.items() if value is not None}
        query = urlencode(given, quote_via=quote)
        return f"{base}{self.path}" + (f"?{query}" if query else "")


class Answer(Struct, frozen=True):
    """What came back: a whole body, unless it is a stream of events."""

    status: int
    media: str
    body: bytes = b""


class Exchange:
    """A connection's HTTP/1.1 (RFC 9112), by h11: one request after the other."""

    def __init__(self, authority: str, base: str, token: str | None) -> None:
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES_MAX)
        self._base = base
        self._headers = [("Host", authority), ("User-Agent", f"pvws/{__version__}")]
        if token is not None:
            self._headers.append(("Authorization", f"Bearer {token}"))

    @property
    def reusable(self) -> bool:
        """Whether another request may be made on it: the last one is over, and neither side wants to leave."""
        return self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE

    def ask(self, request: Request) -> Steps:
        """The steps of a request. An answer that is a stream is given back with its head: see `more`.

        Raises h11.ProtocolError for what is no HTTP, EOFError for a connection that ends first, and TooLargeError.
        """
        if self.reusable:
            self._h11.start_next_cycle()
        yield self._written(request)
        head = yield from self._head()
        media = next((value for name, value in head.headers if name == b"content-type"), b"").decode("latin-1")
        if media.startswith(EVENTS_MEDIA) and head.status_code == 200:
            return Answer(head.status_code, media)
        pieces, size = [], 0
        while (piece := (yield from self._piece())) is not None:
            pieces.append(piece)
            size += len(piece)
            if size > ANSWER_BYTES_MAX:
                raise TooLargeError
        return Answer(head.status_code, media, b"".join(pieces))

    def more(self) -> Generator[None, bytes, bytes | None]:
        """The steps to the next piece of a stream; None at its end."""
        return (yield from self._piece())

    def _written(self, request: Request) -> bytes:
        body = b"" if request.body is None else encoded(request.body)
        headers = [*self._headers, ("Accept", "application/json, text/event-stream")]
        if request.method != "GET":
            headers.append(("Content-Length", str(len(body))))
        if body:
            headers.append(("Content-Type", "application/json"))
        head = h11.Request(method=request.method, target=request.target(self._base), headers=headers)
        parts = [self._h11.send(head), self._h11.send(h11.Data(data=body)), self._h11.send(h11.EndOfMessage())]
        return b"".join(part for part in parts if part)

    def _head(self) -> Generator[None, bytes, h11.Response]:
        while True:
            event = self._h11.next_event()
            if event is h11.NEED_DATA:
                yield from self._fed()
            elif isinstance(event, h11.Response):
                return event
            elif isinstance(event, h11.ConnectionClosed):
                raise EOFError

    def _piece(self) -> Generator[None, bytes, bytes | None]:
        while True:
            event = self._h11.next_event()
            if event is h11.NEED_DATA:
                yield from self._fed()
            elif isinstance(event, h11.Data):
                return bytes(event.data)
            else:
                return None

    def _fed(self) -> Generator[None, bytes, None]:
        data = yield None
        if not data and self._h11.their_state is h11.SEND_RESPONSE:
            raise EOFError
        self._h11.receive_data(data)
