"""A stage: one source of events, one clock, one hub. What plays on it is heard by whoever subscribed."""

import asyncio
import time
from collections.abc import Callable, Sequence

from pvws.server.hub import Hub
from pvws.server.room import Client
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream
from pvws.sim.source import ClientInput, Cue, Deed, Source, Timed
from pvws.stage.pacer import Pacer
from pvws.timestamp import Timestamp

__all__ = ["Stage"]


class Stage:
    """Composes a source with a pacer and a hub. Must be made within a running event loop.

    Without a source the stage is quiet, and its time is the wall clock's. `seed` decides the ids that clients
    are given: the n-th connection has the same one in every run. `heard` gets the events as they are published, `cued`
    every cue as it is followed, `noted` every deed of a client that has an effect, with its instant, and
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
        heard: Callable[[Sequence[Timed]], None] | None = None,
        cued: Callable[[Cue], None] | None = None,
        noted: Callable[[ClientInput], None] | None = None,
        held_up: Callable[[], bool] | None = None,
    ) -> None:
        self.name = name
        """Under which clients find it."""
        self._wait_for = wait_for
        self.hub = Hub(asyncio.get_running_loop())
        self.connections = 0
        """How many clients ever connected."""
        self._held_up = held_up
        self._ids = Stream(seed, "client ids")
        self._heard = heard
        self._cued = cued
        self._noted = noted
        self._numbers: dict[Client, int] = {}
        self._pacer = (
            None
            if source is None
            else Pacer(source, self._publish, start=start, speed=speed, congested=self._congested, act=self._act)
        )

    def now(self) -> Timestamp:
        """Stage time."""
        return Timestamp(time.time_ns() // 1000 if self._pacer is None else self._pacer.now())

    def client_id(self) -> str:
        """The id of one more client: 32 lower-case hex digits."""
        return "".join(f"{self._ids.below(2**32):08x}" for _ in range(4))

    def note(self, client: Client, did: Deed, topic: str = "", type: str = "") -> None:  # noqa: A002 - the API's word
        """A client did something: the source is told, and may answer."""
        number = self._numbers.setdefault(client, self.connections + 1)
        if did == "connects":
            self.connections = number
        elif did == "disconnects":
            del self._numbers[client]
        if self._pacer is not None:
            told = self._pacer.tell(ClientInput(self._pacer.now(), number, did, topic, type))
            if told is not None and self._noted is not None:
                self._noted(told)

    async def play(self) -> None:
        """Play the source to its end; returns at once when there is none."""
        if self._pacer is not None:
            if self._wait_for is not None:
                await self.hub.subscriber(self._wait_for)
            await self._pacer.run()

    def _congested(self) -> bool:
        return self.hub.congested() or (self._held_up is not None and self._held_up())

    def _act(self, cue: Cue) -> None:
        if cue.kind == "disconnect":
            clients = list(self._numbers)
            wanted = int(cue.share * len(clients) + 0.5)
            for client in Stream(cue.seed, f"disconnect {cue.at}").sample(clients, wanted):
                client.close(cue.code, cue.reason)
        if self._cued is not None:
            self._cued(cue)

    def _publish(self, events: Sequence[Timed]) -> None:
        self.hub.publish_all(events)
        if self._heard is not None:
            self._heard(events)
