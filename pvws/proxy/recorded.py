"""A witness that has everything it sees recorded."""

from collections.abc import Callable
from itertools import count
from typing import Literal, assert_never

from websockets.frames import Opcode

from pvws.proxy.conversation import Side, Witness
from pvws.proxy.exchange import Answer
from pvws.proxy.frame_tap import Seen, SeenClose, SeenControl, SeenMessage, Unseen
from pvws.recording.format import Close, Direction, Entry, Gap, Headers, Mark, Message, Open, Ping, Pong

__all__ = ["Stenographer"]

_DIRECTIONS: dict[Side, Direction] = {"client": "send", "server": "recv"}
_ENDS_UNTOLD = 1006  # RFC 6455, section 7.4.1: stands for an end without a close frame


class Stenographer:
    """Numbers the handshakes from 1 on, and writes down what is seen of each as entries.

    `record` takes an entry, `now` says when it is: microseconds since the recording began.
    """

    def __init__(self, record: Callable[[Entry], None], now: Callable[[], int]) -> None:
        self._record = record
        self._now = now
        self._numbers = count(1)
        self.handshakes = 0
        """How many there were, refused ones included."""
        self.messages: dict[Direction, int] = {"send": 0, "recv": 0}
        """How many messages there were, as seen from the client."""

    def open(self, answer: Answer, address: str = "") -> Witness:
        """One more handshake was answered."""
        self.handshakes = conn = next(self._numbers)
        request, response = tuple(answer.wish.headers), tuple(answer.headers)
        host = _header(request, "host") or "localhost"
        self._record(
            Open(
                self._now(),
                conn,
                url=f"ws://{host}{answer.wish.target}",
                status=answer.status,
                address=address,
                subprotocol=_header(response, "sec-websocket-protocol") or "",
                request=request,
                response=response,
            )
        )
        return _Notes(conn, self._take, self._now)

    def _take(self, entry: Entry) -> None:
        if isinstance(entry, Message):
            self.messages[entry.dir] += 1
        self._record(entry)


class _Notes:
    """Of one connection."""

    def __init__(self, conn: int, record: Callable[[Entry], None], now: Callable[[], int]) -> None:
        self._conn = conn
        self._record = record
        self._now = now
        self._closed: set[Side] = set()

    def saw(self, side: Side, seen: Seen) -> None:
        t, direction, conn = self._now(), _DIRECTIONS[side], self._conn
        match seen:
            case SeenMessage():
                opcode: Literal["text", "binary"] = "binary" if seen.binary else "text"
                self._record(Message(t, direction, seen.payload, conn, opcode, seen.fragments))
            case SeenControl():
                kind = Ping if seen.opcode is Opcode.PING else Pong
                self._record(kind(t, direction, seen.payload, conn))
            case SeenClose():
                self._closed.add(side)
                self._record(Close(t, direction, seen.code, seen.reason, conn))
            case Unseen():
                self.missed(side, seen.why)
            case _:
                assert_never(seen)

    def missed(self, side: Side | None, why: str) -> None:
        who = "both sides" if side is None else f"the {side}"
        self._record(Gap(self._now(), f"from here on what {who} sent is not recorded: {why}", self._conn))

    def noted(self, what: str, lost: int) -> None:
        if lost:
            self._record(Gap(self._now(), what, self._conn, messages=lost))
        else:
            self._record(Mark(self._now(), f"{what}, connection {self._conn}"))

    def ended(self, side: Side, how: Literal["end", "reset"]) -> None:
        if not self._closed:
            reason = "the connection was reset" if how == "reset" else "the stream ended"
            self._record(Close(self._now(), _DIRECTIONS[side], _ENDS_UNTOLD, reason, self._conn))
            self._closed = {"client", "server"}


def _header(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key == name), None)
