"""A script without an event loop: python alerts.py [URL] waits for a critical alert, and prints it."""

import json
import sys

from websockets.sync.client import connect


def first_critical_alert(url: str) -> str:
    """The message of the first critical alert from now on."""
    with connect(url) as connection:
        connection.send(json.dumps({"type": "subscribe", "topic": "alerts"}))
        for message in connection:
            alert = json.loads(message)
            if alert["type"].endswith("_alert") and alert["data"]["level"] == "critical":
                return str(alert["data"]["message"])
    raise ConnectionError("the server closed the connection")


if __name__ == "__main__":
    print(first_critical_alert(*sys.argv[1:] or ["ws://localhost:8083/ws"]))
