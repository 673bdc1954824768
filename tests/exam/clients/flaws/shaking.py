"""Flaws in how a client shakes hands."""

import json

from reference import TOPICS, Client
from rfc6455 import WebSocket


class NoHandshakeTimeout(Client):
    """Waits for the answer to its handshake for ever."""

    open_timeout = 1e6


class HastyHandshake(Client):
    """Gives a server that is busy no time to answer its handshake."""

    open_timeout = 1.0


class _Hasty(WebSocket):
    def _after_request(self) -> None:
        self.send(json.dumps({"type": "subscribe", "topic": TOPICS[0], "data": TOPICS[0]}))


class SpeaksBeforeItIsAsked(Client):
    """Sends its first message behind its handshake without waiting for the answer (RFC 6455, section 4.1)."""

    socket_type = _Hasty
