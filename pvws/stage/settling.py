"""Waiting until clients have what was published, and telling those that read slowly from those that don't read."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count

from pvws.server.hub import Hub
from pvws.server.room import Client
from pvws.server.subscriber import Subscriber
from pvws.stage.advance import Straggler

__all__ = ["STALLED_AFTER_S", "Settling"]

STALLED_AFTER_S = 1.0
"""A client that took no byte for so long does not read; the pacer judges by the same at speed max."""

_POLL_S = 0.002  # what a transport holds shows in no event


class Settling:
    """What the barrier waits for. A client that was found to take nothing is not waited for again until it moves."""

    def __init__(self, hub: Hub, clients: Callable[[], Mapping[str, tuple[int, Client]]]) -> None:
        self._hub = hub
        self._clients = clients
        self._clock = asyncio.get_running_loop().time
        self._seen: dict[Subscriber, tuple[tuple[int, int], float]] = {}
        self._pings = count(1)

    async def settle(self, deadline: float) -> tuple[Straggler, ...]:
        """Return when all that was published has been handed to the kernel for every subscriber.

        Who took nothing for a second, or not everything by the deadline, a time of the loop's clock, is given back; and
        whom a fault holds, at once, for that ends only in stage time.
        """
        self._hub.flush()
        while True:
            now = self._clock()
            late = self._look(now)
            stalled = {each for each in late if each.held_back or now - self._seen[each][1] >= STALLED_AFTER_S}
            if len(stalled) == len(late) or now >= deadline:
                numbers = self._clients()
                found = (self._straggler(each, numbers, stalled=each in stalled) for each in late)
                return tuple(sorted(found, key=lambda straggler: straggler.client))
            await asyncio.sleep(_POLL_S)

    async def acknowledge(self, deadline: float, known: Sequence[Straggler]) -> tuple[Straggler, ...]:
        """Send a ping behind everything to every client but those `known` to lag, and return with the last pong.

        Who has not answered by the deadline is given back; who has gone meanwhile is not.
        """
        lagging = {straggler.client_id for straggler in known}
        asked = {each: who for each, who in self._clients().items() if each not in lagging}
        waiting, all_in = set(asked), asyncio.Event()

        def heard_of(client_id: str) -> None:
            waiting.discard(client_id)
            if not waiting:
                all_in.set()

        payload = b"ack %d" % next(self._pings)
        for client_id, (_, client) in asked.items():
            client.probe(payload, partial(heard_of, client_id))
        if waiting:
            try:
                async with asyncio.timeout_at(deadline):
                    await all_in.wait()
            except TimeoutError:
                pass
        return tuple(Straggler(asked[each][0], each, "silent") for each in asked if each in waiting)

    def _look(self, now: float) -> list[Subscriber]:
        """Those that have not got everything, with when each has last taken something."""
        seen, late = self._seen, self._hub.late()
        self._seen = {}
        for each in late:
            progress = each.progress()
            before, since = seen.get(each, ((-1, -1), now))
            self._seen[each] = progress, since if progress == before else now
        return late

    def _straggler(self, member: Subscriber, numbers: Mapping[str, tuple[int, Client]], *, stalled: bool) -> Straggler:
        number = numbers[member.name][0] if member.name in numbers else 0
        messages, size = member.waiting()
        if member.held_back:
            return Straggler(number, member.name, "held", messages, size, member.holders)
        return Straggler(number, member.name, "stalled" if stalled else "slow", messages, size)
