"""uvicorn's HTTP, with bounds on how long a head and a reader may take, run in an event loop that is not its own."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator, Sequence

import h11
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import Server

from pvws.answers import encoded
from pvws.control.problems import Refusal
from pvws.limits import HTTP_HEAD_BYTES_MAX

__all__ = ["CONNECTIONS_MAX", "HEAD_TIMEOUT_S", "WRITE_TIMEOUT_S", "HttpServer"]

HEAD_TIMEOUT_S = 30.0
"""In which the head of a request must have come: the contract's read timeout."""

WRITE_TIMEOUT_S = 30.0
"""A reader that takes nothing for so long is cut: the contract's write timeout."""

CONNECTIONS_MAX = 512
"""At a time: twice the requests that are answered at a time."""

_KEEP_ALIVE_S = 30
_GRACE_S = 1.0
_BACKLOG = 128


class HttpServer(Server):
    """Serves an ASGI application on sockets that are bound, within the running event loop. No signal is touched.

    Order of calls: `open`, then `close`.
    """

    def __init__(self, application: ASGIApp) -> None:
        _quiet()
        config = Config(
            application,
            http=_Protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,  # every answer of ours has one
            timeout_keep_alive=_KEEP_ALIVE_S,
            h11_max_incomplete_event_size=HTTP_HEAD_BYTES_MAX,
            backlog=_BACKLOG,
        )
        super().__init__(config)

    async def open(self, sockets: Sequence[socket.socket]) -> None:
        """Accept connections, those first that have come already."""
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup(list(sockets))

    async def close(self) -> None:
        """Accept no more, let what goes on end within a second, and cut what does not."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(list(self.server_state.tasks), timeout=_GRACE_S)
        for task in list(self.server_state.tasks):
            task.cancel()
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: signals are handled in one place, and it is not here."""
        yield


class _Protocol(H11Protocol):
    """One connection."""

    _head_due: asyncio.TimerHandle | None = None
    _write_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS_MAX:
            transport.abort()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._cancel(self._head_due, self._write_due)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._cancel(self._head_due)
            self._head_due = None
        elif self._head_due is None:  # the head of the next request has begun
            self._await_head()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._cancel(self._write_due)
        self._write_due = self.loop.call_later(WRITE_TIMEOUT_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._cancel(self._write_due)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP, or has too large a head, is answered as everything is."""
        said = f"{msg.rstrip('.')}, or a head of more than {HTTP_HEAD_BYTES_MAX:,} bytes"
        self._refuse(Refusal("request", said[0].lower() + said[1:]))

    def _await_head(self) -> None:
        self._head_due = self.loop.call_later(HEAD_TIMEOUT_S, self._head_is_late)

    def _head_is_late(self) -> None:
        self._head_due = None
        if not self.transport.is_closing():
            self._refuse(Refusal("slow-request", f"expected the head of a request within {HEAD_TIMEOUT_S:g} s"))

    def _refuse(self, refusal: Refusal) -> None:
        content = encoded(refusal.document)
        head = [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(content))]
        try:
            sent = self.conn.send(h11.Response(status_code=refusal.status, headers=[*head, (b"connection", b"close")]))
            sent = (sent or b"") + (self.conn.send(h11.Data(data=content)) or b"")
            sent += self.conn.send(h11.EndOfMessage()) or b""
        except h11.LocalProtocolError:  # an answer is under way
            sent = b""
        if sent:
            self.transport.write(sent)
        self.transport.close()

    def _cancel(self, *timers: asyncio.TimerHandle | None) -> None:
        for timer in timers:
            if timer is not None:
                timer.cancel()


def _quiet() -> None:
    """What uvicorn logs goes where our own log goes, and only to a person who asked for it."""
    logger = logging.getLogger("uvicorn")
    if not any(isinstance(each, _ToOurs) for each in logger.handlers):
        logger.handlers = [_ToOurs()]
        logger.propagate = False
        logger.setLevel(logging.INFO)


class _ToOurs(logging.Handler):
    """Passes on, as what is known at most to be worth a look."""

    def emit(self, record: logging.LogRecord) -> None:
        logging.getLogger("pvws.control").debug("uvicorn: %s", record.getMessage(), exc_info=record.exc_info)
