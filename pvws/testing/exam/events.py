"""What cases send to clients, whichever topic these have subscribed to: steps of the timeline, as YAML. Pure."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

__all__ = ["SAMPLES", "Event", "befalls", "binary", "every_type", "raw", "stream", "told"]

Event: TypeAlias = dict[str, Any]
"""A message of the API, as its JSON is read."""

_WHEN = "2024-01-01T00:00:00.000Z"
_ID = "c0ffee" * 10 + "c0de"

SAMPLES: Mapping[str, Event] = {
    "file_operations": {
        "type": "file_uploaded",
        "topic": "file_operations",
        "data": {"key": _ID, "size": 1024, "node": _ID, "timestamp": _WHEN},
        "timestamp": _WHEN,
    },
    "peer_network": {
        "type": "peer_connected",
        "topic": "peer_network",
        "data": {"id": _ID, "address": "192.0.2.7", "port": 8080, "capabilities": ["storage"], "timestamp": _WHEN},
        "timestamp": _WHEN,
    },
    "system": {
        "type": "system_metrics",
        "topic": "system",
        "data": {
            "storage": {"totalSpace": 1073741824, "usedSpace": 536870912, "availableSpace": 536870912},
            "network": {"activeConnections": 5, "totalBytesTransferred": 1048576},
            "performance": {"averageResponseTime": 0.1, "requestsPerSecond": 10.5},
        },
        "timestamp": _WHEN,
    },
    "alerts": {
        "type": "performance_alert",
        "topic": "alerts",
        "data": {
            "level": "warning",
            "message": "High memory usage detected",
            "metric": "memory_usage",
            "value": 85.5,
            "threshold": 80,
            "timestamp": _WHEN,
        },
        "timestamp": _WHEN,
    },
}
"""An event of each topic, as the documentation shows one."""


def told(at: str, change: Callable[[Event], object] = lambda event: event) -> str:
    """An event of each topic to its subscribers. `change` gives what is sent instead: a text, or what is to be JSON."""
    steps = ""
    for topic, event in SAMPLES.items():
        changed = change(json.loads(json.dumps(event)))
        steps += raw(at, changed if isinstance(changed, str) else json.dumps(changed), topic)
    return steps


def raw(at: str, text: str, *topics: str, keys: str = "") -> str:
    """A text, as it stands, to the subscribers of some topics; of all, if none are named."""
    quoted = json.dumps(text, ensure_ascii=False)  # which is YAML, too
    return f"  - {{at: {at}, do: emit, raw: {quoted}, topics: [{', '.join(topics or SAMPLES)}]{keys}}}\n"


def binary(at: str, message: bytes, *topics: str) -> str:
    """Bytes, as a binary message."""
    encoded = base64.b64encode(message).decode()
    return f"  - {{at: {at}, do: emit, base64: {encoded}, topics: [{', '.join(topics or SAMPLES)}]}}\n"


def every_type(at: str) -> str:
    """An event of each of the API's types, to the subscribers of its topic."""
    from pvws.wire.events import EVENT_TYPES

    return "".join(f"  - {{at: {at}, do: emit, type: {kind}}}\n" for kind in EVENT_TYPES)


def stream(start: str, every: str, times: int) -> str:
    """Many events of each topic, at a rate."""
    kinds = (event["type"] for event in SAMPLES.values())
    return "".join(f"  - {{every: {every}, from: {start}, times: {times}, do: emit, type: {kind}}}\n" for kind in kinds)


def befalls(steps: str) -> str:
    """A script in which something befalls the client at 200 ms, an event as ever comes behind it, and then nothing: it
    is to go on. Pings ask it for a sign of life, and at last a close frame does, so much later that a machine that is
    busy changes nothing.
    """
    return (
        "duration: 3s\n"
        "timeline:\n"
        "  - {at: 200ms, do: mark, name: the message}\n"
        f"{steps}"
        f"{told('300ms')}"
        "  - {at: 1800ms, do: mark, name: the end}\n"
        "  - {at: 2700ms, do: disconnect, code: 1001}\n"
        "expect:\n"
        "  - {client: goes_on, after: the message, within: 1500ms}\n"
    )
