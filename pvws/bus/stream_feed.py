"""A source's end of a JetStream stream: everything is stored once, in order, whatever becomes of the connection.

Each entry says which one must be the last in the stream before it, so the server refuses whatever would double an
entry, overtake one or leave one out. Only the last entry of each turn asks for an answer: where that is stored, so is
all before it. After a failure the stream is asked how far it has come, and what it has not got is written again.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from pvws.bus.bus import BusError
from pvws.bus.connection import Connection, ended, why_refused
from pvws.bus.entry import Entry, Wire, encode_entry
from pvws.errors import ReachError
from pvws.limits import BUS_IN_FLIGHT_MAX, BUS_OUTBOX_BYTES_MAX, BUS_OUTBOX_FULL

__all__ = ["StreamFeed"]

_EXPECTED = "Nats-Expected-Last-Sequence"
_WRONG_LAST, _TOO_LARGE = 10071, 10054
_STALLED_S = 2.0  # without an answer for so long the stream is asked how far it has come
_AGAIN_S = 1.0  # before what was refused is tried again


class _Answer(Struct):
    seq: int = 0
    error: dict[str, str | int] | None = None


_answer_of = msgspec.json.Decoder(_Answer).decode


class StreamFeed:
    """A `Feed` into the stream of a connection, whose last entry is at `place`.

    `taken` is called when another source writes into it: then this one has stopped.
    """

    def __init__(
        self,
        connection: Connection,
        place: int,
        taken: Callable[[], None],
        *,
        bytes_max: int = BUS_OUTBOX_BYTES_MAX,
    ) -> None:
        self._connection = connection
        self._prefix = f"peervault.{connection.address.world}."
        self._place = place
        self._taken = taken
        self._bytes_max = bytes_max
        self._outbox: deque[Wire] = deque()  # of which the first are written already
        self._stored: deque[Wire] = deque(maxlen=BUS_IN_FLIGHT_MAX)  # the last of them, should the server lose some
        self._bytes = 0
        self._written = 0
        self._lost = 0
        self._unsure = False  # whether the stream has all that was written
        self._careful = False  # whether to write one entry and see what comes of it
        self._refused = False  # whether the server would not have something, which is then tried again in a while
        self._wake = asyncio.Event()
        self._drained: list[asyncio.Future[None]] = []
        self._said: str | None = None  # what was told last, so as not to say it again
        self._inbox = connection.client.new_inbox()
        self._writing: asyncio.Task[None] | None = None
        connection.changed.append(self._changed)

    @property
    def lost(self) -> int:
        """How many entries never got into the stream."""
        return self._lost

    @property
    def full(self) -> bool:
        """Whether a source that can wait should."""
        return len(self._outbox) >= BUS_OUTBOX_FULL or self._bytes > self._bytes_max // 4

    @property
    def place(self) -> int:
        """That of the last entry that is known to be stored."""
        return self._place

    @property
    def last(self) -> int:
        """The place at which what was sent last will stand."""
        return self._place + len(self._outbox)

    @property
    def waiting(self) -> int:
        """How many entries are not known to be stored."""
        return len(self._outbox)

    async def begin(self) -> None:
        """Take answers, and write what is sent from now on."""
        await self._connection.client.subscribe(self._inbox, cb=self._answered)
        self._writing = asyncio.ensure_future(self._write_on())

    def send(self, entries: Sequence[Entry]) -> None:
        """Have entries stored; see `Feed`."""
        for entry in entries:
            wire = encode_entry(entry)
            self._outbox.append(wire)
            self._bytes += len(wire.payload)
        while self._bytes > self._bytes_max and len(self._outbox) > self._written + 1:
            self._lose(self._written, "it takes nothing, and no more can be kept for it")
        self._wake.set()

    async def drain(self) -> int:
        """Return once all that was sent is stored, or lost; at which place the last of it is."""
        while self._outbox and self._writing is not None and not self._connection.closed:
            drained: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._drained.append(drained)
            await drained
        return self._place

    async def close(self) -> None:
        """Write nothing more."""
        if self._writing is not None:
            await ended(self._writing)
            self._writing = None
        self._let_go()

    def _changed(self) -> None:
        """The connection has gone, or is there again."""
        self._unsure = True
        self._wake.set()
        if self._connection.closed:
            self._let_go()

    async def _answered(self, message: Msg) -> None:
        """The server says what has become of an entry."""
        try:
            answer = _answer_of(message.data)
        except msgspec.MsgspecError:  # nobody takes it: the stream is gone
            answer = _Answer(error={"code": 503, "err_code": 0, "description": "there is no such stream"})
        if answer.error is None:
            self._confirm(answer.seq)
            self._careful, self._said = False, None
        else:
            self._refuse(answer.error)
        self._wake.set()

    def _confirm(self, place: int) -> None:
        """The stream has everything up to a place."""
        for _ in range(min(place - self._place, self._written)):
            wire = self._outbox.popleft()
            self._stored.append(wire)
            self._bytes -= len(wire.payload)
            self._place += 1
            self._written -= 1
        if not self._outbox:
            self._let_go()

    def _refuse(self, error: dict[str, str | int]) -> None:
        self._unsure = True
        if error.get("err_code") == _WRONG_LAST and not self._careful:
            self._careful = True  # what was wrong with an entry before is not said here
            return
        if error.get("err_code") == _TOO_LARGE and self._careful and self._written == 1:
            self._written = 0
            self._lose_large()
            return
        if error.get("err_code") != _WRONG_LAST:
            self._careful = self._refused = True
            known = {"code": error.get("code"), "err_code": error.get("err_code")}
            said = str(error.get("description", ""))
            self._tell(why_refused(APIError(**known, description=said), self._connection.stream))  # type: ignore[arg-type]

    async def _write_on(self) -> None:
        while True:
            try:
                if self._unsure and self._connection.up:
                    await self._look()
                if self._connection.up and not self._unsure:
                    await self._write()
                pause = _STALLED_S if self._written else None
            except (NatsError, ReachError, TimeoutError, OSError) as error:
                self._unsure, pause = True, _AGAIN_S
                if self._connection.up:
                    self._tell(f"nothing can be stored ({error})")
            except BusError:
                self._taken()
                return
            if self._refused:
                self._refused = False
                await asyncio.sleep(_AGAIN_S)
                continue
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
                self._wake.clear()
            except TimeoutError:
                self._unsure = True

    async def _look(self) -> None:
        """Ask the stream how far it has come."""
        last = (await self._connection.find_stream()).state.last_seq
        if last > self._place and not await self._is_ours(last):
            raise BusError("somebody else writes into the stream")
        self._confirm(last)
        while self._place > last:  # a server that crashed, or lost its stream, has not got what it said it had
            self._place -= 1
            if self._stored:
                self._outbox.appendleft(self._stored.pop())
                self._bytes += len(self._outbox[0].payload)
            elif self._place >= last:
                self._place = last
        self._written = 0
        self._unsure = False

    async def _is_ours(self, place: int) -> bool:
        """Whether what stands in the stream at a place is what we have written there."""
        if place > self._place + self._written:
            return False
        wire = self._outbox[place - self._place - 1]
        stored = await self._connection.jetstream.get_msg(self._connection.stream, place)
        return stored.data == wire.payload and (stored.headers or {}).get(wire.name) == wire.header

    async def _write(self) -> None:
        """Write what is not written yet, the last of it so that an answer comes."""
        client = self._connection.client
        room = (1 if self._careful else BUS_IN_FLIGHT_MAX) - self._written
        last = min(len(self._outbox), self._written + room) - 1 - self._written
        for number in range(last + 1):
            if self._unsure or self._written >= len(self._outbox):
                return
            wire = self._outbox[self._written]
            headers = {wire.name: wire.header, _EXPECTED: str(self._place + self._written)}
            if _size(headers) + len(wire.payload) > client.max_payload:  # the server would close the connection
                self._lose_large()
                return
            self._written += 1
            reply = self._inbox if number == last else ""
            await client.publish(self._prefix + wire.tail, wire.payload, reply, headers)

    def _lose_large(self) -> None:
        """The next entry is larger than the bus may carry, and the others go on without it."""
        size = len(self._outbox[self._written].payload)
        self._lose(self._written, f"it takes no message of {size:,} bytes (max_payload of the NATS server)")
        self._unsure = True  # it may have been the one that was to bring the answer
        self._wake.set()

    def _lose(self, which: int, why: str) -> None:
        """An entry never gets into the stream."""
        self._bytes -= len(self._outbox[which].payload)
        del self._outbox[which]
        self._lost += 1
        self._tell(f"events are lost: {why}")

    def _tell(self, sentence: str) -> None:
        if sentence != self._said:
            self._said = sentence
            self._connection.told(f"{self._connection.address.shown}: {sentence}")

    def _let_go(self) -> None:
        for each in self._drained:
            if not each.done():
                each.set_result(None)
        self._drained.clear()


def _size(headers: dict[str, str]) -> int:
    """How much of a message its headers are: NATS counts them."""
    return sum(len(name) + len(value.encode()) + 4 for name, value in headers.items()) + 12
