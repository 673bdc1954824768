"""What the routes act on: a venue with its stages, the leases that controllers have, and the wish to stop."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct

from pvws.control.openapi import document
from pvws.control.problems import unknown
from pvws.control.route import Route
from pvws.server.room import MAIN
from pvws.stage.stage import Stage
from pvws.stage.venue import Lease, Venue

__all__ = ["Leased", "Plane"]


class Leased(Struct):
    """A world that a controller holds open, until `expires` (microseconds of the wall clock), or for ever.

    `made_with` is what it was asked to be made with, and `made` is set once it is, or could not be.
    """

    lease: Lease
    expires: int | None
    made_with: object
    made: asyncio.Event


class Plane:
    """The state of one control plane. `stop` ends the server as SIGTERM would; `profile` is what it speaks.

    `url` is where the plane itself is, once it listens.
    """

    def __init__(
        self,
        venue: Venue,
        table: Sequence[Route],
        *,
        profile: str = "documented",
        stop: Callable[[], None] = lambda: None,
    ) -> None:
        self.venue = venue
        self.profile = profile
        self.stop = stop
        self.url = ""
        self.started = time.time_ns() // 1000
        self.pid = os.getpid()
        self.table = table
        """What is served."""
        self.stopping = asyncio.Event()
        """Set when it ends: what waits or streams ends then."""
        self.readers = 0
        """How many read what happens."""
        self._leases: dict[str, Leased] = {}

    @cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document of what is served."""
        return document(self.table)

    def stage(self, world: str) -> Stage:
        """The stage of a world. Raises Refusal that says which there are."""
        stage = self.venue.find(world)
        if stage is None:
            raise unknown("world", world, list(self.venue.stages), kind="unknown-world")
        return stage

    def leased(self, world: str) -> Leased | None:
        """The lease that was given of a world, while it holds."""
        leased = self._leases.get(world)
        if leased is None or not leased.lease.holds or self.venue.find(world) is not leased.lease.stage:
            self._leases.pop(world, None)
            return None
        return leased

    def lease(self, world: str, seconds: float | None, made_with: object = None) -> Leased:
        """Hold a world open, made if there is none, for so many seconds more. Raises what `Venue.lease` does."""
        leased = self.leased(world)
        if leased is None:
            leased = Leased(self.venue.lease(world, seconds), None, made_with, asyncio.Event())
            if world != MAIN:  # which needs none
                self._leases[world] = leased
        leased.lease.renew(seconds)
        leased.expires = None if seconds is None else time.time_ns() // 1000 + int(seconds * 1_000_000)
        return leased

    def release(self, world: str) -> None:
        """Hold a world open no more."""
        leased = self._leases.pop(world, None)
        if leased is not None:
            leased.lease.release()

    def close(self) -> None:
        """Release everything."""
        for world in list(self._leases):
            self.release(world)
