"""A link with faults on it: what networks and servers do to a client in real life, done on the way to a real server."""

import asyncio
import re
import ssl
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qsl

from pvws.proxy.conversation import Conversation
from pvws.proxy.exchange import Answer, Requests, Responses, Wish
from pvws.proxy.link import End, Link
from pvws.proxy.outflow import Outflow
from pvws.proxy.penalty import Penalty
from pvws.proxy.plane import Plane
from pvws.proxy.route import Route
from pvws.proxy.sieve import Sieve
from pvws.scenario.faults.chain import Chain
from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.refusal import Refusal
from pvws.timestamp import Timestamp
from pvws.wire.codec import encode_server_message
from pvws.wire.frames import close_frame, text_frame
from pvws.wire.messages import ErrorCode, ErrorMessage

__all__ = ["FaultyLink", "LinkFaults"]

_EXTENSIONS = re.compile(rb"^sec-websocket-extensions[ \t]*:[^\r\n]*\r?\n", re.IGNORECASE | re.MULTILINE)
_GRACE_S = 5.0  # for a close frame to be answered, as servers of the contract give
_EARLY_BYTES_MAX = 65_536  # that wait here until a handshake is answered
_OUTFLOW_BYTES_MAX = 65_536  # that wait here for a client on a narrow line; as much as a transport holds
_AWAY = 1001  # RFC 6455, section 7.4.1: what a server is told of a client that a fault has closed
_POLICY_VIOLATION = 1008


class FaultyLink(Link):
    """Passes bytes as a `Link` does, but through the faults of a plane.

    Nothing is compressed: the client's offer to is kept from the server, so that every message can be looked at. The
    conversation sees what the client sent and what the client got.
    """

    def __init__(
        self,
        route: Route,
        tls: ssl.SSLContext | None,
        conversation: Conversation,
        unreached: Callable[[str], None],
        gone: Callable[["Link"], None],
        plane: Plane,
    ) -> None:
        super().__init__(route, tls, conversation, unreached, gone)
        self.number = 0
        """The how manieth handshake of the proxy it was."""
        self.name = ""
        """What the client calls itself: `?client=`."""
        self._plane = plane
        self._loop = asyncio.get_running_loop()
        self._requests = Requests(route)  # looked at here, before they go on
        self._responses = Responses()
        self._wish: Wish | None = None  # the handshake that is not answered yet
        self._head = b""
        self._knocking = False
        self._early = b""
        self._sieve: Sieve | None = None
        self._penalty = Penalty(self._remind)
        self._told: Callable[[], object] | None = None
        self._mutes = 0
        self._out = Outflow(plane.now, self._write, self._drained)
        self._full: set[str] = set()
        self._silent = False  # half-closed: nothing goes to the client
        self._server_ended = False
        self._parting = False  # the client was sent a close frame by a fault
        self._later: list[Callable[[], None]] = []
        self._behind: list[Callable[[], None]] = []
        self._timer: asyncio.TimerHandle | None = None

    # What passes

    def received(self, end: End, data: bytes) -> None:
        """One end has sent something."""
        if self._closing and end is self.client and self._sieve is not None:
            self._conversation.client_sends(data)  # its answer to a close frame of ours
        super().received(end, data)

    def pass_on(self, end: End, data: bytes) -> None:
        """Pass on what one end has sent."""
        if end is self.client:
            self._from_client(data)
        else:
            self._from_server(data)

    def _from_client(self, data: bytes) -> None:
        if self._sieve is not None:
            self._frames_from_client(data)
        elif self._wish is not None:
            self._early += data
            if len(self._early) > _EARLY_BYTES_MAX:
                self.client.hold(wish=True)
        else:
            self._requests.feed(data)
            if not self._requests.awaiting:
                self._expect()
                self.server.write(self._conversation.client_sends(data))
                return
            self._wish = self._requests.heads[-1]
            self._early = bytes(self._requests.early)
            self._head = data[: len(data) - len(self._early)]
            self._knocking = True
            self.name = _name(self._wish)
            self.number = self._plane.knock(self, self.name)

    def _expect(self) -> None:
        while self._requests.heads:
            self._responses.expect(self._requests.heads.popleft())

    def answered(self, refusal: Refusal | None) -> None:
        """The plane has decided about the handshake: it is refused, or goes on to the server."""
        wish = self._wish
        if not self._knocking or wish is None or self._closing:
            return
        self._knocking = False
        if refusal is not None:
            self._answer(wish, refusal)
            return
        self._expect()
        head = self._conversation.client_sends(self._head)
        self.server.write(_EXTENSIONS.sub(b"", head, count=1))

    def _answer(self, wish: Wish, refusal: Refusal) -> None:
        text = refusal.text.encode()
        try:
            phrase = HTTPStatus(refusal.status).phrase
        except ValueError:
            phrase = ""
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
        headers += [*refusal.headers, ("Connection", "close")]
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.client.write(f"HTTP/1.1 {refusal.status} {phrase}\r\n{lines}\r\n".encode("latin-1") + text)
        shown = [(name.lower(), value) for name, value in headers]
        self._conversation.refused(Answer(wish, refusal.status, shown))
        self._part_from_server(b"")
        self.client.close()

    def _from_server(self, data: bytes) -> None:
        if self._sieve is not None:
            self._frames_from_server(self._sieve, data)
            return
        self._responses.feed(data)
        frames = self._responses.switched or b""
        head = data[: len(data) - len(frames)]
        self.client.write(head)
        self._conversation.server_sends(head)
        if self._responses.switched is not None:
            self._open(frames)
        elif self._wish is not None and not self._knocking and not self._waits_for_answer():
            early, self._early, self._wish = self._early, b"", None
            self._requests.go_on()
            if early:
                self._from_client(early)

    def _waits_for_answer(self) -> bool:
        """Whether the answer to the handshake is not there; its head tells what became of it."""
        while self._responses.heads:
            answer = self._responses.heads.popleft()
            if answer.wish is self._wish and answer.status >= 200:
                return False
        return True

    def _open(self, frames: bytes) -> None:
        """The server has agreed: from here on there are frames."""
        self._wish = None
        self._sieve = Sieve()
        self._plane.connected(self)
        early, self._early = self._early, b""
        self._hold()
        if frames:
            self._frames_from_server(self._sieve, frames)
        if early:
            self._frames_from_client(early)

    def _frames_from_server(self, sieve: Sieve, data: bytes) -> None:
        for out in sieve.feed(data, self._plane.now()):
            self._to_client(out)
            if self._closing or self._silent:
                break

    def _frames_from_client(self, data: bytes) -> None:
        self._conversation.client_sends(data)  # it did send that, whatever becomes of it
        self.server.write(self._penalty.feed(data, self._loop.time()))

    def _remind(self, left: int) -> None:
        self._say(ErrorCode.RATE_LIMIT_EXCEEDED, None, retry_after=left)
        if self._told is not None:
            self._told()

    def _to_client(self, data: bytes) -> None:
        """Write to the client, unless it is stalled or half-closed; and do what was to be done behind that."""
        if data and not self._silent:
            self._out.put(data)
            self._hold()
        if self._behind:
            acts, self._behind = self._behind, []
            for act in acts:
                act()
        self._wake()
        self._end_if_drained()

    def _write(self, data: bytes) -> None:
        self.client.write(data)
        self._conversation.server_sends(data)

    def _drained(self) -> None:
        """All that waited for the client has left."""
        self._hold()
        later, self._later = self._later, []
        for act in later:
            act()
        self._end_if_drained()

    def _wake(self) -> None:
        due = None if self._sieve is None else self._sieve.due()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None:
            self._timer = self._loop.call_later(max(0, due - self._plane.now()) / 1_000_000, self._release)

    def _release(self) -> None:
        self._timer = None
        if self._sieve is not None:
            self._to_client(self._sieve.release(max(self._plane.now(), self._sieve.due() or 0)))

    # How it ends

    def ended(self, end: End) -> bool:
        """One end will send no more; whether it still wants to hear."""
        if end is self.server and self._parting:
            return False  # the client may still answer
        if end is self.server and self._sieve is not None and not self._closing and self._waits:
            self._server_ended = True  # what faults hold still comes before it
            return True
        return super().ended(end)

    @property
    def _waits(self) -> bool:
        """Whether faults hold something that the client will get."""
        return self._out.size > 0 or (self._sieve is not None and self._sieve.holds)

    def _end_if_drained(self) -> None:
        if self._server_ended and not self._waits:
            self._server_ended = False
            if not super().ended(self.server):
                self.server.close()

    def close(self, code: int, reason: str, grace: float) -> None:
        """End it: with close frames where there is a place for them, unless a fault has ended it already."""
        if self._closing or self._silent:
            self.abort()
        else:
            super().close(code, reason, grace)

    def lost(self, end: End, error: Exception | None) -> None:
        """One end is gone."""
        if self._knocking:
            self._plane.left(self)
        if self._timer is not None:
            self._timer.cancel()
        if end is self.client:
            self._out.end()
            self._plane.disconnected(self)
        if end is self.client or self.client.is_gone or not self._parting:
            super().lost(end, error)

    def full(self, end: End, *, is_full: bool) -> None:
        """One end takes no more, or takes more again: so the other is read, or not."""
        (self._full.add if is_full else self._full.discard)(end.side)
        self._hold()

    def _hold(self) -> None:
        stalled = self._out.stalls > 0
        self.client.hold(wish="server" in self._full or stalled)
        self.server.hold(wish="client" in self._full or stalled or self._out.size > _OUTFLOW_BYTES_MAX)

    # What faults do (`Caught`)

    @property
    def chain(self) -> Chain:
        """The faults on the way of its messages."""
        assert self._sieve is not None, "it is open"
        return self._sieve.chain

    def release(self, fault: str) -> None:
        """A fault of its messages has ended: what it held goes on."""
        self._out.release(fault)
        if self._sieve is not None and fault in self._sieve.chain.names:
            self._to_client(self._sieve.remove(fault, self._plane.now()))

    def afterwards(self, act: Callable[[], None]) -> None:
        """Have something done behind the message that is on its way just now."""
        self._behind.append(act)
        if self._sieve is not None:
            self._sieve.pause = True

    def noted(self, what: str, lost: int) -> None:
        """A fault did something: whoever looks on is told."""
        self._conversation.note(what, lost)

    def stall(self) -> Callable[[], None]:
        """Neither read nor write from now on."""
        self._out.stall()
        self._hold()
        return _once(self._out.unstall)

    def throttle(self, fault: str, rate: int, did: Did) -> None:
        """Let so many bytes a second pass to the client, as long as a fault lasts."""
        self._out.throttle(fault, rate, did)

    def mute(self) -> Callable[[], None]:
        """Keep the server's control pongs from the client."""
        self._mutes += 1
        self._set_mute()
        return _once(self._unmute)

    def _unmute(self) -> None:
        self._mutes -= 1
        self._set_mute()

    def _set_mute(self) -> None:
        if self._sieve is not None:
            self._sieve.muted = self._mutes > 0

    def part(self, code: int | None, reason: str = "") -> None:
        """Close the client's side with any code, behind all that was held, and tell the server that it went away."""
        if self._sieve is not None and not self._closing and not self._silent:
            self._to_client(self._sieve.flush(self._plane.now()) + close_frame(code, reason))
            self._when_free(self._end_client)

    def _end_client(self) -> None:
        self._parting = True
        _, to_server = self._conversation.goodbye(_AWAY, "")
        self._part_from_server(to_server)
        if not self.client.end():
            self.client.close()
        self._deadline = self._loop.call_later(_GRACE_S, self.abort)

    def reset(self) -> None:
        """Reset the client's connection."""
        self._conversation.ends("server", "reset")
        self._part_from_server(b"")
        self.client.reset()

    def dismiss(self, code: int | None, reason: str) -> None:
        """End it, as where the server is restarted: with a close frame, or without a word."""
        if code is not None and self._sieve is not None and not self._silent:
            self.part(code, reason)
        elif code is None:
            self.abort()
        else:
            self._part_from_server(b"")
            self.client.close()

    def half_close(self) -> None:
        """End the stream to the client, and go on passing what it sends."""
        if self._sieve is not None and not self._closing and not self._silent:
            self._to_client(self._sieve.flush(self._plane.now()))
            self._when_free(self._shut)

    def _shut(self) -> None:
        self._silent = True
        self._conversation.ends("server", "end")
        if not self.client.end():
            self.client.close()

    def revoke(self) -> None:
        """Tell the client that its token is good no more, and close it."""
        self._say(ErrorCode.AUTH_FAILED, "the token was revoked")
        self.part(_POLICY_VIOLATION, "authentication failed")

    def penalise(self, seconds: float, told: Callable[[], object]) -> Callable[[], None]:
        """Keep its messages from the server for so many seconds."""
        self._penalty.begin(self._loop.time(), seconds)
        self._told = told
        return _once(self._penalty.end)

    def _say(self, code: ErrorCode, detail: str | None, retry_after: int | None = None) -> None:
        """A message of the API from us, as the server would have sent it."""
        error = ErrorMessage.of(code, detail, Timestamp(time.time_ns() // 1000), retry_after=retry_after)
        if self._sieve is not None and self._sieve.between_messages:
            self._to_client(text_frame(encode_server_message(error)))

    def _when_free(self, act: Callable[[], None]) -> None:
        """Do something behind all that waits for the client."""
        if self._out.size:
            self._later.append(act)
        else:
            act()

    def _part_from_server(self, farewell: bytes) -> None:
        """From here on nothing passes."""
        self._closing = True
        self.server.hold(wish=False)
        self.client.hold(wish=False)
        self.server.write(farewell)
        if not farewell or not self.server.end():
            self.server.close()


class LinkFaults(Plane):
    """The faults of a proxy, and the links on which they act."""

    def link(
        self,
        route: Route,
        tls: ssl.SSLContext | None,
        conversation: Conversation,
        unreached: Callable[[str], None],
        gone: Callable[[Link], None],
    ) -> Link:
        """A link for one more client."""
        return FaultyLink(route, tls, conversation, unreached, gone, self)


def _name(wish: Wish) -> str:
    """What a client calls itself."""
    query = wish.target.partition("?")[2]
    return next((value for name, value in parse_qsl(query) if name == "client"), "")


def _once(act: Callable[[], None]) -> Callable[[], None]:
    left = [act]
    return lambda: left.pop()() if left else None
