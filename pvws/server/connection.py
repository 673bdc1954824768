"""One connection while it speaks HTTP: the owner of its transport, from the first byte to an upgrade or the end."""

import asyncio
import logging
from functools import partial
from typing import cast

from pvws.limits import HTTP_HEAD_BYTES_MAX
from pvws.scenario.faults.refusal import Refusal
from pvws.server.afflicted import AfflictedWebSocket
from pvws.server.deadlines import Deadline
from pvws.server.handshake import Accepted
from pvws.server.host import Host
from pvws.server.http import HttpReader, Request, Response
from pvws.server.reception import consider, is_knock
from pvws.server.room import Caller, Hold, Room

__all__ = ["Connection"]

_log = logging.getLogger("pvws.server")


class Connection(asyncio.Protocol):
    """What the event loop calls for one client until it asks for a WebSocket, if ever: requests come, answers go.

    An upgrade hands the transport to a WebSocket, which is its only owner from then on; this one is done then. Before
    that the room has a word: it may have a handshake refused, or answered later or never.
    """

    __slots__ = (
        "_deadline",
        "_early",
        "_hold",
        "_host",
        "_http",
        "_paused",
        "_transport",
        "address",
        "counted",
        "entered",
    )

    _transport: asyncio.Transport

    def __init__(self, host: Host) -> None:
        self._host = host
        self._http = HttpReader()
        self._paused = False
        self._hold: Hold | None = None
        self._early = 0  # bytes that came while a handshake is held
        self.address = ""
        """Where the client is, without its port."""
        self.counted = False
        """Whether it counts towards the limit of connections: not yet."""
        self.entered: Room | None = None
        """The room whose answer to a handshake it waits for."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected: the read timeout runs."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it
        # The backlog is to be what we hold, so we want to hear as soon as the kernel takes no more.
        # TLS compares with "at least" where TCP has "more than": with 0 it would count as full when it is empty.
        self._transport.set_write_buffer_limits(high=0 if transport.get_extra_info("sslcontext") is None else 1)
        if self._paused:  # by what is left of TLS's own handshake, which leaves as we read on
            self._paused = False
            self._transport.resume_reading()
        self.address = str((transport.get_extra_info("peername") or ("unknown",))[0])
        self._deadline = self._await_request()
        self._host.connected(self)

    def connection_lost(self, exception: Exception | None) -> None:
        """The transport is gone."""
        self._deadline.cancel()
        if self._hold is not None:
            hold, self._hold = self._hold, None
            hold.dropped(hold)
        self._host.disconnected(self)

    def pause_writing(self) -> None:
        """The kernel takes no more: who does not read our answers may not ask more questions."""
        self._paused = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The kernel has taken everything."""
        self._paused = False
        self._transport.resume_reading()
        # Not from within the transport's own call: should it be closed there, asyncio's would end twice.
        self._host.soon(self._read_on)

    def data_received(self, data: bytes) -> None:
        """Bytes of requests have come."""
        self._http.feed(data)
        if self._hold is None:
            self._read_requests()
            return
        self._early += len(data)
        if self._early > HTTP_HEAD_BYTES_MAX:  # what a client says before it is answered is not taken for ever
            self._transport.pause_reading()

    @property
    def is_websocket(self) -> bool:
        """Whether the handshake is done: no."""
        return False

    @property
    def dropped(self) -> int:
        """Messages that it was never sent because it was too slow: none."""
        return 0

    def close(self, code: int, reason: str = "", grace: float | None = None) -> None:
        """End it behind what was written; cut when that takes longer than the grace time. HTTP has no words for it."""
        self._deadline.cancel()
        self._deadline = self._host.deadlines.after(self._grace, self.abort)
        self._transport.close()

    def dismiss(self, code: int, reason: str = "") -> None:
        """End it, since the whole server goes."""
        self.close(code, reason)

    def abort(self) -> None:
        """Cut at once."""
        self._transport.abort()

    @property
    def _grace(self) -> float:
        return self._host.settings.timeouts.close / 1_000_000

    def _await_request(self) -> Deadline:
        timeout = self._grace if self._host.stopping else self._host.settings.timeouts.read / 1_000_000
        return self._host.deadlines.after(timeout, self._no_request)

    def _no_request(self) -> None:
        self._host.count("disconnect", "read_timeout")
        _log.info("%s is cut: no request within the read timeout", self.address)
        self.abort()

    def _read_on(self) -> None:
        if not self._transport.is_closing() and self._transport.get_protocol() is self:
            self._read_requests()

    def _read_requests(self) -> None:
        http = self._http
        # Who does not read our answers gets none to further questions.
        while not self._paused and self._hold is None and (request := http.next()) is not None:
            answer = request if isinstance(request, Response) else consider(request, self._host)
            if isinstance(answer, Response):
                if isinstance(request, Request) and is_knock(request):
                    self._host.turned_away(request, self.address, answer)
                self._answer(answer)
            elif self._host.settings.quirks.early_frames_vanish and http.rest():
                self.abort()
                return
            else:
                assert isinstance(request, Request), "what is no request is answered"
                self._come_in(request, answer)
            if http.must_close or self._transport.get_protocol() is not self:
                return
        if http.waits_to_go_on:
            self._transport.write(http.go_on())

    def _answer(self, answer: Response) -> None:
        self._deadline.cancel()
        self._deadline = self._await_request()
        self._transport.write(self._http.answer(answer, self._host.date()))
        _log.debug("%s was answered %s", self.address, answer.status)
        if self._http.must_close:
            self.close(0)

    # Handshakes

    def _come_in(self, request: Request, accepted: Accepted) -> None:
        """The head of a handshake is read, and it is right: ask the room what becomes of it."""
        self._deadline.cancel()
        self.entered = room = self._host.rooms.enter(accepted.world)
        caller = Caller(self.address, accepted.name)
        answer = None if room is None else room.attempt(caller)
        if isinstance(answer, Hold):
            self._hold = answer
            answer.go_on = partial(self._go_on, request, accepted, caller)
        else:
            self._conclude(request, accepted, caller, answer)

    def _go_on(self, request: Request, accepted: Accepted, caller: Caller, refusal: Refusal | None) -> None:
        """A handshake was held, and is so no more."""
        self._hold = None
        if self._transport.is_closing():
            return
        if self._early > HTTP_HEAD_BYTES_MAX:
            self._transport.resume_reading()
        self._early = 0
        self._conclude(request, accepted, caller, refusal)
        self._host.soon(self._read_on)

    def _conclude(self, request: Request, accepted: Accepted, caller: Caller, refusal: Refusal | None) -> None:
        """Refuse a handshake, or hand the transport over."""
        host, room, self.entered = self._host, self.entered, None
        if refusal is not None:
            assert room is not None, "whoever refuses is there"
            room.refused(caller, refusal)
            host.rooms.leave(room)
            answer = Response(refusal.status, refusal.text.encode(), headers=list(refusal.headers))
            self._answer(host.with_origin(request, answer))
            _log.info("handshake %s from %s was refused by a fault: %s", caller.number, self.address, refusal.status)
            return
        websocket = AfflictedWebSocket(host, self._transport, accepted, room, caller)
        self._transport.set_protocol(websocket)
        host.upgraded(self, websocket)
        websocket.begin(accepted.response, accepted.token, self._http.rest())
