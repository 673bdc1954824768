"""One connection: the only owner of its transport, from the first byte of HTTP to the last of WebSocket."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, assert_never, cast

from websockets.datastructures import Headers
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from pvws.limits import MESSAGE_BYTES_MAX
from pvws.server.audience import Subscriber
from pvws.server.deadlines import Deadlines
from pvws.server.endpoints import WEBSOCKET_PATH, Figures, answer, upgrade_required
from pvws.server.http import HttpReader, Request, Response
from pvws.server.hub import Hub
from pvws.session.session import ChangeTopics, Reply, Session
from pvws.timestamp import Timestamp
from pvws.wire.frames import text_frame

__all__ = ["Connection", "Host"]

# The library logs every connection at level INFO; the server's own log is to be its only voice.
_silent = logging.getLogger("pvws.websockets")
_silent.setLevel(logging.CRITICAL)


class Host(Protocol):
    """What a connection needs of the server it belongs to."""

    hub: Hub
    deadlines: Deadlines
    handshake_timeout: float
    close_grace: float

    def now(self) -> Timestamp:
        """Stage time, which every message on the wire carries."""
        ...

    def date(self) -> str:
        """Real time, as HTTP writes it."""
        ...

    def figures(self) -> Figures:
        """What the HTTP endpoints tell."""
        ...

    def client_id(self) -> str:
        """The id of one more client."""
        ...

    def connected(self, connection: "Connection") -> None:
        """A transport is there."""
        ...

    def opened(self, connection: "Connection") -> None:
        """A handshake is done."""
        ...

    def disconnected(self, connection: "Connection") -> None:
        """The transport is gone."""
        ...


class Connection(asyncio.Protocol):
    """What the event loop calls for one client.

    It begins as HTTP. An upgrade makes it a WebSocket: the library's sans-I/O protocol reads what comes in, a
    `Session` says what it means, and everything goes out through a `Subscriber`. Closing is a close frame behind
    all that was queued, then a grace time, then abort; nothing is written behind a close frame.
    """

    __slots__ = (
        "_closing",
        "_deadline",
        "_host",
        "_http",
        "_parts",
        "_protocol",
        "_session",
        "_subscriber",
        "_transport",
    )

    _transport: asyncio.Transport
    _session: Session
    _subscriber: Subscriber

    def __init__(self, host: Host) -> None:
        self._host = host
        self._http: HttpReader | None = HttpReader()
        self._protocol: ServerProtocol | None = None
        self._parts: list[Frame] = []  # of a fragmented message, until its last one has come
        self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected: the handshake timeout runs."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it
        # The backlog is to be what we hold, so we want to hear as soon as the kernel takes no more.
        self._transport.set_write_buffer_limits(high=0)
        self._deadline = self._host.deadlines.after(self._host.handshake_timeout, self.abort)
        self._host.connected(self)

    def connection_lost(self, exception: Exception | None) -> None:
        """The transport is gone."""
        self._deadline.cancel()
        if self._protocol is not None:
            self._host.hub.leave(self._subscriber)
            self._subscriber.drop()
        self._host.disconnected(self)

    def pause_writing(self) -> None:
        """The kernel takes no more."""
        if self._protocol is not None:
            self._subscriber.pause()
        else:
            self._transport.pause_reading()  # who does not read our answers may not ask more questions

    def resume_writing(self) -> None:
        """The kernel has taken everything."""
        if self._protocol is not None:
            self._subscriber.resume()
        else:
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Bytes have come: requests at first, frames later."""
        if self._http is not None:
            self._read_requests(self._http, data)
        else:
            self._read_frames(data)

    def eof_received(self) -> None:
        """The client will send no more; the loop closes the transport once its buffer is written."""
        if self._protocol is not None:
            self._protocol.receive_eof()
            self._begin_closing()
            self._subscriber.drop()

    @property
    def is_websocket(self) -> bool:
        """Whether the handshake is done."""
        return self._protocol is not None

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye behind all that was queued; cut when that takes longer than the grace time."""
        if self._protocol is None:
            self._transport.close()
        elif self._protocol.state is OPEN:
            self._protocol.send_close(code, reason)
            self._send_control()

    def abort(self) -> None:
        """Cut at once."""
        self._transport.abort()

    def _read_requests(self, http: HttpReader, data: bytes) -> None:
        http.feed(data)
        while (request := http.next()) is not None:
            if isinstance(request, Response):
                self._answer(http, request)
            elif request.path == WEBSOCKET_PATH and request.header("upgrade") is not None:
                if self._upgrade(http, request):
                    return
            else:
                self._answer(http, answer(request, self._host.figures()))
            if http.must_close:
                self._transport.close()
                return
            self._deadline.cancel()
            self._deadline = self._host.deadlines.after(self._host.handshake_timeout, self.abort)

    def _answer(self, http: HttpReader, response: Response) -> None:
        self._transport.write(http.answer(response, self._host.date()))

    def _upgrade(self, http: HttpReader, request: Request) -> bool:
        """Answer a handshake; whether the connection is a WebSocket now."""
        # In state OPEN the library's parser begins with frames: the head has been read already.
        protocol = ServerProtocol(state=OPEN, max_size=MESSAGE_BYTES_MAX, logger=_silent)
        handshake = Handshake(request.target, Headers(request.headers), request.method, request.version)
        response = protocol.accept(handshake)
        if response.status_code != 101:
            self._answer(http, _refusal(response.status_code, bytes(response.body or b"")))
            return False
        self._deadline.cancel()
        self._http = None
        self._protocol = protocol
        self._session = Session(self._host.client_id())
        self._subscriber = Subscriber(self._transport.write, self._too_slow, self._transport.get_write_buffer_size)
        self._host.opened(self)
        self._transport.write(response.serialize())
        self._host.hub.join(self._subscriber, self._session.topics)
        if rest := http.rest():
            self._read_frames(rest)
        return True

    def _read_frames(self, data: bytes) -> None:
        protocol = self._protocol
        assert protocol is not None, "frames come after the handshake"
        protocol.receive_data(data)
        for frame in protocol.events_received():
            if self._closing:
                break
            assert isinstance(frame, Frame), "a parser that begins with frames gives nothing else"
            if frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._read_data_frame(frame)
        # Pongs and the answer to a close frame, behind the answers to the messages that came before them.
        self._send_control()

    def _read_data_frame(self, frame: Frame) -> None:
        self._parts.append(frame)
        if not frame.fin:
            return
        parts, self._parts = self._parts, []
        data = bytes(parts[0].data) if len(parts) == 1 else b"".join(part.data for part in parts)
        if parts[0].opcode is Opcode.BINARY:
            self._receive(data)
            return
        try:
            text = data.decode()
        except UnicodeDecodeError as error:  # RFC 6455, section 8.1
            self._fail(CloseCode.INVALID_DATA, f"{error.reason} at position {error.start}")
            return
        self._receive(text)

    def _receive(self, message: str | bytes) -> None:
        for action in self._session.receive(message, self._host.now()):
            match action:
                case Reply():
                    self._subscriber.send(text_frame(action.text))
                case ChangeTopics():
                    self._host.hub.join(self._subscriber, action.topics)
                case _:
                    assert_never(action)

    def _fail(self, code: int, reason: str) -> None:
        assert self._protocol is not None, "only a WebSocket can be failed"
        self._protocol.fail(code, reason)
        self._send_control()

    def _too_slow(self) -> None:
        """The backlog is past its bound: drop it, and say why behind what the socket has."""
        self._host.hub.leave(self._subscriber)
        self._subscriber.drop()
        self.close(CloseCode.TRY_AGAIN_LATER, "slow consumer")

    def _send_control(self) -> None:
        """Send what the protocol has to say: pongs, a close frame, the end of the stream."""
        protocol = self._protocol
        assert protocol is not None, "only a WebSocket has control frames"
        was_closing = self._closing
        for data in protocol.data_to_send():
            if not data:
                self._when_drained(self._end)
            elif not was_closing:  # RFC 6455, section 5.5.1: nothing behind a close frame, no pong either
                self._subscriber.send(data)
        if protocol.state is not OPEN:
            self._begin_closing()

    def _begin_closing(self) -> None:
        if not self._closing:
            self._closing = True
            self._host.hub.leave(self._subscriber)
            self._deadline = self._host.deadlines.after(self._host.close_grace, self.abort)

    def _when_drained(self, act: Callable[[], None]) -> None:
        if self._subscriber.idle:
            act()
        else:
            self._subscriber.drained = act

    def _end(self) -> None:
        """Everything is written: end the TCP connection as section 7.1.1 has it, the server first."""
        protocol = self._protocol
        assert protocol is not None, "only a WebSocket ends like this"
        if protocol.close_rcvd is not None or not self._transport.can_write_eof():
            self._transport.close()
        else:
            # The client may still be sending. To close now would answer with a reset, which could overtake our
            # close frame; so it hears the end of the stream, and the grace time bounds what we go on reading.
            self._transport.write_eof()


def _refusal(status: int, text: bytes) -> Response:
    """The library's answer to a handshake that is none, in a form that keeps the connection alive."""
    if status == 426:
        return upgrade_required(text.decode())
    # RFC 6455, section 4.4: whoever refuses a version tells which one it would take.
    headers = [("Allow", "GET")] if status == 405 else [("Sec-WebSocket-Version", "13")]
    return Response(status, text, headers=headers)
