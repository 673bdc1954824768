"""HTTP on its way through: where each request and each answer begins and ends, in copies of the bytes.

h11 is fed the copies, one connection of it a request; what is passed on are the bytes as they came.
"""

from collections import deque

import h11
from msgspec import Struct

from pvws.proxy.route import Route

__all__ = ["HEAD_BYTES_MAX", "Answer", "Requests", "Responses", "Wish"]

HEAD_BYTES_MAX = 262_144
"""Of a head that is understood; servers take 8 to 64 KiB, the real one about 1 MB. A longer one passes unchanged."""


class Wish(Struct, frozen=True):
    """The head of a request, as the client sent it. Header names are in lower case."""

    method: str
    target: str
    headers: list[tuple[str, str]]

    @property
    def is_upgrade(self) -> bool:
        """Whether it asks for a WebSocket."""
        return any(name == "upgrade" and "websocket" in value.lower() for name, value in self.headers)


class Answer(Struct, frozen=True):
    """The head of an answer. Header names are in lower case."""

    wish: Wish
    status: int
    headers: list[tuple[str, str]]


class Requests:
    """What a client sends, until it is no HTTP any more.

    `feed` gives what goes to the server, with each head as the route has it; a head is held back until it is whole.
    Heads that were completed wait in `heads`. Behind one that asks for a WebSocket everything passes as it is, and is
    kept in `early` as long as nobody knows the answer. What is no HTTP passes as it is: `unreadable` says so.
    """

    def __init__(self, route: Route) -> None:
        self._route = route
        self._parser: h11.Connection | None = None
        self._head = bytearray()
        self._in_body = False
        self.heads: deque[Wish] = deque()
        self.early = bytearray()
        self.awaiting = False
        """Whether a WebSocket was asked for and not yet answered."""
        self.unreadable = False

    def feed(self, data: bytes) -> bytes:
        """Take what the client sent; what goes to the server."""
        forward = bytearray()
        while data and not self.unreadable and not self.awaiting:
            passed, data = self._body(data) if self._in_body else self._begin(data)
            forward += passed
        if self.awaiting:
            self.early += data
        return bytes(forward + data) if data else bytes(forward)

    def go_on(self) -> None:
        """The WebSocket was refused: requests may follow. What came early can't be told from them any more."""
        self.awaiting = False
        self.unreadable = bool(self.early)
        self.early.clear()

    def _begin(self, data: bytes) -> tuple[bytes, bytes]:
        """Take bytes of a head: what passes, and what is left."""
        if self._parser is None:
            self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES_MAX)
        self._head += data
        try:
            self._parser.receive_data(data)
            event = self._parser.next_event()
        except h11.RemoteProtocolError:
            return self._give_up(), b""
        if event is h11.NEED_DATA:
            return b"", b""
        assert isinstance(event, h11.Request), "a connection of h11 begins with a request"
        rest = self._parser.trailing_data[0]
        head = bytes(self._head[: len(self._head) - len(rest)])
        self._head.clear()
        wish = Wish(
            event.method.decode("latin-1"),
            event.target.decode("latin-1"),
            [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers],
        )
        self.heads.append(wish)
        passed, left = self._until_end(rest)
        if not self._in_body and wish.is_upgrade:
            self.awaiting = True
        return self._route.rewritten(head) + passed, left

    def _body(self, data: bytes) -> tuple[bytes, bytes]:
        assert self._parser is not None, "a body follows a head"
        try:
            self._parser.receive_data(data)
        except h11.RemoteProtocolError:
            self.unreadable = True
            return data, b""
        return self._until_end(data)

    def _until_end(self, data: bytes) -> tuple[bytes, bytes]:
        """Of bytes that the parser has: those of the body, and those behind it."""
        parser = self._parser
        assert parser is not None, "a body follows a head"
        try:
            while isinstance(event := parser.next_event(), h11.Data):
                pass
        except h11.RemoteProtocolError:
            self.unreadable = True
            return data, b""
        self._in_body = not isinstance(event, h11.EndOfMessage)
        if self._in_body:
            return data, b""
        rest = parser.trailing_data[0]
        self._parser = None
        return data[: len(data) - len(rest)], bytes(rest)

    def _give_up(self) -> bytes:
        self.unreadable = True
        held = bytes(self._head)
        self._head.clear()
        return held


class Responses:
    """What a server answers, until it is no HTTP any more: `feed` it copies, and `expect` each request before.

    Answers that ask for no further look are gone with their last byte; the head of each goes to `heads` when it is
    there. After a 101 `switched` has the bytes behind it. What is no HTTP is not read: `unreadable` says so.
    """

    def __init__(self) -> None:
        self._expected: deque[Wish] = deque()
        self._parser: h11.Connection | None = None
        self.heads: deque[Answer] = deque()
        self.switched: bytes | None = None
        self.unreadable = False

    def expect(self, wish: Wish) -> None:
        """A request goes to the server."""
        self._expected.append(wish)

    def feed(self, data: bytes) -> None:
        """Take a copy of what the server sent; `b""` for the end of its stream."""
        while not self.unreadable and self.switched is None:
            if not self._expected:
                self.unreadable = bool(data)
                return
            wish = self._expected[0]
            try:
                if self._parser is None:
                    self._parser = _asked(wish)
                self._parser.receive_data(data)
                data = self._read(self._parser, wish)
            except (h11.RemoteProtocolError, h11.LocalProtocolError):
                self.unreadable = True
            if not data:
                return

    def _read(self, parser: h11.Connection, wish: Wish) -> bytes:
        """Read on; what is left behind the end of an answer."""
        while True:
            event = parser.next_event()
            if isinstance(event, h11.InformationalResponse) and event.status_code == 101:
                self.heads.append(_answer(wish, event))
                self.switched = bytes(parser.trailing_data[0])
                return b""
            if isinstance(event, h11.Response):
                self.heads.append(_answer(wish, event))
            elif isinstance(event, h11.EndOfMessage):
                self._expected.popleft()
                self._parser = None
                return bytes(parser.trailing_data[0])
            elif event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                return b""


def _asked(wish: Wish) -> h11.Connection:
    """A parser that knows what was asked, since that decides where the answer ends."""
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES_MAX)
    headers = [("Host", "any")]
    if wish.is_upgrade:
        headers += [("Connection", "Upgrade"), ("Upgrade", "websocket")]
    parser.send(h11.Request(method=wish.method, target="/", headers=headers))
    parser.send(h11.EndOfMessage())
    return parser


def _answer(wish: Wish, event: h11.InformationalResponse | h11.Response) -> Answer:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]
    return Answer(wish, event.status_code, headers)
