"""A server that says what a test has it say, to clients in other processes; in a thread of its own."""

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

TIMEOUT_S = 20.0


class Scripted:
    """Serves on a port of its own. Everything may be called from the test's thread.

    A client is `subscribed` once it has asked for its topics; `said` are all texts that clients sent, in order.
    """

    def __init__(self) -> None:
        self.port = 0
        self.said: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: Server | None = None
        self._clients: set[ServerConnection] = set()
        self._changed = threading.Condition()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"ws://127.0.0.1:{self.port}/ws"

    def start(self) -> None:
        """Listen; on the same port, if it was started before."""
        self._do(self._start())

    async def _start(self) -> None:
        self._server = await serve(self._handle, "127.0.0.1", self.port, compression=None)
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def _handle(self, connection: ServerConnection) -> None:
        self._clients.add(connection)
        with suppress(ConnectionClosed):
            async for text in connection:
                with self._changed:
                    self.said.append(str(text))
                    self._changed.notify_all()
        self._clients.discard(connection)

    def kill(self) -> None:
        """Cut every connection without a word, and listen no more, as if the process had been killed."""
        self._do(self._kill())

    async def _kill(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close(close_connections=False)
        for client in list(self._clients):
            client.transport.abort()
        self._clients.clear()

    def until_said(self, count: int, topic: str) -> None:
        """Wait until this topic was subscribed to so often, in all."""

        def enough() -> bool:
            asked = [json.loads(text) for text in self.said]
            return sum(each["type"] == "subscribe" and each["topic"] == topic for each in asked) >= count

        with self._changed:
            assert self._changed.wait_for(enough, TIMEOUT_S), f"{topic} was not asked for {count} times: {self.said}"

    def until_unsubscribed(self, topic: str) -> None:
        """Wait until a topic is not wanted any more."""

        def gone() -> bool:
            return any(json.loads(text)["type"] == "unsubscribe" and topic in text for text in self.said)

        with self._changed:
            assert self._changed.wait_for(gone, TIMEOUT_S), self.said

    def send(self, *texts: str) -> None:
        """Send to every client."""
        self._do(self._send(texts))

    async def _send(self, texts: tuple[str, ...]) -> None:
        for client in list(self._clients):
            for text in texts:
                await client.send(text)

    def _do(self, what: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(TIMEOUT_S)

    def stop(self) -> None:
        """End it."""
        self.kill()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_S)
        self._loop.close()


@contextmanager
def scripted() -> Iterator[Scripted]:
    """A server that listens, for as long as this is entered."""
    server = Scripted()
    server.start()
    try:
        yield server
    finally:
        server.stop()
