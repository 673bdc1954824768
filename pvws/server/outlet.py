"""The way out of a connection: bytes go straight to the kernel, and through its transport where that takes no more."""

import asyncio
import os
from collections.abc import Callable

__all__ = ["direct_write"]


def direct_write(transport: asyncio.WriteTransport) -> Callable[[bytes], None]:
    """A function that writes in the place of the transport's own, at half the cost of a small write.

    It gives bytes to the socket's descriptor, and to the transport only those that the kernel does not take: that one
    waits, pauses its protocol, and sees what is wrong with a connection. So it must not be called while the transport
    holds something, nor once the transport has called `connection_lost`: only after that does it close its descriptor,
    which may then be anybody's. With TLS, and where descriptors are no files, it is the
    transport's own.
    """
    if os.name != "posix" or transport.get_extra_info("sslcontext") is not None:
        return transport.write
    descriptor: int = transport.get_extra_info("socket").fileno()
    to_kernel, to_transport = os.write, transport.write

    def write(data: bytes) -> None:
        try:
            taken = to_kernel(descriptor, data)
        except OSError:  # it takes nothing now, or never again: the transport knows what to do in either case
            taken = 0
        if taken < len(data):
            to_transport(memoryview(data)[taken:])

    return write
