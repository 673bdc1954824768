"""A node's end of a JetStream stream: every entry behind a place, in order, once, across failures of all kinds."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from pvws import __version__
from pvws.bus.bus import Taker
from pvws.bus.connection import Connection, ended
from pvws.bus.entry import Carried, decode_entry
from pvws.errors import MessageError, ReachError
from pvws.limits import BUS_BEAT_S, BUS_SILENT_S

__all__ = ["StreamReader"]

_log = logging.getLogger("pvws.bus")

_AGAIN_S = 0.25
_STATUS = "Status"
_LAST_DELIVERED = "Nats-Last-Consumer"
_STREAM_FIELD, _CONSUMER_FIELD = 5, 6  # of the subject that an entry would be acknowledged on, of nine words
_WORDS = 9


class StreamReader:
    """Gives `take` what the stream of a connection holds behind a place; None is behind all that it holds now.

    It has a consumer of its own on the server, which pushes. Where an entry is missing, the consumer was silent, or
    the connection was gone, another one is made behind the last entry that was seen: so each entry comes once. What
    the stream has no longer by then is left out, which the places show.
    """

    def __init__(self, connection: Connection, after: int | None, take: Taker) -> None:
        self._connection = connection
        self._take = take
        self._place = after
        self._created: datetime | None = None
        self._subscription: Subscription | None = None
        self._delivered = 0  # by the consumer
        self._heard = 0.0
        self._time: Callable[[], float] = asyncio.get_running_loop().time
        self._soon: Callable[..., object] = asyncio.get_running_loop().call_soon
        self._batch: list[Carried] = []
        self._astray = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._misread = False
        self.consumers = 0
        """How many it has had by now."""

    @property
    def place(self) -> int:
        """Of the last entry that was given."""
        return self._place or 0

    async def begin(self) -> None:
        """Give what comes from now on. Raises ReachError where there is no stream to be had."""
        await self._consume()
        self._connection.changed.append(self._astray.set)
        self._reading = asyncio.ensure_future(self._read_on())

    async def close(self) -> None:
        """Give nothing more."""
        if self._reading is not None:
            await ended(self._reading)
        await self._leave()

    async def _read_on(self) -> None:
        """See to it that there always is a consumer."""
        while True:
            try:
                async with asyncio.timeout(BUS_BEAT_S):
                    await self._astray.wait()
            except TimeoutError:
                if self._time() - self._heard < BUS_SILENT_S:
                    continue
            self._astray.clear()
            if not self._connection.up:
                continue
            try:
                await self._consume()
            except (NatsError, ReachError, TimeoutError, OSError) as error:
                _log.info("the bus can't be read just now: %s", error)
                await asyncio.sleep(_AGAIN_S)
                self._astray.set()

    async def _consume(self) -> None:
        """Have a consumer that begins behind the last entry that was seen."""
        await self._leave()
        info = await self._connection.find_stream()
        if self._place is None:
            self._place = info.state.last_seq
        elif self._created not in (None, info.created):
            self._connection.told(f"{self._connection.address.shown}: the bus has lost its stream, which begins anew")
            self._place = 0
        self._place = min(self._place, info.state.last_seq)  # a server that crashed may have lost the last entries
        self._created = info.created
        inbox = self._connection.client.new_inbox()
        self._delivered, self._heard = 0, self._time()
        self._subscription = await self._connection.client.subscribe(inbox, cb=self._got)
        await self._connection.jetstream.add_consumer(
            self._connection.stream,
            ConsumerConfig(
                deliver_subject=inbox,
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=self._place + 1,
                ack_policy=AckPolicy.NONE,
                idle_heartbeat=BUS_BEAT_S,
                inactive_threshold=BUS_SILENT_S,
                mem_storage=True,
                num_replicas=1,
            ),
        )
        self.consumers += 1

    async def _leave(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            with suppress(NatsError, OSError):  # it may be gone with its connection
                await subscription.unsubscribe()

    async def _got(self, message: Msg) -> None:
        """A message has come: an entry, or a word that there is none."""
        subscription = self._subscription
        if subscription is None or message.sid != subscription._id:
            return  # of a consumer that is no longer ours
        self._heard = self._time()
        headers = message.headers or {}
        if _STATUS in headers:
            if int(headers.get(_LAST_DELIVERED, self._delivered)) > self._delivered:
                self._astray.set()
            return
        words = message.reply.split(".")
        if len(words) == _WORDS:
            place, delivered = int(words[_STREAM_FIELD]), int(words[_CONSUMER_FIELD])
        else:  # with a domain
            sequence = message.metadata.sequence
            place, delivered = sequence.stream, sequence.consumer
        if delivered != self._delivered + 1:
            self._astray.set()  # the client library had to drop some: we were too slow
            return
        self._delivered = delivered
        self._place = place
        for name, header in headers.items():
            if name.startswith("Pvws-"):
                try:
                    carried = Carried(place, decode_entry(name, header, message.data))
                except MessageError as error:
                    _log.info("entry %d of the bus is not one of pvws: %s", place, error)
                    if not self._misread:
                        self._misread = True
                        self._connection.told(
                            f"{self._connection.address.shown}: what plays sends something that pvws {__version__} "
                            "does not understand, and leaves out; have the same version of pvws on all machines"
                        )
                    return
                if not self._batch:
                    self._soon(self._give)
                self._batch.append(carried)
                return

    def _give(self) -> None:
        batch, self._batch = self._batch, []
        self._take(batch)
