"""One opening handshake, as the client wants it of websockets."""

import logging
import ssl

from websockets.asyncio.client import ClientConnection, connect

from pvws.client.authentication import Presented

__all__ = ["ANSWER_TIMEOUT_S", "open_connection"]

ANSWER_TIMEOUT_S = 10.0
"""For TCP, TLS and the handshake's answer; the server on this machine needs milliseconds."""

_RECEIVED_BYTES_MAX = 16 * 1_048_576  # the real server joins up to 256 queued events; ours are below 64 KiB each
_QUEUE_FRAMES_MAX = 256  # keeps a loop of 200,000 messages/s busy; past it the socket is not read
_CLOSE_TIMEOUT_S = 2.0  # for the answer to our close frame; a person waits for it, after Ctrl-C

# A handler of its own that does nothing: with none at all, logging would write websockets' tracebacks to stderr.
_logger = logging.getLogger("pvws.client.websockets")
_logger.addHandler(logging.NullHandler())
_logger.setLevel(logging.INFO)  # at DEBUG it would write handshakes, and with them tokens, into the user's log


class _Connect(connect):
    """Follows no redirect, as browsers don't: a token in the `auth` message would go to whoever is pointed to."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def open_connection(
    presented: Presented,
    *,
    timeout_s: float,
    compression: bool,
    tls: ssl.SSLContext | None,
    connection_type: type[ClientConnection] = ClientConnection,
) -> ClientConnection:
    """A connection whose handshake is done; `tls` is for a wss:// URL, and has to be given there.

    Raises what `pvws.client.trouble` has words for: OSError, ValueError, WebSocketException.
    """
    return await _Connect(
        presented.url,
        additional_headers=presented.headers,
        proxy=None,
        ssl=tls,
        open_timeout=timeout_s,
        compression="deflate" if compression else None,
        ping_interval=None,  # the heartbeat is our own
        close_timeout=_CLOSE_TIMEOUT_S,
        max_size=_RECEIVED_BYTES_MAX,
        max_queue=_QUEUE_FRAMES_MAX,
        logger=_logger,
        create_connection=connection_type,
    )
