"""Listening in on the bytes of a client's connections."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, cast

from websockets.asyncio.client import ClientConnection

__all__ = ["Tap", "tapped"]


class Tap(Protocol):
    """Hears every byte of one connection, inside TLS, as it comes and goes."""

    def sent(self, data: bytes) -> None:
        """The client sends bytes."""
        ...

    def received(self, data: bytes) -> None:
        """The server's bytes have come, and are not understood yet."""
        ...

    def ended(self, error: Exception | None) -> None:
        """The connection is gone: by a reset, for example, or in order."""
        ...


def tapped(make: Callable[[], Tap]) -> type[ClientConnection]:
    """What `connect` is to make its connection of, so that a tap of its own listens to each."""

    class Tapped(ClientConnection):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self._tap = make()
            super().connection_made(cast(asyncio.Transport, _Telling(transport, self._tap)))

        def data_received(self, data: bytes) -> None:
            self._tap.received(data)
            super().data_received(data)

        def connection_lost(self, exc: Exception | None) -> None:
            self._tap.ended(exc)
            super().connection_lost(exc)

    return Tapped


class _Telling:
    """A transport that tells a tap what is written to it."""

    def __init__(self, transport: asyncio.BaseTransport, tap: Tap) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._tap = tap

    def write(self, data: bytes) -> None:
        self._tap.sent(bytes(data))
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
