"""One connection: the only owner of its transport, from the first byte of HTTP to the last of WebSocket."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol, assert_never, cast

from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from pvws.server.audience import Subscriber
from pvws.server.deadlines import Deadline, Deadlines
from pvws.server.encoder import Encoder
from pvws.server.handshake import Accepted, handshake
from pvws.server.http import HttpReader, Request, Response
from pvws.server.hub import Hub
from pvws.server.settings import Settings
from pvws.server.vigil import Vigil
from pvws.session.echo import Echo
from pvws.session.session import Action, ChangeTopics, Close, Moment, Reply, Rules, Session, WakeUp
from pvws.wire import frames as wire
from pvws.wire.codec import encode_server_message
from pvws.wire.messages import ErrorCode, ErrorMessage

__all__ = ["Connection", "Host"]

_log = logging.getLogger("pvws.server")

_NO_PONG_GRACE_S = 1.0  # the contract: a client that did not answer pings will hardly answer the close frame


class Host(Protocol):
    """What a connection needs of the server it belongs to. Times in seconds."""

    hub: Hub
    deadlines: Deadlines
    settings: Settings
    rules: Rules
    clock: Callable[[], float]

    @property
    def stopping(self) -> bool:
        """Whether it takes nobody any more."""
        ...

    def moment(self) -> Moment:
        """Now, in stage time and in real time."""
        ...

    def date(self) -> str:
        """Real time, as HTTP writes it."""
        ...

    def answer(self, request: Request) -> Response:
        """The answer to a plain HTTP request."""
        ...

    def session(self) -> Session | Echo:
        """The rules of one more client."""
        ...

    def encoder(self, window: int | None) -> Encoder:
        """What makes frames for a client; `window` is that of its compression, if it has one."""
        ...

    def connected(self, connection: "Connection") -> None:
        """A transport is there."""
        ...

    def opened(self, connection: "Connection") -> str | None:
        """A handshake is done; why the client can't stay, if it can't."""
        ...

    def disconnected(self, connection: "Connection") -> None:
        """The transport is gone."""
        ...

    def count(self, what: str, key: str) -> None:
        """Count one more `message`, `error` by its code, or `disconnect` by its reason."""
        ...


class Connection(asyncio.Protocol):
    """What the event loop calls for one client.

    It begins as HTTP. An upgrade makes it a WebSocket: the library's sans-I/O protocol reads what comes in, a
    `Session` says what it means, a `Vigil` watches over it, and everything goes out through a `Subscriber`. Closing
    is a close frame behind all that was queued, then a grace time, then abort; nothing is written behind a close frame.
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
        "_vigil",
        "_wake_up",
        "address",
        "counted",
    )

    _transport: asyncio.Transport
    _session: Session | Echo
    _subscriber: Subscriber
    _vigil: Vigil

    def __init__(self, host: Host) -> None:
        self._host = host
        self._http: HttpReader | None = HttpReader()
        self._protocol: ServerProtocol | None = None
        self._parts: list[Frame] = []  # of a fragmented message, until its last one has come
        self._closing = False
        self._wake_up: Deadline | None = None
        self.address = ""
        """Where the client is, without its port."""
        self.counted = False
        """Whether it counts towards the limit of connections."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected: the read timeout runs."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it
        # The backlog is to be what we hold, so we want to hear as soon as the kernel takes no more.
        self._transport.set_write_buffer_limits(high=0)
        self.address = str((transport.get_extra_info("peername") or ("unknown",))[0])
        self._deadline = self._await_request()
        self._host.connected(self)

    def connection_lost(self, exception: Exception | None) -> None:
        """The transport is gone."""
        self._deadline.cancel()
        if self._protocol is not None:
            self._host.hub.leave(self._subscriber)
            self._subscriber.drop()
            self._vigil.end()
            if self._wake_up is not None:
                self._wake_up.cancel()
            code = self._protocol.close_rcvd.code if self._protocol.close_rcvd else 1006
            _log.info("%s disconnected (%s)", self._name, code)
        self._host.disconnected(self)

    def pause_writing(self) -> None:
        """The kernel takes no more."""
        if self._protocol is None:
            self._transport.pause_reading()  # who does not read our answers may not ask more questions
        else:
            self._subscriber.pause()
            self._vigil.paused()

    def resume_writing(self) -> None:
        """The kernel has taken everything."""
        if self._protocol is None:
            self._transport.resume_reading()
        else:
            self._vigil.resumed()
            self._subscriber.resume()

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
            self._begin_closing(self._host.settings.timeouts.close / 1_000_000)
            self._subscriber.drop()

    @property
    def is_websocket(self) -> bool:
        """Whether the handshake is done."""
        return self._protocol is not None

    @property
    def dropped(self) -> int:
        """Messages that it was never sent because it was too slow."""
        return self._subscriber.dropped if self._protocol is not None else 0

    def close(self, code: int, reason: str = "", grace: float | None = None) -> None:
        """Say goodbye behind all that was queued; cut when that takes longer than the grace time (seconds)."""
        if self._protocol is None:
            self._transport.close()
        elif self._protocol.state is OPEN:
            _log.info("%s is told to go: %s %s", self._name, code, reason)
            self._protocol.send_close(code, reason)
            self._send_control(grace)

    def abort(self) -> None:
        """Cut at once."""
        self._transport.abort()

    # What the vigil sees

    def send_ping(self) -> None:
        """The ping period is over."""
        if not self._closing:
            self._subscriber.send(wire.ping_frame())

    def no_pong(self) -> None:
        """Nothing was heard for the pong wait."""
        self._host.count("disconnect", "no_pong")
        self.close(CloseCode.POLICY_VIOLATION, "no pong", _NO_PONG_GRACE_S)

    def stalled(self) -> None:
        """It has taken no byte for the write timeout: a close frame could not pass either."""
        self._host.count("disconnect", "write_timeout")
        _log.warning("%s is cut: write_timeout", self._name)
        self.abort()

    def unsent(self) -> int:
        """How many bytes the transport holds."""
        return self._transport.get_write_buffer_size()

    # HTTP

    def _await_request(self) -> Deadline:
        return self._host.deadlines.after(self._host.settings.timeouts.read / 1_000_000, self._no_request)

    def _no_request(self) -> None:
        self._host.count("disconnect", "read_timeout")
        _log.info("%s is cut: no request within the read timeout", self.address)
        self.abort()

    def _read_requests(self, http: HttpReader, data: bytes) -> None:
        http.feed(data)
        while (request := http.next()) is not None:
            answer = request if isinstance(request, Response) else self._consider(request)
            if isinstance(answer, Accepted):
                self._upgrade(http, answer)
                return
            self._transport.write(http.answer(answer, self._host.date()))
            _log.debug("%s was answered %s", self.address, answer.status)
            if http.must_close:
                self._transport.close()
                return
            self._deadline.cancel()
            self._deadline = self._await_request()

    def _consider(self, request: Request) -> Accepted | Response:
        host = self._host
        if host.stopping:
            return Response(503, b"the server is shutting down\n", headers=[("Connection", "close")])
        answer = handshake(request, host.settings, self._admits)
        return host.answer(request) if answer is None else answer

    def _admits(self, token: str) -> bool:
        return self._host.rules.access.judge(token, self._host.moment().wall) is not None

    def _upgrade(self, http: HttpReader, accepted: Accepted) -> None:
        """Become a WebSocket."""
        host = self._host
        self._deadline.cancel()
        self._http = None
        self._protocol = accepted.protocol
        self._session = host.session()
        encoder = host.encoder(accepted.window)
        self._subscriber = Subscriber(
            self._transport.write, encoder, host.settings.slow_consumer, self._too_slow, self.unsent
        )
        self._vigil = Vigil(self, host.deadlines, host.clock, host.settings.timeouts, host.settings.timeouts.write)
        self._transport.write(accepted.response)
        refusal = host.opened(self)
        _log.info("%s connected from %s", self._name, self.address)
        if refusal is not None:
            self._refuse(refusal)
            return
        host.hub.join(self._subscriber, self._session.topics)
        self._perform(self._session.begin(accepted.token, host.moment()))
        if rest := http.rest():
            self._read_frames(rest)

    def _refuse(self, why: str) -> None:
        """No room for this client: it is told so in a message of the API, and closed (contract, "1000 connections")."""
        self._host.count("disconnect", "connection_refused")
        now = self._host.moment().stage
        code = ErrorCode.CONNECTION_REFUSED
        error = ErrorMessage.of(code, why, now, client_id=self._session.client_id)
        self._reply(Reply(encode_server_message(error), code))
        self.close(CloseCode.TRY_AGAIN_LATER, "connection refused")

    # WebSocket

    @property
    def _name(self) -> str:
        return f"client {self._session.client_id[:8]}"

    def _read_frames(self, data: bytes) -> None:
        protocol = self._protocol
        assert protocol is not None, "frames come after the handshake"
        self._vigil.heard()
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
        message: str | bytes = data
        if parts[0].opcode is Opcode.TEXT:
            try:
                message = data.decode()
            except UnicodeDecodeError as error:  # RFC 6455, section 8.1
                self._fail(CloseCode.INVALID_DATA, f"{error.reason} at position {error.start}")
                return
        self._host.count("message", "received")
        self._perform(self._session.receive(message, self._host.moment()))

    def _perform(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Reply():
                    self._reply(action)
                case ChangeTopics():
                    _log.debug("%s gets %s", self._name, ", ".join(sorted(action.topics)) or "nothing")
                    self._host.hub.join(self._subscriber, action.topics)
                case Close():
                    self._host.count("disconnect", "auth_failed")
                    self.close(action.code, action.reason)
                case WakeUp():
                    if self._wake_up is not None:
                        self._wake_up.cancel()
                    after = action.after
                    self._wake_up = None if after is None else self._host.deadlines.after(after, self._wake)
                case _:
                    assert_never(action)

    def _wake(self) -> None:
        self._perform(self._session.wake(self._host.moment()))

    def _reply(self, reply: Reply) -> None:
        if reply.error is not None:
            self._host.count("error", reply.error)
            _log.warning("%s is answered %s", self._name, reply.payload.decode())
        opcode = wire.Opcode.BINARY if reply.binary else wire.Opcode.TEXT
        self._subscriber.send(self._subscriber.encoder.reply(reply.payload, opcode))

    def _fail(self, code: int, reason: str) -> None:
        assert self._protocol is not None, "only a WebSocket can be failed"
        self._protocol.fail(code, reason)
        self._send_control()

    def _too_slow(self) -> None:
        """The backlog is past its bound: drop it, and say why behind what the socket has."""
        self._host.count("disconnect", "slow_consumer")
        self._host.hub.leave(self._subscriber)
        self._subscriber.drop()
        self.close(CloseCode.TRY_AGAIN_LATER, "slow consumer")

    def _send_control(self, grace: float | None = None) -> None:
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
            self._begin_closing(self._host.settings.timeouts.close / 1_000_000 if grace is None else grace)

    def _begin_closing(self, grace: float) -> None:
        if not self._closing:
            self._closing = True
            self._host.hub.leave(self._subscriber)
            self._deadline = self._host.deadlines.after(grace, self.abort)

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
