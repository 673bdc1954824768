"""What clients of a node do, told to the source of its bus: in order, once, and bounded while nobody hears it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain

from pvws.bus.bus import Bus, UnansweredError
from pvws.bus.deeds import DEEDS, Deed, Deeds, Heard
from pvws.bus.question import decoded, encoded
from pvws.errors import MessageError
from pvws.limits import BUS_BEAT_S, BUS_DEEDS_BATCH, BUS_DEEDS_BYTES_MAX, BUS_DEEDS_MAX
from pvws.server.room import Said
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from pvws.wire.topics import TOPICS

__all__ = ["Reporting"]

_ANSWER_S = 1.0  # a batch that was not answered is told again: the source knows it by its number
_AGAIN_S = 0.1
_DEED_BYTES = 64  # of one, beside its text


class Reporting(Observer):
    """Tells the source what clients of a stage do, from `begin` until `end`, a batch at a time.

    What cannot be told is kept, up to a bound; beyond that it is forgotten and counted in `untold`, and the source is
    told anew who is there, however many that are. While nothing `plays` there is nobody to be told.
    """

    def __init__(
        self,
        stage: Stage,
        bus: Bus,
        node: str,
        plays: Callable[[], bool],
        told: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self._stage = stage
        self._bus = bus
        self._node = node
        self._plays = plays
        self._told = told
        self._outbox = deque[Deed]()
        self._bytes = 0
        self._introducing = 0  # how many of them say who is there, which no bound makes fewer
        self._flying: tuple[Deed, ...] = ()
        self._number = 0
        self._silent = True  # whether there is nobody to be told
        self._wake = asyncio.Event()
        self._put_in_all = 0
        self._waiting: dict[asyncio.Future[None], int] = {}  # up to which of those that were put is to be told
        self._telling: asyncio.Task[None] | None = None
        self._leave: Callable[[], None] = lambda: None
        self.untold = 0
        """How many things that clients did were not told."""

    async def begin(self) -> None:
        """Tell who is there, and what they do from now on."""
        self._leave = self._stage.observe(self)
        self.anew()
        self._telling = asyncio.ensure_future(self._tell_on())

    async def end(self) -> None:
        """Say what is still to be said, and goodbye; within some seconds."""
        telling, self._telling = self._telling, None
        if telling is None:
            return
        self._leave()
        if self._plays():
            await self.all_told(_ANSWER_S)
        while not telling.done():  # a call of a bus may swallow a cancellation
            telling.cancel()
            await asyncio.wait({telling}, timeout=_AGAIN_S)
        if self._plays():
            await self._ask(Deeds(self._node, self._number + 1, leaves=True, untold=self.untold))

    def anew(self) -> None:
        """The source knows nothing of this node, or not all: tell it who is there, and then what they have sent."""
        sent = [each for each in chain(self._flying, self._outbox) if each.did == "sends"]
        self._outbox.clear()
        self._flying, self._bytes, self._silent = (), 0, False
        for deed in self._present():
            self._put(deed)
        self._introducing = len(self._outbox)
        for deed in sent:
            self._put(deed)
        self._waiting = dict.fromkeys(self._waiting, self._put_in_all)
        self._wake.set()

    async def all_told(self, seconds: float) -> bool:
        """Return once what clients have done by now was told; false if it was not within so many seconds."""
        if not self._outbox and not self._flying:
            return True
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[told] = self._put_in_all
        try:
            async with asyncio.timeout(seconds):
                await told
        except TimeoutError:
            return False
        finally:
            del self._waiting[told]
        return True

    def did(self, deed: ClientInput, real: Instant, said: Said | None, code: int | None) -> None:
        """A client has done something."""
        if self._silent:
            return
        if deed.did == "connects":
            told = Deed(deed.did, deed.client, client_id=deed.client_id, name=deed.name)
        elif deed.did == "sends" and len(deed.message) > self._batch_max:
            told = Deed(deed.did, deed.client, deed.topic, deed.type)
        else:
            told = Deed(deed.did, deed.client, deed.topic, deed.type, deed.message)
        self._put(told)
        kept, kept_bytes = len(self._outbox) - self._introducing, self._bytes - self._introducing * _DEED_BYTES
        if kept > BUS_DEEDS_MAX or kept_bytes > BUS_DEEDS_BYTES_MAX:
            self._give_up()
        self._wake.set()

    # Within

    @property
    def _batch_max(self) -> int:
        """In characters: each is six bytes of JSON at most."""
        return min(BUS_DEEDS_BATCH, self._bus.room // 8)

    def _put(self, deed: Deed) -> None:
        self._outbox.append(deed)
        self._put_in_all += 1
        self._bytes += _DEED_BYTES + len(deed.message)

    def _present(self) -> Iterator[Deed]:
        """Who is there, and what they hear."""
        yield Deed("anew")
        for client_id, (number, client) in self._stage.clients().items():
            yield Deed("connects", number, client_id=client_id, name=client.name)
            for topic in TOPICS:
                if topic in client.member.topics:
                    yield Deed("subscribes", number, topic)
        yield Deed("all")

    def _give_up(self) -> None:
        """There is too much that nobody hears."""
        lost = sum(each.did == "sends" for each in chain(self._flying, self._outbox))
        self.untold += lost
        self._told(f"{lost:,} things that clients sent could not be told to what plays; {self.untold:,} in all")
        self._outbox.clear()
        self._flying = ()
        self.anew()

    async def _tell_on(self) -> None:
        while True:
            if not self._outbox:
                try:
                    async with asyncio.timeout(BUS_BEAT_S):
                        await self._wake.wait()
                except TimeoutError:
                    pass  # an empty batch says that this node is there
            self._wake.clear()
            self._take_batch()
            await self._tell()
            self._let_go()

    def _take_batch(self) -> None:
        size, batch = 0, list[Deed]()
        while self._outbox and (not batch or size + _DEED_BYTES + len(self._outbox[0].message) <= self._batch_max):
            size += _DEED_BYTES + len(self._outbox[0].message)
            batch.append(self._outbox.popleft())
        self._bytes -= size
        self._introducing = max(0, self._introducing - len(batch))
        self._flying = tuple(batch)
        self._number += 1

    async def _tell(self) -> None:
        """Have a batch be heard, however often that takes."""
        number, flying = self._number, self._flying
        while True:
            heard = await self._ask(Deeds(self._node, number, flying, untold=self.untold))
            if self._flying is not flying:  # what it says has become out of date
                return
            if heard is not None:
                break
            if not self._plays():
                self._outbox.clear()
                self._flying, self._bytes, self._introducing, self._silent = (), 0, 0, True
                await asyncio.sleep(_AGAIN_S)
                return
            await asyncio.sleep(_AGAIN_S)
        if heard.known or heard.number >= number:
            self._flying = ()
        if not heard.known or self._silent:
            self.anew()

    async def _ask(self, batch: Deeds) -> Heard | None:
        try:
            return decoded(await self._bus.ask(DEEDS, encoded(batch), _ANSWER_S), Heard)
        except (UnansweredError, MessageError):
            return None

    def _let_go(self) -> None:
        done = self._put_in_all - len(self._outbox) - len(self._flying)
        for told, target in self._waiting.items():
            if target <= done and not told.done():
                told.set_result(None)
