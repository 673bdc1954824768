"""The same requests over plain sockets, for code without an event loop."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, TypeVar

import h11

from pvws.client.control.address import Place
from pvws.client.control.answering import unreached
from pvws.client.control.exchange import PIECE_BYTES, Answer, Exchange, Request, TooLargeError
from pvws.client.control.transport import IDLE_S_MAX
from pvws.errors import PvwsError

__all__ = ["SyncRenewal", "SyncTransport"]

_T = TypeVar("_T")

_TROUBLES = (OSError, EOFError, ValueError, h11.ProtocolError, TooLargeError)


class _Connection:
    def __init__(self, exchange: Exchange, sock: socket.socket) -> None:
        self.exchange = exchange
        self.idle_since = 0.0
        self._socket = sock

    def drive(self, steps: Generator[bytes | None, bytes, _T], ends_at: float | None) -> _T:
        try:
            wanted = next(steps)
            while True:
                self._socket.settimeout(None if ends_at is None else max(0.001, ends_at - time.monotonic()))
                came = b""
                if wanted is None:
                    came = self._socket.recv(PIECE_BYTES)
                else:
                    with suppress(ConnectionError):  # whoever refuses a body may answer before it has read it
                        self._socket.sendall(wanted)
                wanted = steps.send(came)
        except StopIteration as done:
            value: _T = done.value
            return value

    def usable(self, now: float) -> bool:
        if now - self.idle_since >= IDLE_S_MAX or not self.exchange.reusable:
            return False
        self._socket.settimeout(0)
        try:
            self._socket.recv(1)  # what comes unasked is the end
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            pass
        return False

    def interrupt(self) -> None:
        """Have whoever reads it in another thread see its end."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._socket.close()


class SyncTransport:
    """Asks one control plane, from any number of threads; each request has a connection to itself."""

    def __init__(self, place: Place, token: str | None, timeout_s: float, tls: ssl.SSLContext | None) -> None:
        self.place = place
        self._token = token
        self._timeout_s = timeout_s
        self._tls = tls
        self._idle: list[_Connection] = []
        self._streaming: set[_Connection] = set()

    def ask(self, request: Request) -> Answer:
        """The answer to a request. Raises ReachError."""
        timeout_s = self._timeout_s + request.waits_s
        ends_at = time.monotonic() + timeout_s
        try:
            if (kept := self._kept()) is not None:
                try:
                    return self._asked(kept, request, ends_at)
                except (EOFError, ConnectionError):  # it was closed while nobody looked
                    if not request.repeatable:
                        raise
            return self._asked(self._connected(), request, ends_at)
        except _TROUBLES as error:
            raise unreached(error, self.place, timeout_s) from None

    def _asked(self, connection: _Connection, request: Request, ends_at: float) -> Answer:
        try:
            answer = connection.drive(connection.exchange.ask(request), ends_at)
        except BaseException:
            connection.close()
            raise
        if connection.exchange.reusable:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def stream(self, request: Request, opened: Callable[[Answer], object]) -> Generator[bytes, None, None]:
        """The pieces of an answer that does not end by itself; `opened` gets its head first. Raises ReachError."""
        connection = None
        try:
            connection = self._connected()
            self._streaming.add(connection)
            opened(connection.drive(connection.exchange.ask(request), time.monotonic() + self._timeout_s))
            while (piece := connection.drive(connection.exchange.more(), None)) is not None:
                yield piece
        except _TROUBLES as error:
            raise unreached(error, self.place, self._timeout_s) from None
        finally:
            if connection is not None:
                self._streaming.discard(connection)
                connection.close()

    def close(self) -> None:
        """Close every connection; it may be used again."""
        while self._idle:
            self._idle.pop().close()
        for connection in tuple(self._streaming):
            connection.interrupt()

    def _kept(self) -> _Connection | None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if connection.usable(time.monotonic()):
                return connection
            connection.close()

    def _connected(self) -> _Connection:
        place = self.place
        sock = socket.create_connection((place.host, place.port), self._timeout_s)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if place.encrypted:
                context = ssl.create_default_context() if self._tls is None else self._tls
                sock = context.wrap_socket(sock, server_hostname=place.host)
        except BaseException:
            sock.close()
            raise
        return _Connection(Exchange(place.authority, place.base, self._token), sock)


class SyncRenewal:
    """Does something again and again, until it is stopped, in a thread of its own; what fails is tried again."""

    def __init__(self, renew: Callable[[], Any], period_s: float) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go, args=(renew, period_s), name="pvws-lease", daemon=True)
        self._thread.start()

    def _go(self, renew: Callable[[], Any], period_s: float) -> None:
        while not self._over.wait(period_s):
            with suppress(PvwsError):
                renew()

    def stop(self) -> None:
        """Do it no more."""
        self._over.set()
        self._thread.join()
