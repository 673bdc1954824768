"""The venue: a stage and the door through which clients come in, the listener."""

from types import TracebackType

from pvws.server.listener import Listener
from pvws.server.settings import Configuration
from pvws.stage.stage import Stage

__all__ = ["Venue"]


class Venue:
    """Serves a stage as a configuration says for as long as it is entered; clients are told goodbye (1001) on leaving.

    Entering raises ReachError when the address can't be had.
    """

    def __init__(self, stage: Stage, configuration: Configuration, *, echo: bool = False) -> None:
        self.stage = stage
        self._address = configuration.host, configuration.port
        self._listener = Listener(stage.hub, stage.now, stage.client_id, configuration.settings, echo=echo)

    @property
    def url(self) -> str:
        """Where clients connect, once it is entered."""
        return self._listener.url

    async def __aenter__(self) -> "Venue":
        await self._listener.start(*self._address)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._listener.stop(1001, "the server is shutting down")
