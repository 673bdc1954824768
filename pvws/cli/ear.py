"""A client's connections, recorded: frames, control frames and handshakes, as a proxy would see them."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from pvws.cli.recorded import header_of, recording_to
from pvws.client.tap import Tap
from pvws.proxy.conversation import Conversation
from pvws.proxy.recorded import Stenographer
from pvws.proxy.route import Route
from pvws.wire.topics import Topic

__all__ = ["ears", "recorded_client"]


class _Ear:
    """Hears one connection."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def sent(self, data: bytes) -> None:
        self._conversation.client_sends(data)

    def received(self, data: bytes) -> None:
        self._conversation.server_sends(data)

    def ended(self, error: Exception | None) -> None:
        self._conversation.ends("server", "end" if error is None else "reset")


def ears(url: str, notes: Stenographer) -> Callable[[], Tap]:
    """Makes the tap of each connection of a client, all of which a stenographer writes down."""
    route = Route(url)
    return lambda: _Ear(Conversation(route, notes.open))


@asynccontextmanager
async def recorded_client(url: str, path: str, topics: Sequence[Topic]) -> AsyncIterator[Callable[[], Tap]]:
    """What makes the taps of a client that is recorded, besides what else it is for, as long as this is entered."""
    async with recording_to(path, header_of("watch", url=url, topics=tuple(topics)), "--record") as recorder:
        yield ears(url, Stenographer(recorder.record, recorder.now))
