"""The door of a server: sockets on every address of a host and one port, which can be shut and opened again."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable

from pvws.limits import ACCEPT_BACKLOG
from pvws.server.sockets import bound_sockets, bound_to, unreachable

__all__ = ["Door"]

_log = logging.getLogger("pvws.server")


class Door:
    """Whoever comes in gets a protocol from `welcome`; with `tls` after a handshake of at most `tls_timeout` seconds.

    Order of calls: `open`; then `shut` and `reopen` in turns, if at all; `close` last. While it is shut the kernel
    refuses connections, and the port stays ours: it is bound, but nobody listens. Connections that came in before know
    nothing of it.
    """

    def __init__(
        self,
        welcome: Callable[[], asyncio.BaseProtocol],
        *,
        tls: ssl.SSLContext | None = None,
        tls_timeout: float | None = None,
    ) -> None:
        self._welcome = welcome
        self._tls = tls
        self._tls_timeout = None if tls is None else tls_timeout
        self._addresses: list[tuple[int, tuple[object, ...]]] = []
        self._servers: list[asyncio.Server] = []
        self._bound: list[socket.socket] = []  # while it is shut
        self._opening: asyncio.Task[None] | None = None
        self._wanted_open = True
        self._closed = False
        self.host = ""
        self.port = 0
        """The port, once it is open."""

    @property
    def is_shut(self) -> bool:
        """Whether connections are refused."""
        return not self._wanted_open

    async def open(self, host: str, port: int) -> None:
        """Listen on every address of a host, on one port; port 0 is any that is free on all of them.

        Raises ReachError when that can't be.
        """
        sockets = await bound_sockets(host, port)
        self.host, self.port = host, sockets[0].getsockname()[1]
        self._addresses = [(each.family, each.getsockname()) for each in sockets]
        try:
            await self._listen(sockets)
        except OSError as error:  # between binding and listening somebody else can have come
            self._stop_listening()
            for each in sockets:
                each.close()
            raise unreachable(host, self.port, error) from None

    def shut(self) -> None:
        """Have connections refused from now on; nothing, if they are."""
        self._wanted_open = False
        if self._opening is None:  # else once it is open
            self._stop_listening()
            self._keep_port()

    def reopen(self) -> None:
        """Listen again on the same port; nothing, if it is open. The kernel takes connections at once."""
        if self._wanted_open:
            return
        self._wanted_open = True
        if self._opening is not None:
            return
        sockets, self._bound = self._bound, []
        try:
            sockets = sockets or bound_to(self._addresses)
            for each in sockets:
                each.listen(ACCEPT_BACKLOG)
        except OSError as error:
            self._lost(error, sockets)
        else:
            self._opening = asyncio.get_running_loop().create_task(self._reopen(sockets))

    async def settled(self) -> None:
        """Return when it is as open or shut as was wanted last."""
        if self._opening is not None:
            await asyncio.wait((self._opening,))

    def close(self) -> None:
        """Listen no more, and give the port away; where it is being opened just now, as soon as it is."""
        self._closed = True
        self._stop_listening()
        for each in self._bound:
            each.close()
        self._bound.clear()

    def _stop_listening(self) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()

    def _keep_port(self) -> None:
        if not self._bound:
            try:
                self._bound = bound_to(self._addresses)
            except OSError as error:  # refused they are all the same, as long as nobody else takes the port
                _log.warning("port %s can't be kept while connections are refused: %s", self.port, error)

    def _lost(self, error: OSError, sockets: list[socket.socket]) -> None:
        _log.error("nobody can connect any more: %s", unreachable(self.host, self.port, error))
        self._stop_listening()
        for each in sockets:
            each.close()

    async def _reopen(self, sockets: list[socket.socket]) -> None:
        try:
            await self._listen(sockets)
        except OSError as error:
            self._lost(error, sockets)
        self._opening = None
        if self._closed:
            self._stop_listening()
        elif not self._wanted_open:
            self._stop_listening()
            self._keep_port()

    async def _listen(self, sockets: list[socket.socket]) -> None:
        loop = asyncio.get_running_loop()
        for each in sockets:
            server = await loop.create_server(
                self._welcome,
                sock=each,
                backlog=ACCEPT_BACKLOG,
                ssl=self._tls,
                ssl_handshake_timeout=self._tls_timeout,
            )
            self._servers.append(server)
