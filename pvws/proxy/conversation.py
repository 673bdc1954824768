"""A client and a server that talk through us, without I/O: bytes in, bytes out, and what was seen of them."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeAlias

from websockets.exceptions import InvalidHeader
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.headers import parse_extension

from pvws.proxy.exchange import Answer, Requests, Responses
from pvws.proxy.frame_tap import FrameTap, Seen
from pvws.proxy.route import Route
from pvws.wire.frames import close_frame

__all__ = ["EARLY_BYTES_MAX", "Conversation", "Side", "Witness"]

EARLY_BYTES_MAX = 1_048_576
"""That a client may send behind its handshake before the answer; more passes, but is not seen."""

Side: TypeAlias = Literal["client", "server"]
"""Who sends."""


class Witness(Protocol):
    """Sees one handshake, and the WebSocket that came of it."""

    def saw(self, side: Side, seen: Seen) -> None:
        """A side has sent something."""
        ...

    def missed(self, side: Side | None, why: str) -> None:
        """From here on what a side sends, or both, passes unseen."""
        ...

    def ended(self, side: Side, how: Literal["end", "reset"]) -> None:
        """A side's stream has ended, in order or abruptly."""
        ...

    def noted(self, what: str, lost: int) -> None:
        """A fault did something to the client, by which so many messages never came to it."""
        ...


class Conversation:
    """Everything passes as it comes, but that the heads of requests lead to the route's server.

    Order of calls: `client_sends` and `server_sends` as bytes come, `ends` as the streams end. `open` makes the
    witness of a handshake, refused ones included, once it is answered.
    """

    def __init__(self, route: Route, open: Callable[[Answer], Witness]) -> None:  # noqa: A002 - the event's name
        self._requests = Requests(route)
        self._responses = Responses()
        self._open = open
        self._witness: Witness | None = None
        self._taps: dict[Side, FrameTap] | None = None
        self._unseen: set[Side] = set()
        self._too_early = False

    @property
    def is_websocket(self) -> bool:
        """Whether the handshake is done."""
        return self._taps is not None

    def client_sends(self, data: bytes) -> bytes:
        """Bytes have come from the client: those that go to the server."""
        if self._taps is not None:
            self._look("client", data)
            return data
        data = self._requests.feed(data)
        if len(self._requests.early) > EARLY_BYTES_MAX:
            self._requests.early.clear()
            self._too_early = True
        while self._requests.heads:
            self._responses.expect(self._requests.heads.popleft())
        return data

    def server_sends(self, data: bytes) -> bytes:
        """Bytes have come from the server: those that go to the client, which are the same."""
        if self._taps is not None:
            self._look("server", data)
        else:
            self._responses.feed(data)
            self._read_answers()
        return data

    def ends(self, side: Side, how: Literal["end", "reset"]) -> None:
        """A side will send no more."""
        if self._witness is not None:
            self._witness.ended(side, how)

    def refused(self, answer: Answer) -> None:
        """A handshake was answered here, and never came to the server."""
        self._open(answer)

    def note(self, what: str, lost: int) -> None:
        """A fault did something to the client, by which so many messages never came to it."""
        if self._witness is not None:
            self._witness.noted(what, lost)

    def goodbye(self, code: int, reason: str) -> tuple[bytes, bytes]:
        """Close frames for the client and for the server, where there is a place for them; nothing passes behind."""
        if self._taps is None:
            return b"", b""
        frame = close_frame(code, reason)
        to_client = frame if "server" not in self._unseen and self._taps["server"].between_frames else b""
        to_server = _masked(frame) if "client" not in self._unseen and self._taps["client"].between_frames else b""
        return to_client, to_server

    def _read_answers(self) -> None:
        while self._responses.heads:
            answer = self._responses.heads.popleft()
            if not answer.wish.is_upgrade:
                continue
            witness = self._open(answer)
            if answer.status == 101:
                self._witness = witness
                self._begin_frames(answer)
            elif answer.status >= 200:
                self._requests.go_on()

    def _begin_frames(self, answer: Answer) -> None:
        assert self._witness is not None, "somebody looks on"
        extensions = _extensions(answer.headers)
        if extensions is None:
            self._unseen = {"client", "server"}
            self._witness.missed(None, "an extension that is not known here was agreed on")
        elif self._too_early:
            self._unseen = {"client"}
            self._witness.missed("client", f"more than {EARLY_BYTES_MAX:,} bytes before the handshake was answered")
        to_server, to_client = extensions or ((), ())
        self._taps = {
            "client": FrameTap(masked=True, extensions=to_server),
            "server": FrameTap(masked=False, extensions=to_client),
        }
        early, rest = bytes(self._requests.early), self._responses.switched or b""
        self._requests.early.clear()
        if early:
            self._look("client", early)
        if rest:
            self._look("server", rest)

    def _look(self, side: Side, data: bytes) -> None:
        assert self._witness is not None, "somebody looks on"
        assert self._taps is not None, "there are frames"
        if side in self._unseen:
            return
        for seen in self._taps[side].feed(data):
            self._witness.saw(side, seen)


def _extensions(headers: Sequence[tuple[str, str]]) -> tuple[list[Extension], list[Extension]] | None:
    """What decodes what clients send and what servers send; None where that was agreed on which we don't know."""
    to_server, to_client = list[Extension](), list[Extension]()
    for value in (value for name, value in headers if name == "sec-websocket-extensions"):
        try:
            agreed = parse_extension(value)
        except InvalidHeader:
            return None
        for name, parameters in agreed:
            if name != "permessage-deflate":
                return None
            given = {parameter for parameter, _ in parameters}
            # The largest window reads what any smaller one has written.
            to_server.append(PerMessageDeflate("client_no_context_takeover" in given, False, 15, 15))  # noqa: FBT003
            to_client.append(PerMessageDeflate("server_no_context_takeover" in given, False, 15, 15))  # noqa: FBT003
    return to_server, to_client


def _masked(frame: bytes) -> bytes:
    """A small frame as a client sends it; the key may be any (RFC 6455, section 5.3), so here it is 0."""
    return bytes((frame[0], frame[1] | 0x80)) + bytes(4) + frame[2:]
