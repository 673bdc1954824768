"""A client without an event loop, as tests of the fixture need it: it blocks until it has read something."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from pvws.testing import PvwsServer


@contextmanager
def subscribed(server: PvwsServer, *topics: str, name: str = "") -> Iterator[ClientConnection]:
    """A client that has subscribed to some topics, which the server knows."""
    after = server.latest
    with connect(f"{server.url}?client={name}" if name else server.url) as client:
        for topic in topics:
            client.send(json.dumps({"type": "subscribe", "topic": topic, "data": topic}))
        if topics:
            server.wait_for_subscription(count=len(topics), after=after)
        yield client


def read(client: ClientConnection) -> Any:
    """The next message, within five seconds."""
    return json.loads(client.recv(5))


def read_until(client: ClientConnection, kind: str) -> Any:
    """The next message of a type."""
    while (message := read(client))["type"] != kind:
        pass
    return message


def caught_up(client: ClientConnection) -> list[Any]:
    """All that has come by now: a pong comes behind whatever was sent before."""
    client.send('{"type":"ping"}')
    messages = []
    while (message := read(client))["type"] != "pong":
        messages.append(message)
    return messages
