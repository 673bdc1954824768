"""Judges of servers and clients, and the server of a test: `PvwsServer` is what the fixture `pvws_server` gives.

Names are imported when they are first asked for; type checkers read them in the `.pyi` beside this file.
"""

__all__ = [
    "AsyncPvwsServer",
    "ClientError",
    "PvwsFactory",
    "PvwsServer",
    "ServerClock",
    "ServerExpectation",
    "ServerFault",
    "ServerFaults",
]

_HOMES = {
    "AsyncPvwsServer": "aio",
    "ClientError": "conduct",
    "PvwsFactory": "factory",
    "PvwsServer": "server",
    "ServerClock": "clock",
    "ServerExpectation": "expecting",
    "ServerFault": "afflicting",
    "ServerFaults": "afflicting",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'pvws.testing' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"pvws.testing.fixture.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
