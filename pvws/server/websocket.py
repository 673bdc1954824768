"""One WebSocket: the only owner of its transport, from the answer to the handshake to the last byte."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import assert_never

from msgspec import structs
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN

from pvws.limits import WORLDS_MAX
from pvws.server.assembler import Assembler
from pvws.server.deadlines import Deadline
from pvws.server.departed import DEPARTED
from pvws.server.farewell import farewell
from pvws.server.handshake import Accepted
from pvws.server.host import Host
from pvws.server.outlet import direct_write
from pvws.server.room import Caller, Room, Said, change_topics
from pvws.server.sightings import (
    CloseCame,
    CloseSent,
    CutOff,
    ErrorSent,
    Lost,
    PingSent,
    PongCame,
    Sighting,
    StreamEnded,
    Violated,
)
from pvws.server.subscriber import Subscriber
from pvws.server.vigil import Vigil
from pvws.session.session import Action, ChangeTopics, Close, Reply, WakeUp
from pvws.sim.source import Timed
from pvws.wire import frames as wire
from pvws.wire.codec import encode_server_message
from pvws.wire.messages import ErrorCode, ErrorMessage
from pvws.wire.topics import topics_text
from pvws.wire.upstream import upstream_text

__all__ = ["WebSocket"]

_log = logging.getLogger("pvws.server")

_CLOSE = 0x88  # first byte of a close frame
_NO_ROOM = f"there are {WORLDS_MAX} worlds, as many as there may be"
_NO_PONG_GRACE_S = 1.0  # the contract: a client that did not answer pings will hardly answer the close frame


class WebSocket(asyncio.Protocol):
    """What the event loop calls for one client once its handshake is accepted.

    The library's sans-I/O protocol reads what comes in, a `Session` says what it means, a `Vigil` watches over it, and
    everything goes out through a `Subscriber`. Closing is a close frame behind all that was queued, then a grace time,
    then abort; nothing is written behind a close frame. Order of calls: it is made the transport's protocol, then
    `begin`.
    """

    __slots__ = (
        "_assembler",
        "_closing",
        "_deadline",
        "_host",
        "_noted",
        "_protocol",
        "_room",
        "_session",
        "_subscriber",
        "_transport",
        "_vigil",
        "_wake_up",
        "address",
        "counted",
        "entered",
        "name",
        "number",
    )

    def __init__(
        self, host: Host, transport: asyncio.Transport, accepted: Accepted, room: Room | None, caller: Caller
    ) -> None:
        settings = host.settings
        self._host = host
        self._transport = transport
        self._protocol = accepted.protocol
        self._room = host.main if room is None else room
        self._session = host.session(self._room)
        self._assembler = Assembler(lenient=settings.quirks.lenient_utf8)
        encoder = host.encoder(accepted.window)
        self._subscriber = Subscriber(direct_write(transport), encoder, settings.backlog, self._too_slow, self.unsent)
        self._subscriber.name = self._session.client_id
        self._vigil = Vigil(self, host.deadlines, host.clock, settings.timeouts, settings.write_timeout)
        self._noted = False  # whether its room knows of it
        self._closing = False
        self._deadline: Deadline | None = None
        self._wake_up: Deadline | None = None
        self.address = caller.address
        """Where the client is, without its port."""
        self.number = caller.number
        """The how manieth handshake of its room this was, counted from 1."""
        self.name = caller.name
        """What it calls itself: `?client=`; empty if it has no name."""
        self.counted = False
        """Whether it counts towards the limit of connections."""
        self.entered = room
        """The room it is in, and will leave."""

    def begin(self, response: bytes, token: str | None, rest: bytes) -> None:
        """Answer the handshake, come in with the token that was presented, and read what has come behind it."""
        self._transport.write(response)
        refusal = self._host.opened(self)
        _log.info("%s connected from %s", self._title, self.address)
        if refusal is not None or self.entered is None:
            self._refuse(refusal or _NO_ROOM)
            return
        self._noted = True
        self._room.note(self, "connects")
        self._room.hub.join(self._subscriber, self._session.topics)
        self._perform(self._session.begin(token, self._host.moment(self._room)))
        if rest:
            self.data_received(rest)

    def connection_lost(self, exception: Exception | None) -> None:
        """The transport is gone."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._room.hub.leave(self._subscriber, keep=False)
        self._show(Lost(isinstance(exception, ConnectionError)))
        if self._noted:
            came = self._protocol.close_rcvd
            self._room.note(self, "disconnects", code=None if came is None else came.code)
        self._subscriber.drop()
        self._room.hub.delivery.gone(self._subscriber)
        self._vigil.end()
        self._subscriber.let_go()  # the descriptor is no longer ours
        if self._wake_up is not None:
            self._wake_up.cancel()
        received = self._protocol.close_rcvd
        _log.info("%s disconnected (%s)", self._title, received.code if received else 1006)
        self._host.disconnected(self)
        # Who is gone is freed at once, since it is in no cycle: whoever plays a scenario has the collector look seldom.
        self._protocol.parser.close()
        self._protocol.parser_exc = None
        self._transport = DEPARTED

    def pause_writing(self) -> None:
        """The kernel takes no more."""
        self._subscriber.pause()
        if not self._closing:
            self._vigil.paused()

    def resume_writing(self) -> None:
        """The kernel has taken everything."""
        self._vigil.resumed()
        self._subscriber.resume()

    @property
    def is_websocket(self) -> bool:
        """Whether the handshake is done: yes."""
        return True

    @property
    def dropped(self) -> int:
        """Messages that it was never sent because it was too slow."""
        return self._subscriber.dropped

    @property
    def client_id(self) -> str:
        """Its id: 32 lower-case hex digits."""
        return self._session.client_id

    @property
    def member(self) -> Subscriber:
        """What it hears with."""
        return self._subscriber

    def post(self, message: Timed, *, to_all: bool = False) -> None:
        """Have it, and nobody else, get a message, behind all that was published; nothing once it is told to go."""
        if self._closing:
            return
        quirks = self._host.settings.quirks
        if to_all and quirks.broadcast_envelope:
            text = upstream_text(message.text, message.sequence, quirks, at=message.at, to_all=True)
            message = structs.replace(message, text=text)
        self._subscriber.tell(message)

    def probe(self, payload: bytes, answered: Callable[[], object]) -> None:
        """Send a ping behind everything; call `answered` with its pong, the next probe, or the connection's end."""
        self._vigil.ask(payload, answered)
        self._ping(payload)

    def close(self, code: int, reason: str = "", grace: float | None = None) -> None:
        """Say goodbye behind all that was queued; cut when that takes longer than the grace time (seconds)."""
        if self._host.stopping and self._host.settings.quirks.abrupt_stop:
            self._show(CutOff("the server ends without a word"))
            self._room.hub.leave(self._subscriber)
            self._transport.close()
        elif self._protocol.state is OPEN:
            _log.info("%s is told to go: %s %s", self._title, code, reason)
            self._protocol.send_close(code, reason)
            self._send_control(self._protocol.data_to_send(), grace)

    def dismiss(self, code: int, reason: str = "") -> None:
        """Say goodbye, since the whole server goes."""
        self.close(code, reason)

    def abort(self, why: str = "the server has cut it") -> None:
        """Cut at once."""
        self._show(CutOff(why))
        self._transport.abort()

    # What the vigil sees

    def send_ping(self) -> None:
        """The ping period is over."""
        self._ping(b"")

    def no_pong(self) -> None:
        """Nothing was heard for the pong wait."""
        self._host.count("disconnect", "no_pong", self.entered)
        if self._host.settings.quirks.cut_without_pong:
            self.abort("no pong")
            return
        self.close(CloseCode.POLICY_VIOLATION, "no pong", _NO_PONG_GRACE_S)

    def stalled(self) -> None:
        """It has taken no byte for the write timeout: a close frame could not pass either."""
        self._host.count("disconnect", "write_timeout", self.entered)
        _log.warning("%s is cut: write_timeout", self._title)
        self.abort("write timeout")

    def unsent(self) -> int:
        """How many bytes the transport holds."""
        return self._transport.get_write_buffer_size()

    # Coming in

    @property
    def _grace(self) -> float:
        return self._host.settings.timeouts.close / 1_000_000

    @property
    def _title(self) -> str:
        named = f" ({self.name})" if self.name else ""
        return f"client {self._session.client_id[:8]}{named}"

    def _show(self, sighting: Sighting) -> None:
        if self.entered is not None:
            self._room.saw(self, sighting)

    def _ping(self, payload: bytes) -> None:
        if not self._closing:
            self._subscriber.send(self._subscriber.encoder.control(wire.ping_frame(payload)))
            self._show(PingSent(payload))

    def _refuse(self, why: str) -> None:
        """No room for this client: it is told so in a message of the API, and closed (contract, "1000 connections")."""
        self._host.count("disconnect", "connection_refused", self.entered)
        now, code = self._host.moment(self._room).stage, ErrorCode.CONNECTION_REFUSED
        error = ErrorMessage.of(code, why, now, client_id=self._session.client_id)
        self._reply(Reply(encode_server_message(error), code, why=why))
        self.close(CloseCode.TRY_AGAIN_LATER, "connection refused")

    # What comes

    def data_received(self, data: bytes) -> None:
        """Bytes of frames have come."""
        protocol = self._protocol
        only_pongs = self._host.settings.quirks.only_pongs_renew
        if not only_pongs:
            self._vigil.heard()
        came = self._host.clock()  # a message comes when its bytes do, not when we get round to it
        self._subscriber.hold()
        closed, open_before = protocol.close_rcvd, protocol.state is OPEN
        protocol.receive_data(data)
        answers = protocol.data_to_send()
        for frame in protocol.events_received():
            if self._closing:
                break
            assert isinstance(frame, Frame), "a parser that begins with frames gives nothing else"
            if frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._read_data_frame(frame, came)
            elif frame.opcode is Opcode.PING:
                self._answer_ping(answers[:1])  # each in its place among the answers to messages
                del answers[:1]
            elif frame.opcode is Opcode.PONG:
                self._show(PongCame(bytes(frame.data)))
                self._vigil.pong(bytes(frame.data), renews=only_pongs)
        if closed is None and protocol.close_rcvd is not None:
            received = protocol.close_rcvd.code
            self._show(CloseCame(None if received == CloseCode.NO_STATUS_RCVD else received))
        if open_before and protocol.parser_exc is not None and protocol.close_sent is not None:
            self._violated(protocol.close_sent.code, protocol.close_sent.reason)
        self._send_control(answers)
        self._subscriber.release()

    def eof_received(self) -> None:
        """The client will send no more; the loop closes the transport once its buffer is written."""
        self._show(StreamEnded())
        self._protocol.receive_eof()
        self._begin_closing(self._grace)
        self._subscriber.drop()

    def _read_data_frame(self, frame: Frame, came: float) -> None:
        try:
            message = self._assembler.take(frame)
        except UnicodeDecodeError as error:
            self._violated(CloseCode.INVALID_DATA, error.reason)
            self._fail(CloseCode.INVALID_DATA, f"{error.reason} at position {error.start}")
            return
        if message is not None:
            self._host.count("message", "received", self.entered)
            self._room.hear(self, message)
            actions = self._session.receive(message, self._host.moment(self._room, came))
            self._room.note(self, "sends", type=self._session.heard, said=_said(message, actions))
            self._perform(actions)

    def _answer_ping(self, pong: Sequence[bytes]) -> None:
        self._send_control(pong)

    def _perform(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Reply():
                    self._reply(action)
                case ChangeTopics():
                    _log.debug("%s gets %s", self._title, topics_text(action.topics))
                    change_topics(self._room, self, self._subscriber, action.topics)
                case Close():
                    self._host.count("disconnect", "auth_failed", self.entered)
                    self.close(action.code, action.reason)
                case WakeUp():
                    if self._wake_up is not None:
                        self._wake_up.cancel()
                    after = action.after
                    self._wake_up = None if after is None else self._host.deadlines.after(after, self._wake)
                case _:
                    assert_never(action)

    def _wake(self) -> None:
        self._perform(self._session.wake(self._host.moment(self._room)))

    def _reply(self, reply: Reply) -> None:
        if reply.error is not None:
            self._host.count("error", reply.error, self.entered)
            _log.warning("%s is answered %s%s", self._title, reply.error, reply.why and f": {reply.why}")
            self._show(ErrorSent(reply.error, reply.why, reply.retry_after))
        opcode = wire.Opcode.BINARY if reply.binary else wire.Opcode.TEXT
        self._subscriber.reply(reply.payload, opcode, "pong" if reply.error is None else "error")

    def _violated(self, code: int, why: str) -> None:
        limit = self._host.settings.message_size if code == CloseCode.MESSAGE_TOO_BIG else None
        self._show(Violated(code, why, limit))

    def _fail(self, code: int, reason: str) -> None:
        protocol = self._protocol
        if protocol.state is OPEN:
            protocol.fail(code, reason)
            self._send_control(protocol.data_to_send())
        elif not self._closing:
            # A close frame came behind what is wrong, and the library has answered it: this answer goes instead.
            protocol.data_to_send()
            self._begin_closing(self._grace)
            self._subscriber.send(self._subscriber.encoder.control(wire.close_frame(code, reason)))
            self._show(CloseSent(code, reason, answer=True))
            self._when_drained(self._end)

    def _too_slow(self) -> None:
        """The backlog is past its bound: drop it, and say why behind what the socket has."""
        if self._closing:
            return
        if self._host.settings.quirks.queue is not None:
            self._closed_queue()
            return
        self._host.count("disconnect", "slow_consumer", self.entered)
        self._room.hub.leave(self._subscriber, keep=False)
        self._subscriber.drop()
        self.close(CloseCode.TRY_AGAIN_LATER, "slow consumer")

    def _closed_queue(self) -> None:
        """As the shipped server has it (B11): what is queued still comes, and then a close frame without a code."""
        self._host.would_crash(self.entered)
        protocol = self._protocol
        if protocol.state is OPEN:
            protocol.send_close()
            self._send_control(protocol.data_to_send())

    def _send_control(self, frames: Sequence[bytes], grace: float | None = None) -> None:
        """Send what the protocol has to say: pongs, a close frame, and nothing for the end of the stream."""
        protocol = self._protocol
        grace = self._grace if grace is None else grace
        control = self._subscriber.encoder.control
        for frame in frames:
            if not frame:
                self._begin_closing(grace)
                self._when_drained(self._end)
            elif self._closing:
                continue  # RFC 6455, section 5.5.1: nothing behind a close frame, no pong either
            elif frame[0] == _CLOSE:
                self._begin_closing(grace)
                self._subscriber.send(control(farewell(frame, protocol, self._host.settings.quirks)))
                sent = protocol.close_sent
                if sent is not None:
                    self._show(CloseSent(sent.code, sent.reason, bool(protocol.close_rcvd_then_sent)))
            else:
                self._subscriber.send(control(frame))

    def _begin_closing(self, grace: float) -> None:
        if not self._closing:
            self._closing = True
            self._vigil.end()  # from here on the grace time alone bounds what it may take
            self._room.hub.leave(self._subscriber)
            self._deadline = self._host.deadlines.after(grace, self._no_end)

    def _no_end(self) -> None:
        self.abort("the grace time is over")

    def _when_drained(self, act: Callable[[], None]) -> None:
        if self._subscriber.idle:
            act()
        else:
            # Not from within the transport's own call that says so: asyncio's could then end twice.
            self._subscriber.drained = partial(self._host.soon, act)

    def _end(self) -> None:
        """Everything is written: end the TCP connection as section 7.1.1 has it, the server first."""
        protocol = self._protocol
        if self._transport.is_closing():
            return
        if protocol.close_rcvd is not None or not self._transport.can_write_eof():
            self._transport.close()
        else:
            # The client may still be sending. To close now would answer with a reset, which could overtake our
            # close frame; so it hears the end of the stream, and the grace time bounds what we go on reading.
            try:
                self._transport.write_eof()
            except OSError:  # asyncio's does not catch it where the client has reset the connection just now
                self._show(StreamEnded())
                self._transport.abort()


def _said(message: str | bytes, actions: Sequence[Action]) -> Said:
    """What a client has sent, with the error that it is answered."""
    for action in actions:
        if isinstance(action, Reply) and action.error is not None:
            return Said(message, action.error, action.why)
    return Said(message)
