"""The listener: sockets on an address, and the connections that came in through them."""

import asyncio
import errno
import os
import socket
import time
from collections.abc import Callable, Sequence
from email.utils import formatdate

from pvws.errors import ReachError
from pvws.limits import ACCEPT_BACKLOG, CLOSE_GRACE_S, HANDSHAKE_TIMEOUT_S, SOCKET_SEND_BUFFER_BYTES
from pvws.server.connection import Connection
from pvws.server.deadlines import Deadlines
from pvws.server.endpoints import WEBSOCKET_PATH, Figures
from pvws.server.hub import Hub
from pvws.timestamp import Timestamp

__all__ = ["Listener"]

_PORT_ATTEMPTS = 16  # a port that is free on one address may be taken on the other


class Listener:
    """Accepts connections and lets them speak with a hub.

    `now` gives stage time, `client_id` the id of one more client. Order of calls: `start`, then `stop`.
    Times are in seconds.
    """

    def __init__(
        self,
        hub: Hub,
        now: Callable[[], Timestamp],
        client_id: Callable[[], str],
        *,
        handshake_timeout: float = HANDSHAKE_TIMEOUT_S,
        close_grace: float = CLOSE_GRACE_S,
    ) -> None:
        self.hub = hub
        self.now = now
        self.client_id = client_id
        self.handshake_timeout = handshake_timeout
        self.close_grace = close_grace
        self.deadlines = Deadlines(asyncio.get_running_loop())
        self.port = 0
        """The port it listens on, once it is started."""
        self._host = ""
        self._servers: list[asyncio.Server] = []
        self._connections: set[Connection] = set()
        self._all_gone = asyncio.Event()
        self._all_gone.set()
        self._started = time.monotonic()
        self._websockets = 0
        self._websockets_ever = 0

    @property
    def url(self) -> str:
        """Where clients connect."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"ws://{host}:{self.port}{WEBSOCKET_PATH}"

    async def start(self, host: str, port: int) -> None:
        """Listen on every address of a host, on one port; port 0 is any that is free on all of them.

        Raises ReachError when that can't be.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (socket.gaierror, UnicodeError, OverflowError) as error:
            raise ReachError(f"{host}:{port}", f"this is no address of this machine ({error})") from None
        addresses = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
        sockets = _bind(host, port, addresses)
        self.port = sockets[0].getsockname()[1]
        self._host = host
        for listening in sockets:
            server = await loop.create_server(lambda: Connection(self), sock=listening, backlog=ACCEPT_BACKLOG)
            self._servers.append(server)

    async def stop(self, code: int = 1001, reason: str = "") -> None:
        """Accept nobody any more, close every connection behind what was queued for it, and return when all are gone.

        A client that does not answer the close frame is cut after the grace time. When the call is cancelled,
        all are cut at once.
        """
        for server in self._servers:
            server.close()
        for connection in tuple(self._connections):
            connection.close(code, reason)
        try:
            await self._all_gone.wait()
        finally:
            for connection in tuple(self._connections):
                connection.abort()
            self.deadlines.close()

    def date(self) -> str:
        """Real time, as HTTP writes it."""
        return formatdate(usegmt=True)

    def figures(self) -> Figures:
        """What the HTTP endpoints tell."""
        return Figures(
            now=Timestamp(time.time_ns() // 1000),
            uptime=int((time.monotonic() - self._started) * 1_000_000),
            active_connections=self._websockets,
            total_connections=self._websockets_ever,
            events_published=sum(self.hub.published.values()),
        )

    def connected(self, connection: Connection) -> None:
        """A transport is there."""
        self._connections.add(connection)
        self._all_gone.clear()

    def opened(self, connection: Connection) -> None:
        """A handshake is done."""
        self._websockets += 1
        self._websockets_ever += 1

    def disconnected(self, connection: Connection) -> None:
        """A transport is gone."""
        self._connections.discard(connection)
        self._websockets -= connection.is_websocket
        if not self._connections:
            self._all_gone.set()


def _bind(host: str, port: int, addresses: Sequence[tuple[int, tuple[object, ...]]]) -> list[socket.socket]:
    """A socket for each address, all on one port. Addresses the machine does not have are passed over."""
    for attempt in range(_PORT_ATTEMPTS):
        sockets: list[socket.socket] = []
        number, trouble = port, None
        for family, address in addresses:
            try:
                sockets.append(_bound(family, (address[0], number, *address[2:])))
            except OSError as error:
                trouble = error
                if error.errno == errno.EADDRNOTAVAIL or error.errno == errno.EAFNOSUPPORT:
                    continue
                break
            number = sockets[-1].getsockname()[1]
        else:
            if sockets:
                return sockets
        for each in sockets:
            each.close()
        assert trouble is not None, "a host has at least one address"
        if port == 0 and trouble.errno == errno.EADDRINUSE and attempt + 1 < _PORT_ATTEMPTS:
            continue
        raise _unreachable(host, port, trouble)
    raise AssertionError("the last attempt returns or raises")


def _bound(family: int, address: tuple[object, ...]) -> socket.socket:
    # With the protocol named, or asyncio would not switch Nagle's algorithm off on what it accepts.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # Accepted sockets inherit it; the kernel is to hold little of a client that does not read.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_SEND_BUFFER_BYTES)
        made.bind(address)
        made.settimeout(0)
    except BaseException:
        made.close()
        raise
    return made


def _unreachable(host: str, port: int, error: OSError) -> ReachError:
    advice = None
    trouble = (error.strerror or str(error)).lower()
    if error.errno == errno.EADDRINUSE:
        trouble = "the port is in use by another program"
        advice = "Choose another one with --port, or --port 0 for any that is free."
    elif error.errno == errno.EACCES:
        trouble = "this user may not listen on that port"
        advice = "Choose one from 1024 on with --port."
    return ReachError(f"{host}:{port}", trouble, advice)
