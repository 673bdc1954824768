"""A stage: one source of events, one clock, one hub. What plays on it is heard by whoever subscribed."""

import asyncio
import time
from collections.abc import Callable

from pvws.server.hub import Hub
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream
from pvws.sim.source import Source, Timed
from pvws.stage.pacer import Pacer
from pvws.timestamp import Timestamp

__all__ = ["Stage"]


class Stage:
    """Composes a source with a pacer and a hub. Must be made within a running event loop.

    Without a source the stage is quiet, and its time is the wall clock's. `seed` decides the ids that clients
    are given: the n-th connection has the same one in every run. `heard` gets every event as it is published, and
    `wait_for` are topics that some client must have subscribed to before it begins; with none of them, any will do.
    `held_up` says, at speed max, whether it would rather get no more for now.
    """

    def __init__(
        self,
        source: Source | None = None,
        *,
        name: str = "main",
        wait_for: frozenset[str] | None = None,
        start: Instant = 0,
        speed: float | None = 1.0,
        seed: int = 0,
        heard: Callable[[Timed], None] | None = None,
        held_up: Callable[[], bool] | None = None,
    ) -> None:
        self.name = name
        """Under which clients find it."""
        self._wait_for = wait_for
        self.hub = Hub(asyncio.get_running_loop())
        self._held_up = held_up
        self._ids = Stream(seed, "client ids")
        self._heard = heard
        self._pacer = (
            None
            if source is None
            else Pacer(source, self._publish, start=start, speed=speed, congested=self._congested)
        )

    def now(self) -> Timestamp:
        """Stage time."""
        return Timestamp(time.time_ns() // 1000 if self._pacer is None else self._pacer.now())

    def client_id(self) -> str:
        """The id of one more client: 32 lower-case hex digits."""
        return "".join(f"{self._ids.below(2**32):08x}" for _ in range(4))

    async def play(self) -> None:
        """Play the source to its end; returns at once when there is none."""
        if self._pacer is not None:
            if self._wait_for is not None:
                await self.hub.subscriber(self._wait_for)
            await self._pacer.run()

    def _congested(self) -> bool:
        return self.hub.congested() or (self._held_up is not None and self._held_up())

    def _publish(self, event: Timed) -> None:
        self.hub.publish(event)
        if self._heard is not None:
            self._heard(event)
