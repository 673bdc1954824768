"""A test-bed with its control plane on an event loop in another thread: for clients and commands that have a loop of
their own, or none.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import TypeVar

from pvws.server.settings import Control
from pvws.stage.stage import Stage
from tests.support.staged import Listener, story
from tests.support.steered import HERE_TOO, Steered, steered

_T = TypeVar("_T")


class Beside:
    """What runs there. `url` is the control plane's, `web_socket` where clients connect."""

    def __init__(self, test_bed: Steered, loop: asyncio.AbstractEventLoop) -> None:
        self.test_bed = test_bed
        self.url = test_bed.listening.url
        self.web_socket = test_bed.venue.url
        self.clients = AsyncExitStack()
        """Those that are connected for as long as this is."""
        self._loop = loop

    def connect(self, *topics: str, path: str = "/ws") -> Listener:
        """A client that stays connected until the end."""

        async def connecting(test_bed: Steered) -> Listener:
            return await self.clients.enter_async_context(test_bed.client(*topics, path=path))

        return self.do(connecting)

    def do(self, deed: Callable[[Steered], Awaitable[_T]]) -> _T:
        """Have something done there, and give back what came of it."""

        async def doing() -> _T:
            return await deed(self.test_bed)

        return asyncio.run_coroutine_threadsafe(doing(), self._loop).result(30)


@contextmanager
def steered_beside(
    make: Callable[[], Stage] | None = story, control: Control = HERE_TOO, **options: object
) -> Iterator[Beside]:
    """The story, held at its start, or another stage, for as long as this is entered."""
    found: list[Beside] = []
    failed: list[BaseException] = []
    ready = threading.Event()

    async def serving() -> None:
        over = asyncio.Event()
        try:
            stage = None if make is None else make()
            playing = None if stage is None else asyncio.ensure_future(stage.play_on())
            async with steered(stage, control=control, **options) as test_bed:
                found.append(Beside(test_bed, asyncio.get_running_loop()))
                endings.append(over)
                ready.set()
                await over.wait()
                await found[0].clients.aclose()
            if playing is not None:
                playing.cancel()
        except BaseException as error:
            failed.append(error)
            ready.set()

    endings: list[asyncio.Event] = []
    thread = threading.Thread(target=lambda: asyncio.run(serving()), name="test-bed")
    thread.start()
    assert ready.wait(30)
    assert not failed, failed
    try:
        yield found[0]
    finally:
        found[0]._loop.call_soon_threadsafe(endings[0].set)
        thread.join(30)
    assert not thread.is_alive()
