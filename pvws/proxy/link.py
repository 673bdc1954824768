"""A link: the two TCP connections of one conversation, each read only as fast as the other takes it."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from typing import cast

from pvws.proxy.conversation import Conversation, Side
from pvws.proxy.route import Route
from pvws.server.sockets import reset

__all__ = ["End", "Link"]

_log = logging.getLogger("pvws.proxy")

_REACH_S = 10.0  # for TCP and TLS to the server; clients give up after about as long
_ASK_S = 10.0  # for a client to ask something that can be answered with 502
_RESET_S = 1.0  # for what came before a reset to be taken by the other side
_RESET_LOOKS = 20
_DISMISS_S = 5.0  # for a close frame to be answered, as servers of the contract give


class Link:
    """Passes bytes between a client, whose transport `client` gets, and the server of a route.

    What one side can't take is not read from the other: nothing is held here but one read and the transports' own
    64 KiB. An end of one direction is passed on and leaves the other as it is; TLS has no such thing, and there both
    end. A reset is passed on as a reset. `gone` is called when both transports are.
    """

    def __init__(
        self,
        route: Route,
        tls: ssl.SSLContext | None,
        conversation: Conversation,
        unreached: Callable[[str], None],
        gone: Callable[["Link"], None],
    ) -> None:
        self._route = route
        self._tls = tls
        self._conversation = conversation
        self._unreached = unreached
        self._gone = gone
        self._closing = False
        self.address = ""
        """Where the client is, without its port."""
        self.client = End(self, "client")
        self.server = End(self, "server")
        self._reaching: asyncio.Task[None] | None = None
        self._reached = False
        self._waiting = b""
        self._refusal = b""
        self._deadline: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """The client is there: go to the server. What it says meanwhile waits; after its first words it isn't read."""
        self.address = self.client.address
        self._reaching = asyncio.get_running_loop().create_task(self._reach())

    def received(self, end: "End", data: bytes) -> None:
        """One end has sent something."""
        if self._closing:
            return
        if self._refusal:
            self._refuse()
        elif not self._reached:
            self._waiting += data
            self.client.hold(wish=True)
        else:
            self.pass_on(end, data)

    def pass_on(self, end: "End", data: bytes) -> None:
        """Pass on what one end has sent, now that both are there."""
        if end is self.client:
            self.server.write(self._conversation.client_sends(data))
        else:
            self.client.write(data)  # before it is looked at: whoever waits for it comes first
            self._conversation.server_sends(data)

    def ended(self, end: "End") -> bool:
        """One end will send no more; whether it still wants to hear."""
        self._conversation.ends(end.side, "end")
        other = self._other(end)
        if not self._reached:
            return True  # it is told once there is somebody to tell
        if self._closing or not other.end():
            other.close()
            return False
        if other.at_end:  # both directions have ended
            other.close()
            return False
        return True

    def lost(self, end: "End", error: Exception | None) -> None:
        """One end is gone."""
        other = self._other(end)
        if error is not None and not end.at_end:
            self._conversation.ends(end.side, "reset")
        if self._reaching is not None and not self._reached:  # also where that was given up just now
            self._reaching.cancel()
            self.server.never_came()
        if error is not None:
            other.reset()
        else:
            other.close()
        if other.is_gone:
            if self._deadline is not None:
                self._deadline.cancel()
            self._gone(self)

    def full(self, end: "End", *, is_full: bool) -> None:
        """One end takes no more, or takes more again: so the other is read, or not."""
        self._other(end).hold(wish=is_full)

    def close(self, code: int, reason: str, grace: float) -> None:
        """End it: with close frames where the conversation has a place for them, and cut after a grace time."""
        to_client, to_server = self._conversation.goodbye(code, reason)
        self._closing = True
        for end, frame in ((self.client, to_client), (self.server, to_server)):
            end.hold(wish=False)
            end.write(frame)
            if not frame or not end.end():
                end.close()
        self._deadline = asyncio.get_running_loop().call_later(grace, self.abort)

    def dismiss(self, code: int | None, reason: str) -> None:
        """End it, as where the server is restarted: with a close frame, or without a word."""
        if code is None:
            self.abort()
        else:
            self.close(code, reason, _DISMISS_S)

    def abort(self) -> None:
        """Cut both at once."""
        if self._reaching is not None:
            self._reaching.cancel()
        self.client.abort()
        self.server.abort()

    def _other(self, end: "End") -> "End":
        return self.server if end is self.client else self.client

    async def _reach(self) -> None:
        loop, route = asyncio.get_running_loop(), self._route
        try:
            async with asyncio.timeout(_REACH_S):
                await loop.create_connection(
                    lambda: self.server,
                    route.host,
                    route.port,
                    ssl=self._tls,
                    server_hostname=route.host if self._tls is not None else None,
                )
        except (OSError, TimeoutError, ValueError) as error:
            self._give_up(error)
        self._reached = True
        waiting, self._waiting = self._waiting, b""
        if waiting:
            self.received(self.client, waiting)
        if self.client.at_end:
            self.server.end()
        self.client.hold(wish=False)

    def _give_up(self, error: Exception) -> None:
        """There is no server: whatever the client asks is answered so."""
        why = _words(error)
        self._unreached(why)
        text = f"pvws proxy: {self._route.authority}: {why}\n".encode()
        head = f"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(text)}\r\n"
        self._refusal = head.encode() + b"Connection: close\r\n\r\n" + text
        self.server.never_came()
        self._deadline = asyncio.get_running_loop().call_later(_ASK_S, self.abort)

    def _refuse(self) -> None:
        self._closing = True
        self.client.write(self._refusal)
        self.client.close()


class End(asyncio.Protocol):
    """One of the two connections of a link, which is told what happens to it."""

    def __init__(self, link: Link, side: Side) -> None:
        self._link = link
        self.side: Side = side
        self._transport: asyncio.Transport | None = None
        self._held = False
        self._resets_left = 0
        self._ended = False  # our direction
        self.at_end = False
        """Whether it will send no more."""
        self.is_gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        self._transport = cast(asyncio.Transport, transport)
        if self.side == "client":
            self._link.begin()

    def data_received(self, data: bytes) -> None:
        """It has sent bytes."""
        self._link.received(self, data)

    def eof_received(self) -> bool:
        """It will send no more."""
        self.at_end = True
        stays = self._link.ended(self)
        assert self._transport is not None, "it was connected"
        return stays and self._transport.get_extra_info("sslcontext") is None

    def connection_lost(self, exception: Exception | None) -> None:
        """It is gone."""
        self.is_gone = True
        self._link.lost(self, exception)

    def pause_writing(self) -> None:
        """It takes no more."""
        self._link.full(self, is_full=True)

    def resume_writing(self) -> None:
        """It has taken everything."""
        self._link.full(self, is_full=False)

    @property
    def address(self) -> str:
        """Who is at its other end, without the port."""
        name = None if self._transport is None else self._transport.get_extra_info("peername")
        return str(name[0]) if name else "unknown"

    def write(self, data: bytes) -> None:
        """Send bytes; nothing, once our direction has ended, or it is going or gone."""
        if data and not self._ended and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def hold(self, *, wish: bool) -> None:
        """Read no more for now, or read on."""
        if self._transport is None or self._transport.is_closing() or wish == self._held:
            return
        self._held = wish
        if wish:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def end(self) -> bool:
        """Send the end of our direction, if this kind of connection has one."""
        if self._transport is None or self._transport.is_closing() or not self._transport.can_write_eof():
            return False
        try:
            self._transport.write_eof()
        except OSError:  # it was reset just now, and its loss will be told
            return False
        self._ended = True
        return True

    def close(self) -> None:
        """Close it behind what was written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Cut it at once."""
        if self._transport is not None:
            self._transport.abort()

    def never_came(self) -> None:
        """It was not reached."""
        self.is_gone = True

    def reset(self) -> None:
        """Cut it with a reset, once it has taken what was written, or after a moment."""
        if self._transport is None:
            return
        self._resets_left = _RESET_LOOKS
        self._try_reset()

    def _try_reset(self) -> None:
        transport = self._transport
        assert transport is not None, "only what is connected is reset"
        if self.is_gone:
            return
        if transport.get_write_buffer_size() and self._resets_left:
            self._resets_left -= 1
            asyncio.get_running_loop().call_later(_RESET_S / _RESET_LOOKS, self._try_reset)
            return
        reset(transport)


def _words(error: Exception) -> str:
    match error:
        case ssl.SSLError():
            reason = getattr(error, "verify_message", None) or getattr(error, "reason", None) or "handshake failed"
            return f"no TLS connection: {reason}"
        case TimeoutError():
            return f"no answer within {_REACH_S:g} s"
        case OSError():
            return (error.strerror or str(error)).lower()
        case _:
            return str(error)
