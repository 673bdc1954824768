"""The venue: stages, and the door through which clients come to them, the listener."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from types import TracebackType

from websockets.frames import CloseCode

from pvws.errors import InputError, Problem, PvwsError, TooManyError
from pvws.limits import WORLD_LINGER_S, WORLDS_MAX
from pvws.server.listener import Listener
from pvws.server.room import MAIN, Room, is_world
from pvws.server.settings import Configuration
from pvws.stage.stage import Stage

__all__ = ["Lease", "Venue"]

_log = logging.getLogger("pvws.stage")


class Lease:
    """Holds a world open until it is released, or not renewed in time: what a controller or a test has.

    To enter it, `with`, is to release it on leaving.
    """

    def __init__(self, stage: Stage, end: Callable[[], None], seconds: float | None) -> None:
        self.stage = stage
        """What is held open."""
        self._end = end
        self._ended = False
        self._timer: asyncio.TimerHandle | None = None
        self.renew(seconds)

    @property
    def holds(self) -> bool:
        """Whether it is neither released nor run out."""
        return not self._ended

    def renew(self, seconds: float | None) -> None:
        """Have it end so many seconds from now, or only when it is released. One that has ended stays so."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is not None and not self._ended:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.release)

    def release(self) -> None:
        """Hold it open no more; a second time does nothing."""
        if not self._ended:
            self._ended = True
            self.renew(None)
            self._end()

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


class _World:
    """A stage beside the main one: it plays from the first client on, and ends some time after the last."""

    def __init__(self, stage: Stage, failed: Callable[[Stage, BaseException], None]) -> None:
        self.stage = stage
        self.held_by = 0
        """How many clients and leases."""
        self.ending: asyncio.TimerHandle | None = None
        self._failed = failed
        self._playing = asyncio.ensure_future(stage.play_on())
        self._playing.add_done_callback(self._played)

    def end(self) -> None:
        self._playing.remove_done_callback(self._played)
        self._playing.cancel()
        self.stage.over.set()
        if self.ending is not None:
            self.ending.cancel()

    def _played(self, playing: asyncio.Future[None]) -> None:
        if not playing.cancelled() and (error := playing.exception()) is not None:
            self._failed(self.stage, error)


class Venue:
    """Serves a stage as a configuration says, for as long as it is entered; then clients are told goodbye (1001).

    A client that names a world comes to a stage of its own, which `make` makes by that name, with everybody else who
    names it; at most 256 of them, each of which ends 10 s after its last client has left, unless somebody has a lease
    of it. A world in which something goes wrong ends at once, alone: its clients are told 1011, and the log says what
    it was. Entering raises ReachError when the address can't be had.
    """

    def __init__(
        self,
        stage: Stage,
        configuration: Configuration,
        *,
        echo: bool = False,
        make: Callable[[str], Stage] = lambda name: Stage(name=name),
        linger: float = WORLD_LINGER_S,
    ) -> None:
        self.stage = stage
        self._address = configuration.host, configuration.port
        self._make = make
        self._linger = linger
        self._worlds: dict[str, _World] = {}
        self._published = Counter[str]()  # in worlds that have ended
        self._listener = Listener(stage.hub, stage.now, stage.client_id, configuration.settings, echo=echo, rooms=self)
        stage.faults.house = self._listener

    @property
    def url(self) -> str:
        """Where clients connect, once it is entered."""
        return self._listener.url

    @property
    def port(self) -> int:
        """The port of it."""
        return self._listener.port

    async def __aenter__(self) -> "Venue":
        await self._listener.start(*self._address)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._listener.stop(1001, "the server is shutting down")
        finally:
            for world in self._worlds.values():
                world.end()

    @property
    def stages(self) -> dict[str, Stage]:
        """All stages by name, the main one first, then as they were made."""
        return {MAIN: self.stage} | {name: world.stage for name, world in self._worlds.items()}

    def lease(self, name: str, seconds: float | None = None) -> Lease:
        """Hold the stage of this name open, and make it if there is none: for so many seconds, or until it is released.

        Raises InputError for what is no name, and TooManyError where no more can be made.
        """
        if not is_world(name):
            raise InputError(Problem("world", "up to 64 letters, digits, dots, hyphens and underscores", f'"{name}"'))
        stage = self.enter(name)
        if stage is None:
            raise TooManyError("worlds", WORLDS_MAX)
        return Lease(stage, lambda: self.leave(stage), seconds)

    def find(self, name: str) -> Stage | None:
        """The stage of this name, if there is one."""
        if name == MAIN:
            return self.stage
        world = self._worlds.get(name)
        return None if world is None else world.stage

    def end(self, name: str, code: int, reason: str = "") -> None:
        """End a world beside the main one, whoever holds it, and close its clients; nothing, if there is none."""
        world = self._worlds.get(name)
        if world is not None:
            self._end(name)
            for _, client in world.stage.clients().values():
                client.close(code, reason)

    def enter(self, name: str) -> Stage | None:
        """The stage of this name for one more client, made if there is none; None where no more can be made."""
        if name == MAIN:
            return self.stage
        world = self._worlds.get(name)
        if world is None:
            if len(self._worlds) >= WORLDS_MAX:
                return None
            world = self._worlds[name] = _World(self._make(name), self._failed)
        if world.ending is not None:
            world.ending.cancel()
            world.ending = None
        world.held_by += 1
        return world.stage

    def leave(self, room: Room) -> None:
        """A client has left, or a lease ended: the last one of a world starts the time after which it ends."""
        world = self._worlds.get(room.name)
        if world is None or world.stage is not room:  # it is the main one, or has failed
            return
        world.held_by -= 1
        if not world.held_by:
            loop = asyncio.get_running_loop()
            world.ending = loop.call_later(self._linger, self._end, room.name)

    def published(self) -> Counter[str]:
        """How many events there were of each topic, on all stages that there ever were."""
        published = Counter(self.stage.hub.published)
        for each in (self._published, *(world.stage.hub.published for world in self._worlds.values())):
            published.update(each)
        return published

    def _end(self, name: str) -> None:
        world = self._worlds.pop(name)
        self._published.update(world.stage.hub.published)
        world.end()

    def _failed(self, stage: Stage, error: BaseException) -> None:
        """What is played on a world could not be played on."""
        if isinstance(error, PvwsError):
            _log.error("world %s has ended: %s", stage.name, error)
        else:
            _log.error("world %s has ended by a mistake of pvws: %r", stage.name, error)
            _log.debug("where that was", exc_info=error)
        self._end(stage.name)
        for _, client in stage.clients().values():
            client.close(CloseCode.INTERNAL_ERROR, "the world has failed")
