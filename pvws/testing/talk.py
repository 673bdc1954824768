"""A talk with a server over one connection: every byte of it is chosen by a rule, and every answer is seen.

Lenient where it reads: what a server does wrong is for the rule that is about it, not for all the others. A control
ping of the server is answered, unless the rule keeps silent on purpose.
"""

import json
import time
from collections import deque
from typing import Any, TypeAlias

from msgspec import Struct
from websockets.utils import accept_key

from pvws.testing.answer import Answer, NoHttpError, request_text, take_answer
from pvws.testing.frames import Frame, client_frame, is_control, take_frame
from pvws.testing.pipe import Pipe
from pvws.testing.target import Target
from pvws.testing.verdict import BrokenError
from pvws.testing.words import listed, shown, shown_bytes
from pvws.wire.events import EVENT_TYPES
from pvws.wire.frames import Opcode

__all__ = ["ACCEPT", "KEY", "Closed", "Ended", "Item", "Message", "Pinged", "Ponged", "Reply", "Talk"]

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
"""The key of every handshake, the RFC's own (section 1.3): nothing is secret about it, and a failure repeats."""
ACCEPT = accept_key(KEY)
"""What a server makes of it (RFC 6455, section 4.2.2)."""

Reply: TypeAlias = dict[str, Any]
"""A server's message, as the JSON object it is."""


class Message(Struct, frozen=True):
    """A complete data message; `sizes` of the frames it came in, `reserved` bits of the first."""

    opcode: int
    payload: bytes
    sizes: tuple[int, ...]
    reserved: int = 0
    masked: bool = False

    def __str__(self) -> str:
        return f"{'text' if self.opcode == Opcode.TEXT else 'binary'} {shown_bytes(self.payload)}"


class Pinged(Struct, frozen=True):
    """A control ping."""

    payload: bytes

    def __str__(self) -> str:
        return f"a control ping ({shown_bytes(self.payload)})" if self.payload else "a control ping"


class Ponged(Struct, frozen=True):
    """A control pong."""

    payload: bytes

    def __str__(self) -> str:
        return f"a control pong ({shown_bytes(self.payload)})" if self.payload else "an empty control pong"


class Closed(Struct, frozen=True):
    """A close frame; without a code it was empty."""

    code: int | None
    reason: str = ""

    def __str__(self) -> str:
        code = "without a code" if self.code is None else str(self.code)
        return f"close {code}" + (f' "{shown(self.reason)}"' if self.reason else "")


class Ended(Struct, frozen=True):
    """The end of the stream without more."""

    was_reset: bool = False

    def __str__(self) -> str:
        return "a reset connection" if self.was_reset else "the end of the connection"


Item: TypeAlias = Message | Pinged | Ponged | Closed | Ended
"""What can come on a WebSocket."""


class Talk:
    """One connection. `expect` and what is built on it hold the server to something and raise BrokenError.

    Order of calls: HTTP first (`ask`), then `handshake` and its answer, then messages and frames.
    """

    def __init__(self, pipe: Pipe, target: Target) -> None:
        self.pipe = pipe
        self.target = target
        self.expectations = 0
        """How often the server was held to something: a rule that never did so has judged nothing."""
        self.answers_pings = True
        self._said_close = False
        self._sent: list[str] = []
        self._parts: list[Frame] = []
        self._replies: deque[Reply] = deque()

    # Judging

    def expect(self, holds: bool, expected: str, received: object) -> None:
        """Hold the server to something."""
        self.expectations += 1
        if not holds:
            raise self.broken(expected, received)

    def broken(self, expected: str, received: object, *, nothing_came: bool = False) -> BrokenError:
        """The error of a server that didn't keep to what was expected."""
        texts = (listed(self._sent) or "nothing", expected, _words(received))
        return BrokenError(*(self.target.without_secrets(text) for text in texts), nothing_came=nothing_came)

    # HTTP

    def fields(self, **changes: str | None) -> dict[str, str | None]:
        """The headers of a handshake, changed; `_` stands for `-`, and None leaves one out."""
        token = self.target.token
        usual: dict[str, str | None] = {
            "Host": self.target.authority,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": KEY,
            "Sec-WebSocket-Version": "13",
            "Authorization": None if token is None else f"Bearer {token}",
        }
        return usual | {name.replace("_", "-"): value for name, value in changes.items()}

    def request(self, method: str, target: str, fields: dict[str, str | None], body: bytes = b"") -> bytes:
        """Make a request, and remember it as sent: the caller sends its bytes."""
        usual = self.fields()
        special = [f"{name}: {value}" for name, value in fields.items() if usual.get(name) != value and value]
        missing = [f"no {name}" for name, value in fields.items() if value is None and usual.get(name) is not None]
        about = ", ".join([*special, *missing, *([f"a body of {len(body)} bytes"] if body else [])])
        self._sent.append(f"{method} {target}" + (f" ({shown(about)})" if about else ""))
        return request_text(method, target, fields, body)

    async def ask(self, method: str, target: str, body: bytes = b"", **fields: str | None) -> Answer:
        """Send a plain request and read its answer."""
        named = {"Host": self.target.authority, **{name.replace("_", "-"): fields[name] for name in fields}}
        self.pipe.write(self.request(method, target, named, body))
        return await self.answer(method)

    async def handshake(self, target: str | None = None, **changes: str | None) -> Answer:
        """Send a handshake, changed where it is to be wrong, and read its answer."""
        self.pipe.write(self.request("GET", target or self.target.websocket, self.fields(**changes)))
        return await self.answer()

    async def answer(self, method: str = "GET") -> Answer:
        """Read the answer to the next request."""
        found: Answer | None = None

        def whole() -> bool:
            nonlocal found
            found = take_answer(self.pipe.received, method, ended=self.pipe.ended)
            return found is not None

        try:
            came = await self.pipe.until(whole, self.target.patience)
        except NoHttpError:
            raise self.broken("an HTTP answer", shown_bytes(bytes(self.pipe.received))) from None
        if not came or found is None:
            raise self.broken("an HTTP answer", self._silence(), nothing_came=not self.pipe.ended)
        return found

    def opened(self, answer: Answer) -> "Talk":
        """Go on only if the handshake was accepted; that alone keeps no other rule."""
        if answer.status != 101:
            raise self.broken("101 Switching Protocols", answer)
        return self

    # Sending

    def send(self, data: bytes, what: str) -> None:
        """Send bytes as they are."""
        self._sent.append(what)
        self.pipe.write(data)

    def say(self, text: str | bytes, opcode: int = Opcode.TEXT) -> None:
        """Send a message in one frame."""
        data = text.encode() if isinstance(text, str) else text
        what = "text" if opcode == Opcode.TEXT else "binary"
        self.send(client_frame(opcode, data), f"{what} {shown_bytes(data)}")

    def say_at_once(self, texts: list[str]) -> None:
        """Send texts in one write: so they come within a second also on a busy machine."""
        self._sent += [f"text {shown(text)}" for text in texts]
        self.pipe.write(b"".join(client_frame(Opcode.TEXT, text.encode()) for text in texts))

    def say_in_parts(self, parts: list[bytes], between: bytes = b"") -> None:
        """Send a text in a frame for each part, with the same bytes after each but the last."""
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            opcode = Opcode.CONTINUATION if number else Opcode.TEXT
            self.pipe.write(client_frame(opcode, part, final=last) + (b"" if last else between))
        self._sent.append(f"text {shown_bytes(b''.join(parts))} in {len(parts)} frames")

    def ping(self, payload: bytes = b"") -> None:
        """Send a control ping."""
        self.send(client_frame(Opcode.PING, payload), f"a control ping ({shown_bytes(payload)})")

    def say_pong(self, payload: bytes = b"") -> None:
        """Send a control pong, asked for or not."""
        self.send(client_frame(Opcode.PONG, payload), "a control pong")

    def say_close(self, payload: bytes, what: str | None = None) -> None:
        """Send a close frame with this payload."""
        self._said_close = True
        code = int.from_bytes(payload[:2], "big") if len(payload) > 1 else "without a code"
        self.send(client_frame(Opcode.CLOSE, payload), what or f"close {code}")

    # Receiving

    async def next(self, within: float) -> Item | None:
        """The next thing that comes, joined fragments being one; None when nothing does within that many seconds."""
        deadline = time.monotonic() + within
        found: Frame | None = None

        def whole() -> bool:
            nonlocal found
            found = take_frame(self.pipe.received)
            return found is not None

        while await self.pipe.until(whole, max(deadline - time.monotonic(), 0)):
            assert found is not None, "the pipe says that it is there"
            if (item := self._item_of(found)) is not None:
                return item
        return Ended(self.pipe.was_reset) if self.pipe.ended else None

    async def item(self, expected: str, within: float | None = None) -> Item:
        """The next thing that comes. Raises BrokenError when nothing does in time."""
        item = await self.next(self.target.patience if within is None else within)
        if item is None:
            raise self.broken(expected, self._silence(within), nothing_came=not self.pipe.ended)
        return item

    def _item_of(self, frame: Frame) -> Item | None:
        if frame.opcode == Opcode.CLOSE:
            code = int.from_bytes(frame.payload[:2], "big") if frame.payload else None
            return Closed(code, frame.payload[2:].decode(errors="backslashreplace"))
        if frame.opcode == Opcode.PONG:
            return Ponged(frame.payload)
        if frame.opcode == Opcode.PING:
            if not self.answers_pings:
                return Pinged(frame.payload)
            self.pipe.write(client_frame(Opcode.PONG, frame.payload))
            return None
        if is_control(frame.opcode):
            raise self.broken("frames with an opcode that exists", f"opcode {frame.opcode}")
        self._parts.append(frame)
        if not frame.final:
            return None
        parts, self._parts = self._parts, []
        payload = b"".join(part.payload for part in parts)
        sizes = tuple(len(part.payload) for part in parts)
        return Message(parts[0].opcode, payload, sizes, parts[0].reserved, any(part.masked for part in parts))

    async def message(self, expected: str, within: float | None = None) -> Message:
        """The next data message; control pongs are passed over."""
        while True:
            item = await self.item(expected, within)
            if isinstance(item, Message):
                return item
            if not isinstance(item, Ponged):
                raise self.broken(expected, item)

    async def reply(self, expected: str, within: float | None = None) -> Reply:
        """The next message that is no event, as an object; in the upstream profile several may come joined."""
        while True:
            while self._replies:
                reply = self._replies.popleft()
                if reply.get("type") not in EVENT_TYPES and reply.get("type") != "broadcast":
                    return reply
            message = await self.message(expected, within)
            lines = message.payload.split(b"\n") if self.target.profile == "upstream" else [message.payload]
            for line in lines:
                self._replies.append(self._object(line))

    def _object(self, text: bytes) -> Reply:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise self.broken("a message that is one JSON object", shown_bytes(text))
        return value

    async def pong(self, within: float | None = None) -> Reply:
        """Hold the server to a `pong` as its next reply."""
        reply = await self.reply("a pong", within)
        self.expect(reply.get("type") == "pong", "a pong", reply)
        return reply

    async def fence(self) -> Reply:
        """Ping, and hold the server to the pong being what comes next: whatever was sent before has had no answer."""
        self.say('{"type":"ping"}')
        return await self.pong()

    async def error(self, code: str) -> Reply:
        """Hold the server to an `error` of this code as its next reply."""
        expected = f'{{"type":"error","data":{{"code":"{code}",…}},…}}'
        reply = await self.reply(expected)
        data = reply.get("data")
        right = reply.get("type") == "error" and isinstance(data, dict) and data.get("code") == code
        self.expect(right, expected, reply)
        return reply

    async def close(self, *codes: int | None, within: float | None = None) -> Closed:
        """Hold the server to a close frame with one of these codes (None: empty) as what comes next.

        It is answered, unless it is an answer itself: a server may wait for that before it ends the connection.
        """
        wanted = " or ".join("close without a code" if code is None else f"close {code}" for code in codes)
        item = await self.item(wanted, within)
        self.expect(isinstance(item, Closed) and item.code in codes, wanted, item)
        assert isinstance(item, Closed), "the expectation says so"
        if not self._said_close:
            self.pipe.write(client_frame(Opcode.CLOSE, b"" if item.code is None else item.code.to_bytes(2, "big")))
        return item

    async def end(self, within: float | None = None) -> Ended:
        """Hold the server to the end of the connection as what comes next."""
        item = await self.item("the end of the connection", within)
        self.expect(isinstance(item, Ended), "the end of the connection", item)
        assert isinstance(item, Ended), "the expectation says so"
        return item

    async def ended_at(self, within: float) -> float | None:
        """Seconds from the connection's beginning to its end, whatever comes before; None if it doesn't end."""
        if not await self.pipe.until(lambda: self.pipe.ended, within):
            return None
        return self.pipe.ended_at - self.pipe.opened_at

    async def quiet(self, expected: str, seconds: float = 0.2) -> None:
        """Hold the server to sending nothing for a while; only for what no fence can show."""
        came = await self.pipe.until(lambda: bool(self.pipe.received), seconds)
        self.expect(not came and not self._replies, expected, self._so_far())

    def _silence(self, within: float | None = None) -> str:
        if self.pipe.ended:
            return f"{Ended(self.pipe.was_reset)}" + (f" after {self._so_far()}" if self.pipe.received else "")
        return f"nothing within {self.target.patience if within is None else within:.3g} s"

    def _so_far(self) -> str:
        return shown(self._replies[0]) if self._replies else shown_bytes(bytes(self.pipe.received)) or "nothing"


def _words(received: object) -> str:
    return (
        str(received) if isinstance(received, Answer | Message | Pinged | Ponged | Closed | Ended) else shown(received)
    )
