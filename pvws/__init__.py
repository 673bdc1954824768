"""pvws: a test-bed for clients of the PeerVault WebSocket API.

`connect` and `connect_sync` are the client as a library: see docs/python-client.md. Names are imported when they are
first asked for, so that `import pvws` costs nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pvws.client.changes import Change, Dropped, Refused, State
    from pvws.client.connection import Connection, Options, connect
    from pvws.client.errors import AuthenticationError, BufferFullError, ClosedError, LostError
    from pvws.client.events import Event, Unknown
    from pvws.client.happenings import Connected, Disconnected, Gap, Unreached
    from pvws.client.sync import SyncConnection, connect_sync
    from pvws.errors import InputError, MessageError, PvwsError, ReachError
    from pvws.timestamp import Timestamp
    from pvws.wire.events import (
        FileDeleted,
        FileReplicated,
        FileUpdated,
        FileUploaded,
        NetworkAlert,
        NetworkMetrics,
        NetworkTopologyChanged,
        Payload,
        PeerConnected,
        PeerDisconnected,
        PeerHealthChanged,
        PerformanceAlert,
        PerformanceMetrics,
        SecurityAlert,
        StorageAlert,
        StorageMetrics,
        SystemMetrics,
    )
    from pvws.wire.messages import ErrorCode, ErrorMessage
    from pvws.wire.topics import TOPICS, Topic

__all__ = [
    "TOPICS",
    "AuthenticationError",
    "BufferFullError",
    "Change",
    "ClosedError",
    "Connected",
    "Connection",
    "Disconnected",
    "Dropped",
    "ErrorCode",
    "ErrorMessage",
    "Event",
    "FileDeleted",
    "FileReplicated",
    "FileUpdated",
    "FileUploaded",
    "Gap",
    "InputError",
    "LostError",
    "MessageError",
    "NetworkAlert",
    "NetworkMetrics",
    "NetworkTopologyChanged",
    "Options",
    "Payload",
    "PeerConnected",
    "PeerDisconnected",
    "PeerHealthChanged",
    "PerformanceAlert",
    "PerformanceMetrics",
    "PvwsError",
    "ReachError",
    "Refused",
    "SecurityAlert",
    "State",
    "StorageAlert",
    "StorageMetrics",
    "SyncConnection",
    "SystemMetrics",
    "Timestamp",
    "Topic",
    "Unknown",
    "Unreached",
    "__version__",
    "connect",
    "connect_sync",
]

__version__ = "0.1.0"

_MODULES = {
    "pvws.client.changes": "Change Dropped Refused State",
    "pvws.client.connection": "Connection Options connect",
    "pvws.client.errors": "AuthenticationError BufferFullError ClosedError LostError",
    "pvws.client.events": "Event Unknown",
    "pvws.client.happenings": "Connected Disconnected Gap Unreached",
    "pvws.client.sync": "SyncConnection connect_sync",
    "pvws.errors": "InputError MessageError PvwsError ReachError",
    "pvws.timestamp": "Timestamp",
    "pvws.wire.messages": "ErrorCode ErrorMessage",
    "pvws.wire.topics": "TOPICS Topic",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}


if not TYPE_CHECKING:  # a type checker would take any name for one of ours

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module 'pvws' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(_HOMES.get(name, "pvws.wire.events")), name)  # all the others are payloads
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
