"""pvws: a test-bed for clients of the PeerVault WebSocket API.

`connect` and `connect_sync` are the client as a library: see docs/python-client.md. `Control` and `SyncControl` steer a
running test-bed: see docs/control-client.md. Names are imported when they are first asked for, so that `import pvws`
costs nothing; type checkers read them in the `.pyi` beside this file.
"""

__all__ = [
    "TOPICS",
    "AuthenticationError",
    "BufferFullError",
    "Change",
    "ClosedError",
    "Connected",
    "Connection",
    "Control",
    "ControlError",
    "ControlTimeoutError",
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
    "SyncControl",
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
    "pvws.client.connection": "Connection connect",
    "pvws.client.control.control": "Control",
    "pvws.client.control.errors": "ControlError ControlTimeoutError",
    "pvws.client.control.sync_control": "SyncControl",
    "pvws.client.errors": "AuthenticationError BufferFullError ClosedError LostError",
    "pvws.client.events": "Event Unknown",
    "pvws.client.happenings": "Connected Disconnected Gap Unreached",
    "pvws.client.options": "Options",
    "pvws.client.sync": "SyncConnection connect_sync",
    "pvws.errors": "InputError MessageError PvwsError ReachError",
    "pvws.timestamp": "Timestamp",
    "pvws.wire.messages": "ErrorCode ErrorMessage",
    "pvws.wire.topics": "TOPICS Topic",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'pvws' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(_HOMES.get(name, "pvws.wire.events")), name)  # the others are payloads
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
