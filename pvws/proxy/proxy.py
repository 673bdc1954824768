"""The proxy: listens on an address, and links every client with the server of a route."""

import asyncio
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from pvws.proxy.conversation import Conversation, Witness
from pvws.proxy.exchange import Answer
from pvws.proxy.link import Link
from pvws.proxy.route import Route
from pvws.server.door import Door

__all__ = ["Faults", "Proxy"]

_CLOSE_GRACE_S = 2.0  # for close frames to be answered when the proxy goes; a person waits for it


class Faults(Protocol):
    """What is done to clients on the way, and makes the links on which that can be done."""

    def begin(self, house: "Proxy") -> None:
        """The proxy listens."""
        ...

    def end(self) -> None:
        """It goes."""
        ...

    def link(
        self,
        route: Route,
        tls: ssl.SSLContext | None,
        conversation: Conversation,
        unreached: Callable[[str], None],
        gone: Callable[[Link], None],
    ) -> Link:
        """A link for one more client."""
        ...


class Proxy:
    """Serves for as long as it is entered; then both sides are told goodbye (1001).

    `open` makes the witness of each handshake, and is told where the client is; `unreached` is told why a server can't
    be reached. With `faults` clients get what these do to them; without any, bytes pass as they come. `tls` is the
    context for a server of wss://. Entering raises ReachError when the address can't be had.
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
        faults: Faults | None = None,
    ) -> None:
        self._route = route
        self._host = host
        self._asked_port = port
        self._open = open
        self._tls = tls if tls is not None or not route.encrypted else ssl.create_default_context()
        self._unreached = unreached
        self._faults = faults
        self._door = Door(self._accept)
        self._refusals = 0
        self._links: set[Link] = set()
        self._all_gone = asyncio.Event()
        self.connections = 0
        """How many connections there were."""

    @property
    def port(self) -> int:
        """The port it listens on, once it is entered."""
        return self._door.port

    @property
    def url(self) -> str:
        """Where clients connect."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"ws://{host}:{self.port}/ws"

    def __len__(self) -> int:
        return len(self._links)

    async def __aenter__(self) -> "Proxy":
        await self._door.open(self._host, self._asked_port)
        if self._faults is not None:
            self._faults.begin(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._faults is not None:
            self._faults.end()
        try:
            await self._door.settled()
            self._door.close()
            for link in tuple(self._links):
                link.close(1001, "the proxy is shutting down", _CLOSE_GRACE_S)
            while self._links:
                self._all_gone.clear()
                await self._all_gone.wait()
        finally:
            self._door.close()
            for link in tuple(self._links):
                link.abort()

    # What a fault of the whole proxy does (`House`)

    def refuse(self) -> None:
        """Have the kernel refuse connections, until as many calls of `accept` have followed."""
        self._refusals += 1
        self._door.shut()

    def accept(self) -> None:
        """Take connections again, on the same port."""
        self._refusals -= 1
        if not self._refusals:
            self._door.reopen()

    def dismiss(self, code: int | None, reason: str = "") -> int:
        """End every client's connection, with a close frame or without a word; how many there were."""
        leaving = tuple(self._links)
        for link in leaving:
            link.dismiss(code, reason)
        return len(leaving)

    def _accept(self) -> asyncio.Protocol:
        self.connections += 1
        conversation = Conversation(self._route, lambda answer: self._open(answer, link.address))
        make: type[Link] | Callable[..., Link] = Link if self._faults is None else self._faults.link
        link = make(self._route, self._tls, conversation, self._unreached, self._forget)
        self._links.add(link)
        return link.client

    def _forget(self, link: Link) -> None:
        self._links.discard(link)
        if not self._links:
            self._all_gone.set()
