"""Questions of any size over a bus, each of which is done once, however often it is asked, and may take its time.

A bus carries messages of a bounded size, and loses some when it fails. So a question goes in pieces, with an id of its
own; who answers does it once all of it is there, and says every second that it is still at it, until it has the answer,
which goes back in pieces as well. Whoever hears nothing asks again: what was asked already is not done a second time.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias
from uuid import uuid4

import msgspec
from msgspec import Struct

from pvws.bus.bus import Bus, UnansweredError
from pvws.errors import MessageError
from pvws.limits import BUS_ANSWER_S, BUS_BEAT_S, BUS_ERRANDS_BYTES_MAX, BUS_ERRANDS_KEPT_S, BUS_PIECE_BYTES

__all__ = ["Courier", "Doing", "inquire"]

Doing: TypeAlias = Callable[[bytes, asyncio.Event], Awaitable[bytes]]
"""Does what a question asks for. The event is set when nobody waits for the answer any more."""

_AGAIN_S = 0.1  # after nobody was there
_ABSENT_S = 1.0  # for so long somebody may not be there: a server that restarts is seen by one sooner than by another
_PACKED_BYTES = 16_384  # what is larger is packed
_FORGOTTEN, _AT_IT = -1, 0


class _Sent(Struct, frozen=True, array_like=True):
    """A piece of a question, of so many; or, without pieces, the wish for a piece of its answer. With `left` nobody
    waits for that any more.
    """

    id: str
    place: int = 0
    pieces: int = 0
    content: bytes = b""
    left: bool = False


class _Back(Struct, frozen=True, array_like=True):
    """A piece of an answer that has so many; 0 is none yet, -1 that nothing is known of the question."""

    pieces: int = _AT_IT
    content: bytes = b""


_sent_of = msgspec.msgpack.Decoder(_Sent).decode
_back_of = msgspec.msgpack.Decoder(_Back).decode
_encode = msgspec.msgpack.encode


class _Errand:
    """A question: its pieces as they come, then who is at it, then the pieces of the answer."""

    def __init__(self) -> None:
        self.came: dict[int, bytes] = {}
        self.task: asyncio.Task[list[bytes]] | None = None
        self.left = asyncio.Event()
        self.asked = 0.0

    @property
    def size(self) -> int:
        """What it holds."""
        answer = self.task.result() if self.task is not None and self.task.done() and not _failed(self.task) else ()
        return sum(map(len, (*self.came.values(), *answer)))


class Courier:
    """Answers questions that `inquire` asks, by having each done once. Give a bus its `answer`, and `close` it."""

    def __init__(self, do: Doing) -> None:
        self._do = do
        self._errands: dict[str, _Errand] = {}
        self._time = asyncio.get_running_loop().time

    async def answer(self, question: bytes) -> bytes:
        """What is said to a piece of a question. Raises MessageError for what is none."""
        try:
            sent = _sent_of(question)
        except msgspec.MsgspecError as error:
            raise MessageError("", "a question of pvws", str(error)) from None
        self._tidy()
        errand = self._errands.get(sent.id)
        if sent.left:
            if errand is not None:
                errand.left.set()
            return _encode(_Back())
        if errand is None:
            if not sent.pieces:
                return _encode(_Back(_FORGOTTEN))
            errand = self._errands[sent.id] = _Errand()
        errand.asked = self._time()
        if sent.pieces and errand.task is None:
            errand.came[sent.place] = sent.content
            if len(errand.came) == sent.pieces:
                whole = b"".join(errand.came[place] for place in range(sent.pieces))
                errand.came = {}
                errand.task = asyncio.ensure_future(self._done(whole, errand.left))
        if errand.task is None:
            return _encode(_Back())
        await asyncio.wait({errand.task}, timeout=BUS_BEAT_S)
        if not errand.task.done():
            return _encode(_Back())
        if _failed(errand.task):  # a mistake of ours, or the end of this server
            return _encode(_Back(_FORGOTTEN))
        pieces = errand.task.result()
        place = 0 if sent.pieces else min(sent.place, len(pieces) - 1)
        return _encode(_Back(len(pieces), pieces[place]))

    async def close(self) -> None:
        """Do nothing more; what is being done is given up."""
        doing = [errand.task for errand in self._errands.values() if errand.task is not None]
        for each in doing:
            each.cancel()
        if doing:
            await asyncio.wait(doing)
        self._errands.clear()

    async def _done(self, question: bytes, left: asyncio.Event) -> list[bytes]:
        answer = await self._do(_unpacked(question), left)
        return _pieces(await _packed(answer))

    def _tidy(self) -> None:
        """Forget what nobody has asked about for a while, and of the rest the oldest, where there is too much."""
        now, size = self._time(), 0
        for name, errand in reversed(list(self._errands.items())):
            at_it = errand.task is not None and not errand.task.done()
            if at_it:
                if now - errand.asked > 2 * BUS_ANSWER_S:
                    errand.left.set()
                continue
            size += errand.size
            if now - errand.asked > BUS_ERRANDS_KEPT_S or size > BUS_ERRANDS_BYTES_MAX:
                del self._errands[name]


async def inquire(bus: Bus, whom: str, question: bytes, silent_s: float = BUS_ANSWER_S) -> bytes:
    """The answer of a `Courier` that answers by this name, however long it takes, while it says that it is at it.

    Raises UnansweredError: where nobody of the name is there, or was silent for so many seconds. In the latter case
    what was asked may have been done, and may not. When this is cancelled who answers is told.
    """
    inquiry = _Inquiry(bus, whom, silent_s)
    try:
        return await inquiry.ask(question)
    except asyncio.CancelledError:
        with suppress(UnansweredError):  # it notices by itself
            await asyncio.shield(asyncio.ensure_future(inquiry.leave()))
        raise


class _Inquiry:
    """One question, with its answer."""

    def __init__(self, bus: Bus, whom: str, silent_s: float) -> None:
        self._bus = bus
        self._whom = whom
        self._silent_s = silent_s
        self._id = uuid4().hex
        self._time = asyncio.get_running_loop().time
        self._heard = self._time()

    async def ask(self, question: bytes) -> bytes:
        """Send all pieces of it, wait, and get all pieces of the answer."""
        back = _Back()
        pieces = _pieces(await _packed(question))
        for place, piece in enumerate(pieces):
            back = await self._say(_Sent(self._id, place, len(pieces), piece))
        while back.pieces == _AT_IT:
            back = await self._say(_Sent(self._id))
        got = [back.content]
        while len(got) < back.pieces:
            got.append((await self._say(_Sent(self._id, len(got)))).content)
        return _unpacked(b"".join(got))

    async def leave(self) -> None:
        """Say that nobody waits any more."""
        await self._bus.ask(self._whom, _encode(_Sent(self._id, left=True)), BUS_BEAT_S)

    async def _say(self, sent: _Sent) -> _Back:
        message = _encode(sent)
        while True:
            left = self._heard + self._silent_s - self._time()
            try:
                back = _back_of(await self._bus.ask(self._whom, message, max(0.01, min(left, 2 * BUS_BEAT_S))))
            except (UnansweredError, msgspec.MsgspecError) as error:
                silent = self._time() - self._heard
                absent = isinstance(error, UnansweredError) and error.seconds is None
                if absent and silent >= min(_ABSENT_S, self._silent_s):
                    raise
                if silent >= self._silent_s:
                    raise UnansweredError(self._whom, self._silent_s) from None
                await asyncio.sleep(min(_AGAIN_S, self._silent_s / 10))
                continue
            self._heard = self._time()
            if back.pieces == _FORGOTTEN:  # it was started anew meanwhile
                raise UnansweredError(self._whom, self._silent_s)
            return back


def _failed(task: "asyncio.Task[list[bytes]]") -> bool:
    return task.cancelled() or task.exception() is not None


def _pieces(content: bytes) -> list[bytes]:
    return [content[at : at + BUS_PIECE_BYTES] for at in range(0, len(content), BUS_PIECE_BYTES)]


async def _packed(content: bytes) -> bytes:
    """As it is carried: behind a byte that says whether it is packed."""
    if len(content) < _PACKED_BYTES:
        return b"0" + content
    return b"1" + await asyncio.to_thread(zlib.compress, content, 1)


def _unpacked(content: bytes) -> bytes:
    return zlib.decompress(content[1:]) if content[:1] == b"1" else content[1:]
