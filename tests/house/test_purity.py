"""Floors 0 to 3 are pure: no event loop, no clock, no chance of their own, no sockets, no files."""

import ast
from collections.abc import Sequence

import pytest

from tests.house.modules import Module, imports, is_within, no_offences, package
from tests.house.test_floors import FLOORS

PURE_FLOOR_MAX = 3
MODULE_OF_CHANCE = "pvws.sim.chance"

# fmt: off
BANNED = frozenset((
    "_thread", "aiohttp", "asyncio", "concurrent", "fcntl", "fileinput", "ftplib", "getpass", "glob", "h11", "http",
    "httpx", "importlib.resources", "linecache", "mmap", "multiprocessing", "nats", "os", "pkgutil", "pty",
    "random", "requests", "resource", "sched", "secrets", "select", "selectors", "shutil", "signal", "socket",
    "socketserver", "sqlite3", "ssl", "starlette", "subprocess", "tempfile", "termios", "threading", "time", "tty",
    "urllib.request", "urllib3", "uuid", "uvicorn", "uvloop",
))
# fmt: on
# Of websockets, what does no I/O; `import websockets` alone reaches everything.
WEBSOCKETS_PURE = (
    "websockets.datastructures",
    "websockets.exceptions",
    "websockets.extensions",
    "websockets.frames",
    "websockets.headers",
    "websockets.http11",
    "websockets.protocol",
    "websockets.server",
    "websockets.streams",
    "websockets.typing",
    "websockets.uri",
)
FILE_METHODS = frozenset({"open", "read_text", "read_bytes", "write_text", "write_bytes"})
CLOCKS = frozenset({"now", "utcnow", "today"})

POSIX_ONLY = ("termios", "resource", "fcntl", "pty", "tty", "pwd", "grp", "uvloop")


def impure(modules: Sequence[Module]) -> list[str]:
    found = []
    for module in modules:
        if FLOORS.get(module.unit, PURE_FLOOR_MAX + 1) > PURE_FLOOR_MAX:
            continue
        found += [f"{module.path}:{line}: imports {name}" for line, name in imports(module) if _banned(module, name)]
        found += [f"{module.path}:{line}: calls {what}" for line, what in _calls(module)]
    return found


def _banned(module: Module, name: str) -> bool:
    if is_within(name, "random"):
        return module.name != MODULE_OF_CHANCE
    if is_within(name, "pathlib"):
        return not name.startswith("pathlib.Pure")
    if is_within(name, "websockets"):
        return not any(is_within(name, pure) for pure in WEBSOCKETS_PURE)
    return any(is_within(name, banned) for banned in BANNED)


def _calls(module: Module) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Name(id="open" | "input" | "__import__" as name)):
                found.append((node.lineno, f"{name}()"))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)) if name in CLOCKS:
                if owner in ("datetime", "date"):
                    found.append((node.lineno, f"{owner}.{name}()"))
            case ast.Call(func=ast.Attribute(attr=name)) if name in FILE_METHODS:
                found.append((node.lineno, f".{name}()"))
    return found


def unportable(modules: Sequence[Module]) -> list[str]:
    return [
        f"{module.path}:{line}: imports {name} at module level"
        for module in modules
        for line, name in imports(module, at_module_level=True)
        if any(is_within(name, posix) for posix in POSIX_ONLY)
    ]


def test_floors_0_to_3_are_pure() -> None:
    no_offences(impure(package()), "pure floors take time, chance and text as arguments")


def test_nothing_that_only_posix_has_is_imported_at_module_level() -> None:
    no_offences(unportable(package()), "pvws can be imported anywhere")


@pytest.mark.parametrize(
    ("source", "offence"),
    [
        ("import asyncio", "imports asyncio"),
        ("from time import monotonic", "imports time.monotonic"),
        ("import random", "imports random"),
        ("import os.path", "imports os.path"),
        ("from pathlib import Path", "imports pathlib.Path"),
        ("import pathlib", "imports pathlib"),
        ("from websockets.asyncio.server import serve", "imports websockets.asyncio.server.serve"),
        ("import websockets", "imports websockets"),
        ("def f():\n    import socket", "imports socket"),
        ("open('x')", "calls open()"),
        ("path.read_text()", "calls .read_text()"),
        ("datetime.now(UTC)", "calls datetime.now()"),
    ],
)
def test_a_made_up_impurity_is_found(source: str, offence: str) -> None:
    assert [found.partition(": ")[2] for found in impure([Module("pvws.world.peers", source)])] == [offence]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("pvws.sim.chance", "from random import Random"),
        ("pvws.session.session", "from websockets.frames import CloseCode\nfrom pathlib import PurePath"),
        ("pvws.server.listener", "import asyncio, time, socket"),
        ("pvws.world.peers", "self.now()\nfrom datetime import datetime"),
    ],
)
def test_what_is_allowed_is_not_impure(name: str, source: str) -> None:
    assert not impure([Module(name, source)])


def test_a_made_up_posix_import_is_found_only_at_module_level() -> None:
    assert unportable([Module("pvws.cli.a", "try:\n    import termios\nexcept ImportError:\n    pass")])
    assert unportable([Module("pvws.cli.a", "class A:\n    from fcntl import ioctl")])
    assert not unportable([Module("pvws.cli.a", "def f():\n    import termios")])
