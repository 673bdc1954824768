"""Sockets to listen on: every address of a host, on one port."""

import asyncio
import errno
import os
import socket
import struct
import sys
from collections.abc import Sequence
from typing import cast

from pvws.errors import ReachError
from pvws.limits import SOCKET_SEND_BUFFER_BYTES

__all__ = ["bound_sockets", "bound_to", "can_share_ports", "reset", "share_ports", "unreachable"]

_UNCLEAN = struct.pack("hh" if hasattr(socket, "SO_EXCLUSIVEADDRUSE") else "ii", 1, 0)  # Windows has shorter fields
_PORT_ATTEMPTS = 16  # a port that is free on one address may be taken on the other


_shared = False


def can_share_ports() -> bool:
    """Whether several processes can listen on one port here, among whom the kernel divides those who connect."""
    return hasattr(socket, "SO_REUSEPORT") and sys.platform == "linux"  # others have the option, and divide nothing


def share_ports(*, on: bool = True) -> None:
    """Have this process bind its sockets so that others of the same user, which do so too, can listen on its ports."""
    global _shared
    _shared = on and can_share_ports()


async def bound_sockets(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of a host, all on one port; port 0 is any that is free on all of them.

    They are bound and do not listen yet. Raises ReachError when that can't be.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError, OverflowError) as error:
        raise ReachError(f"{host}:{port}", f"this is no address of this machine ({error})") from None
    addresses = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
    return _bind(host, port, addresses)


def bound_to(addresses: Sequence[tuple[int, tuple[object, ...]]]) -> list[socket.socket]:
    """A socket for each of these addresses and families. They are bound and do not listen. Raises OSError."""
    sockets: list[socket.socket] = []
    try:
        for family, address in addresses:
            sockets.append(_bound(family, address))
    except OSError:
        for each in sockets:
            each.close()
        raise
    return sockets


def reset(transport: asyncio.BaseTransport) -> None:
    """Have a connection end with a reset: with nothing to linger for, the kernel says RST instead of FIN.

    What its transport holds, and what the kernel has not sent yet, is lost.
    """
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _UNCLEAN)
    cast(asyncio.Transport, transport).abort()


def unreachable(host: str, port: int, error: OSError) -> ReachError:
    """The error that says why an address can't be listened on, and what may help."""
    advice = None
    trouble = (error.strerror or str(error)).lower()
    if error.errno == errno.EADDRINUSE:
        trouble = "the port is in use by another program"
        advice = "Choose another one with --port, or --port 0 for any that is free."
    elif error.errno == errno.EACCES:
        trouble = "this user may not listen on that port"
        advice = "Choose one from 1024 on with --port."
    return ReachError(f"{host}:{port}", trouble, advice)


def _bind(host: str, port: int, addresses: Sequence[tuple[int, tuple[object, ...]]]) -> list[socket.socket]:
    """A socket for each address, all on one port. Addresses the machine does not have are passed over."""
    for attempt in range(_PORT_ATTEMPTS):
        sockets: list[socket.socket] = []
        number, trouble = port, None
        for family, address in addresses:
            try:
                sockets.append(_bound(family, (address[0], number, *address[2:])))
            except OSError as error:
                trouble = error
                if error.errno == errno.EADDRNOTAVAIL or error.errno == errno.EAFNOSUPPORT:
                    continue
                break
            number = sockets[-1].getsockname()[1]
        else:
            if sockets:
                return sockets
        for each in sockets:
            each.close()
        assert trouble is not None, "a host has at least one address"
        if port == 0 and trouble.errno == errno.EADDRINUSE and attempt + 1 < _PORT_ATTEMPTS:
            continue
        raise unreachable(host, port, trouble)
    raise AssertionError("the last attempt returns or raises")


def _bound(family: int, address: tuple[object, ...]) -> socket.socket:
    # With the protocol named, or asyncio would not switch Nagle's algorithm off on what it accepts.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if _shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # Accepted sockets inherit it; the kernel is to hold little of a client that does not read.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_SEND_BUFFER_BYTES)
        made.bind(address)
        made.settimeout(0)
    except BaseException:
        made.close()
        raise
    return made
