"""The control plane's listener: sockets that are there at once, and what serves them once somebody connects.

starlette and uvicorn take a tenth of a second to import. So only the sockets are made at the start; the kernel takes
connections meanwhile, and the first of them has the rest imported, in a thread, while the test-bed plays on.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from ipaddress import ip_address
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pvws.errors import InputError, Problem, ReachError
from pvws.server.settings import Control
from pvws.server.sockets import bound_sockets

if TYPE_CHECKING:
    from pvws.control.plane import Plane
    from pvws.control.protocol import HttpServer

__all__ = ["ControlListener", "control_sockets", "is_loopback"]

_log = logging.getLogger("pvws.control")

_BACKLOG = 128


class ControlListener:
    """Serves a control plane for as long as it is entered. `make` gives the plane, when somebody connects.

    Entering raises ReachError where the address can't be had, and InputError where others than this machine reach it
    and there is no token.
    """

    def __init__(self, settings: Control, port: int, make: Callable[[], "Plane"]) -> None:
        self._settings = settings
        self._port = port
        self._make = make
        self._sockets: list[socket.socket] = []
        self._opening: asyncio.Task[None] | None = None
        self._plane: Plane | None = None
        self._server: HttpServer | None = None
        self._is_local = True
        self.url = ""
        """Where it is, once it is entered."""

    async def __aenter__(self) -> "ControlListener":
        host = self._settings.host
        self._sockets = await control_sockets(self._settings, self._port)
        try:
            self._is_local = all(is_loopback(str(each.getsockname()[0])) for each in self._sockets)
            if not self._is_local and self._settings.token is None:
                raise _open_to_all(host)
            for each in self._sockets:
                each.listen(_BACKLOG)
        except BaseException:
            self._close_sockets()
            raise
        port = self._sockets[0].getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._await_first()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ignore_first()
        if self._plane is not None:
            self._plane.stopping.set()
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait({self._opening})
        if self._server is not None:
            await self._server.close()
        if self._plane is not None:
            self._plane.close()
        self._close_sockets()

    def _await_first(self) -> None:
        """Open when somebody connects; at once, on event loops that can't tell."""
        loop = asyncio.get_running_loop()
        try:
            for each in self._sockets:
                loop.add_reader(each, self._first)
        except NotImplementedError:  # Windows' proactor
            self._first()

    def _ignore_first(self) -> None:
        loop = asyncio.get_running_loop()
        for each in self._sockets:
            if each.fileno() >= 0:
                with suppress(NotImplementedError):
                    loop.remove_reader(each)

    def _first(self) -> None:
        self._ignore_first()
        self._opening = asyncio.ensure_future(self._open())
        self._opening.add_done_callback(self._opened)

    def _opened(self, opening: "asyncio.Task[None]") -> None:
        if not opening.cancelled() and (error := opening.exception()) is not None:
            _log.error("the control plane could not be started, by a mistake of pvws: %r", error)
            _log.debug("where that was", exc_info=error)
            self._close_sockets()

    async def _open(self) -> None:
        protocol, app, guards, _ = await asyncio.to_thread(_import)
        self._plane = self._make()
        self._plane.url = self.url
        settings = self._settings
        guard = guards.Guard(settings.host, is_local=self._is_local, token=settings.token, hosts=settings.hosts)
        server = protocol.HttpServer(app.application(self._plane, guard))
        await server.open(self._sockets)
        self._server = server

    def _close_sockets(self) -> None:
        for each in self._sockets:
            each.close()


async def control_sockets(settings: Control, port: int) -> list[socket.socket]:
    """Sockets for the control plane, on the port that was asked for, or else on this one, or on any that is free.

    Raises ReachError.
    """
    if settings.port is not None:
        try:
            return await bound_sockets(settings.host, settings.port)
        except ReachError as error:
            advice = error.advice and error.advice.replace("--port", "--control")
            raise ReachError(error.address, f"for the control plane: {error.trouble}", advice) from None
    try:
        return await bound_sockets(settings.host, port)
    except ReachError:
        return await bound_sockets(settings.host, 0)


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _import() -> Sequence[Any]:
    return [import_module(f"pvws.control.{name}") for name in ("protocol", "app", "guard", "table")]


def _open_to_all(host: str) -> InputError:
    expected = "a token beside an address that other machines reach: --control-token T, or @FILE with one in it"
    return InputError(Problem("--control", expected, f'"{host}" and none'))
