"""A WebSocket that faults can act upon: what networks and servers do to a connection in real life, on demand."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from websockets.exceptions import ProtocolError
from websockets.frames import Close

from pvws.server.handshake import Accepted
from pvws.server.host import Host
from pvws.server.room import Caller, Room
from pvws.server.sightings import CloseSent, CutOff, Hindered
from pvws.server.sockets import reset
from pvws.server.websocket import WebSocket
from pvws.session.session import Action, Reply
from pvws.wire import frames as wire
from pvws.wire.messages import ErrorCode

__all__ = ["AfflictedWebSocket", "Undo"]

Undo = Callable[[], None]
"""Ends what was begun; a second call does nothing."""


class AfflictedWebSocket(WebSocket):
    """A WebSocket with faults of its own. As long as there are none it is just a WebSocket.

    Faults of one kind add up: a connection that was stalled twice goes on when both stalls are undone.
    """

    __slots__ = ("_grace_left", "_half_closed", "_kernel_full", "_mutes", "_penalties", "_stalls")

    def __init__(
        self, host: Host, transport: asyncio.Transport, accepted: Accepted, room: Room | None, caller: Caller
    ) -> None:
        super().__init__(host, transport, accepted, room, caller)
        self._stalls = self._mutes = 0
        self._kernel_full = False
        self._half_closed = False
        self._grace_left: float | None = None
        self._penalties: list[Callable[[], object]] = []  # whom each tells

    def stall(self) -> Undo:
        """Neither read nor write from now on, without an end of the stream; what waits meanwhile comes when it is over.

        What the kernel or the transport has got already still leaves. Neither the pong wait nor the write timeout is
        judged; the backlog's bound is, but what it decides is only told afterwards.
        """
        self._stalls += 1
        if self._stalls == 1:
            self._transport.pause_reading()
            self._vigil.hold(wish=True)
            self._subscriber.pause()
            self._show(Hindered("stall", begins=True))
        return _once(self._unstall)

    def mute(self) -> Undo:
        """Leave control pings unanswered."""
        self._mutes += 1
        if self._mutes == 1:
            self._show(Hindered("no_pong", begins=True))
        return _once(self._unmute)

    def part(self, code: int | None, reason: str = "") -> None:
        """Close with any code, also one that may not be on the wire (RFC 6455, section 7.4.1), or with none.

        What may not is sent as it stands: a deliberately wrong frame.
        """
        if self._half_closed or (code is not None and _is_legal(code, reason)):
            self.close(1001 if code is None else code, reason)
        elif not self._closing:
            frame = self._subscriber.encoder.control(wire.close_frame(code, reason))
            self._begin_closing(self._grace)
            self._subscriber.send(frame)
            self._show(CloseSent(code, reason))
            self._when_drained(self._end)

    def dismiss(self, code: int, reason: str = "") -> None:
        """Close as `part` does, since the whole server goes, which holds nobody in a stall."""
        self.part(code, reason)
        self._unstall_all()

    def reset(self) -> None:
        """End with a TCP reset; what was not sent yet is lost."""
        self._show(CutOff("reset"))
        reset(self._transport)

    def half_close(self) -> None:
        """Send the end of the stream behind what was queued, without a close frame, and go on reading.

        What is heard has no effect that could be seen. With TLS, which knows no half-closed connection, both ends end.
        """
        if not self._closing and not self._half_closed:
            self._half_closed = True
            self._show(CutOff("half_close"))
            self._room.hub.leave(self._subscriber)
            self._when_drained(self._shut_out)

    def revoke(self) -> None:
        """Take away what the client may do, as if its token had expired: AUTH_FAILED, then close 1008."""
        self._perform(self._session.revoke(self._host.moment(self._room)))

    def penalise(self, seconds: float, told: Callable[[], object]) -> Undo:
        """Discard its messages for so many seconds of real time, as if it had exceeded the rate limit.

        `told` is called with each error that it gets for that.
        """
        self._session.penalise(self._host.moment(self._room), seconds)
        self._penalties.append(told)
        return _once(partial(self._pardon, told))

    # What is otherwise than usual meanwhile

    def connection_lost(self, exception: Exception | None) -> None:
        """The transport is gone."""
        super().connection_lost(exception)
        self._penalties.clear()  # which know whom they tell of

    def pause_writing(self) -> None:
        """The kernel takes no more."""
        self._kernel_full = True
        super().pause_writing()

    def resume_writing(self) -> None:
        """The kernel has taken everything."""
        self._kernel_full = False
        if not self._stalls:
            super().resume_writing()

    def close(self, code: int, reason: str = "", grace: float | None = None) -> None:
        """Say goodbye behind all that was queued; a server that goes holds nobody in a stall."""
        if self._half_closed:
            self._transport.close()
            return
        super().close(code, reason, grace)
        if self._host.stopping:
            self._unstall_all()

    def _unstall_all(self) -> None:
        if self._stalls:
            self._stalls = 1
            self._unstall()

    def _unstall(self) -> None:
        if not self._stalls:  # it was ended by the end of the server
            return
        self._stalls -= 1
        if self._stalls:
            return
        if self._grace_left is not None:
            self._deadline = self._host.deadlines.after(self._grace_left, self._no_end)
            self._grace_left = None
        self._vigil.hold(wish=False)
        self._show(Hindered("stall", begins=False))
        self._transport.resume_reading()
        if not self._kernel_full:
            super().resume_writing()

    def _unmute(self) -> None:
        self._mutes -= 1
        if not self._mutes:
            self._show(Hindered("no_pong", begins=False))

    def _pardon(self, told: Callable[[], object]) -> None:
        if told in self._penalties:  # else it has gone
            self._penalties.remove(told)
        if not self._penalties:
            self._session.pardon()

    def _begin_closing(self, grace: float) -> None:
        super()._begin_closing(grace)
        if self._stalls and self._deadline is not None and self._grace_left is None:
            # Nothing can be said to the client, and it hears no end: the grace time begins when the stall is over.
            self._deadline.cancel()
            self._grace_left = grace

    def _answer_ping(self, pong: Sequence[bytes]) -> None:
        if not self._mutes:
            super()._answer_ping(pong)

    def _reply(self, reply: Reply) -> None:
        if reply.error is ErrorCode.RATE_LIMIT_EXCEEDED and self._penalties:
            self._penalties[-1]()
        super()._reply(reply)

    def _perform(self, actions: Sequence[Action]) -> None:
        if not self._half_closed:
            super()._perform(actions)

    def _send_control(self, frames: Sequence[bytes], grace: float | None = None) -> None:
        if self._half_closed:
            frames = [frame for frame in frames if not frame]
        super()._send_control(frames, grace)

    def _shut_out(self) -> None:
        """All that was queued is written: say that no more will come."""
        self._subscriber.write = _nowhere
        if self._transport.is_closing():
            return
        if not self._transport.can_write_eof():
            self._transport.close()
            return
        try:
            self._transport.write_eof()
        except OSError:  # asyncio's does not catch it where the client has reset the connection just now
            self.abort()


def _is_legal(code: int, reason: str) -> bool:
    try:
        Close(code, reason).check()
    except ProtocolError:
        return False
    return True


def _nowhere(data: bytes) -> None:
    """Nothing goes out any more."""


def _once(act: Callable[[], None]) -> Undo:
    """The same, but a second call does nothing."""
    left = [act]
    return lambda: left.pop()() if left else None
