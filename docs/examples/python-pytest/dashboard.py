"""A dashboard of a PeerVault network: what it shows, and the client that keeps it up to date."""

import asyncio
import json
import random
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

TOPICS = ("file_operations", "peer_network", "alerts")


class Dashboard:
    """What is known of the network, from the events alone."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}  # key → size
        self.peers: dict[str, bool] = {}  # id → whether it is connected
        self.alerts: list[str] = []
        self._changed = asyncio.Event()

    def take(self, text: str) -> None:
        """A message has come. What is not understood changes nothing: a newer server may send more."""
        try:
            message = json.loads(text)
            kind, data = message["type"], message["data"]
            match kind:
                case "file_uploaded" | "file_updated":
                    self.files[data["key"]] = data["size"]
                case "file_deleted":
                    self.files.pop(data["key"], None)
                case "peer_connected" | "peer_disconnected":
                    self.peers[data["id"]] = kind == "peer_connected"
                case "storage_alert" | "network_alert" | "performance_alert" | "security_alert":
                    self.alerts.append(f"{data['level']}: {data['message']}")
        except (ValueError, KeyError, TypeError):
            return
        self._changed.set()

    async def until(self, condition: Callable[["Dashboard"], bool]) -> None:
        """Return when something is so."""
        while not condition(self):
            self._changed.clear()
            await self._changed.wait()


async def follow(url: str, dashboard: Dashboard, *, retry_first_s: float = 0.5, retry_most_s: float = 30.0) -> None:
    """Keep a dashboard up to date, for ever: when the connection is lost it is made again.

    Waits between tries grow, half of each by chance, so that a server that comes back is not met by everybody at once.
    """
    wait_s = retry_first_s
    while True:
        asked_s = 0.0
        try:
            async with connect(url) as connection:
                wait_s = retry_first_s
                await _listen(connection, dashboard)
        except InvalidStatus as error:
            if error.response.status_code in (401, 403):
                raise  # the same again would be no better
            asked_s = _seconds(error.response.headers.get("Retry-After"))
        except (OSError, InvalidHandshake, ConnectionClosed):
            pass
        await asyncio.sleep(max(asked_s, wait_s / 2 + random.random() * wait_s / 2))
        wait_s = min(wait_s * 2, retry_most_s)


async def _listen(connection: ClientConnection, dashboard: Dashboard) -> None:
    for topic in TOPICS:
        await connection.send(json.dumps({"type": "subscribe", "topic": topic}))
    async for message in connection:
        # The real server joins messages with newlines when it is busy.
        for text in str(message).split("\n"):
            dashboard.take(text)


def _seconds(header: str | None) -> float:
    return float(header) if header and header.isdecimal() else 0.0
