"""Flaws in how a client shakes hands."""

from reference import Client


class NoHandshakeTimeout(Client):
    """Waits for the answer to its handshake for ever."""

    open_timeout = 1e6


class HastyHandshake(Client):
    """Gives a server that is busy no time to answer its handshake."""

    open_timeout = 1.0
