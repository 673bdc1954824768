"""The proxy: listens on an address, and links every client with the server of a route."""

import asyncio
import ssl
from collections.abc import Callable
from types import TracebackType

from pvws.proxy.conversation import Conversation, Witness
from pvws.proxy.exchange import Answer
from pvws.proxy.link import Link
from pvws.proxy.route import Route
from pvws.server.sockets import bound_sockets, unreachable

__all__ = ["Proxy"]

_CLOSE_GRACE_S = 2.0  # for close frames to be answered when the proxy goes; a person waits for it


class Proxy:
    """Serves for as long as it is entered; then both sides are told goodbye (1001).

    `open` makes the witness of each handshake, and is told where the client is; `unreached` is told why a server can't
    be reached. `tls` is the context for a server of wss://. Entering raises ReachError when the address can't be had.
    """

    def __init__(
        self,
        route: Route,
        host: str,
        port: int,
        open: Callable[[Answer, str], Witness],  # noqa: A002 - the event's name
        *,
        tls: ssl.SSLContext | None = None,
        unreached: Callable[[str], None] = lambda why: None,
    ) -> None:
        self._route = route
        self._host = host
        self._asked_port = port
        self._open = open
        self._tls = tls if tls is not None or not route.encrypted else ssl.create_default_context()
        self._unreached = unreached
        self._servers: list[asyncio.Server] = []
        self._links: set[Link] = set()
        self._all_gone = asyncio.Event()
        self.port = 0
        """The port it listens on, once it is entered."""
        self.connections = 0
        """How many connections there were."""

    @property
    def url(self) -> str:
        """Where clients connect."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"ws://{host}:{self.port}/ws"

    def __len__(self) -> int:
        return len(self._links)

    async def __aenter__(self) -> "Proxy":
        loop = asyncio.get_running_loop()
        sockets = await bound_sockets(self._host, self._asked_port)
        self.port = sockets[0].getsockname()[1]
        try:
            for each in sockets:
                self._servers.append(await loop.create_server(self._accept, sock=each))
        except OSError as error:  # between binding and listening somebody else can have come
            for each in sockets:
                each.close()
            raise unreachable(self._host, self.port, error) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.close()
        try:
            for link in tuple(self._links):
                link.close(1001, "the proxy is shutting down", _CLOSE_GRACE_S)
            while self._links:
                self._all_gone.clear()
                await self._all_gone.wait()
        finally:
            for link in tuple(self._links):
                link.abort()

    def _accept(self) -> asyncio.Protocol:
        self.connections += 1
        conversation = Conversation(self._route, lambda answer: self._open(answer, link.address))
        link = Link(self._route, self._tls, conversation, self._unreached, self._forget)
        self._links.add(link)
        return link.client

    def _forget(self, link: Link) -> None:
        self._links.discard(link)
        if not self._links:
            self._all_gone.set()
