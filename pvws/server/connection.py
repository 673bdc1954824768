"""One connection while it speaks HTTP: the owner of its transport, from the first byte to an upgrade or the end."""

import asyncio
import logging
from typing import cast

from pvws.server.deadlines import Deadline
from pvws.server.handshake import Accepted
from pvws.server.host import Host
from pvws.server.http import HttpReader, Response
from pvws.server.reception import consider
from pvws.server.room import Room
from pvws.server.websocket import WebSocket

__all__ = ["Connection"]

_log = logging.getLogger("pvws.server")


class Connection(asyncio.Protocol):
    """What the event loop calls for one client until it asks for a WebSocket, if ever: requests come, answers go.

    An upgrade hands the transport to a `WebSocket`, which is its only owner from then on; this one is done then.
    """

    __slots__ = ("_deadline", "_host", "_http", "_paused", "_transport", "address", "counted", "entered")

    _transport: asyncio.Transport

    def __init__(self, host: Host) -> None:
        self._host = host
        self._http = HttpReader()
        self._paused = False
        self.address = ""
        """Where the client is, without its port."""
        self.counted = False
        """Whether it counts towards the limit of connections: not yet."""
        self.entered: Room | None = None
        """The room it is in: none yet."""

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
        self._read_requests()

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
        while not self._paused and (request := http.next()) is not None:
            answer = request if isinstance(request, Response) else consider(request, self._host)
            if isinstance(answer, Accepted):
                if self._host.settings.quirks.early_frames_vanish and http.rest():
                    self.abort()
                else:
                    self._upgrade(answer)
                return
            self._deadline.cancel()
            self._deadline = self._await_request()
            self._transport.write(http.answer(answer, self._host.date()))
            _log.debug("%s was answered %s", self.address, answer.status)
            if http.must_close:
                self.close(0)
                return
        if http.waits_to_go_on:
            self._transport.write(http.go_on())

    def _upgrade(self, accepted: Accepted) -> None:
        """Hand the transport over."""
        self._deadline.cancel()
        websocket = WebSocket(self._host, self._transport, accepted, self.address)
        self._transport.set_protocol(websocket)
        self._host.upgraded(self, websocket)
        websocket.begin(accepted, self._http.rest())
