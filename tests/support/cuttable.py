"""A line between a client and a server that a test can cut, with a word or without one."""

import asyncio
from contextlib import suppress
from types import TracebackType


class Cuttable:
    """Forwards everything to a port of this machine, for as long as it is entered and not cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[object]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._refusing = False
        self.port = 0

    async def __aenter__(self) -> "Cuttable":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        serving = {each for each in self._serving if each is not asyncio.current_task()}
        for each in serving:
            each.cancel()
        if serving:
            await asyncio.wait(serving)

    def cut(self) -> None:
        """End every connection, and every new one at once."""
        self._refusing = True
        for each in tuple(self._writers):
            each.transport.abort()

    def hush(self) -> None:
        """Forward nothing any more, and say nothing of it: what a network does that has lost a cable."""
        self._flowing.clear()

    def refuse(self) -> None:
        """End every new connection at once."""
        self._refusing = True

    def mend(self) -> None:
        """Forward again."""
        self._refusing = False
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        with suppress(asyncio.CancelledError):  # which asyncio's server would report
            await self._join(reader, writer)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, there_writer}
        pipes = [asyncio.ensure_future(self._pipe(*each)) for each in ((reader, there_writer), (there_reader, writer))]
        try:
            await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pipe in pipes:
                pipe.cancel()
            for each in (writer, there_writer):
                self._writers.discard(each)
                each.transport.abort()

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
