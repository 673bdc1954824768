"""The control plane of a server that a command runs, and what the command line says of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from msgspec import structs

from pvws.cli.standard import note
from pvws.errors import InputError, Problem
from pvws.server.settings import Configuration, Control
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue

if TYPE_CHECKING:
    from pvws.control.plane import Plane

__all__ = ["CONTROL_TOKEN_VARIABLE", "announce_control", "control_keys", "controlled", "controlled_from_afar"]

CONTROL_TOKEN_VARIABLE = "PVWS_CONTROL_TOKEN"
"""Holds the token of the control plane, for servers and for those who call them."""


def control_keys(text: str) -> dict[str, Any]:
    """The keys under `control` that `--control` sets: `off`, a port, or an address and a port. Raises InputError."""
    if text == "off":
        return {"enabled": False}
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not (port.isascii() and port.isdecimal() and int(port) <= 65_535) or (":" in text and not bare):
        expected = "off, a port up to 65535 (0: any that is free), or an address and a port such as 0.0.0.0:8084"
        raise InputError(Problem("--control", expected, f'"{text}"'))
    return {"enabled": True, "port": int(port)} | ({"host": bare} if bare else {})


@asynccontextmanager
async def controlled(venue: Venue, configuration: Configuration, stop: Callable[[], None]) -> AsyncIterator[str | None]:
    """The URL of a control plane of the venue, for as long as this is entered; None where it is switched off.

    `stop` ends the command as SIGTERM does. Raises ReachError and InputError, as the listener does.
    """
    control = configuration.control
    made: list[Plane] = []

    def plane() -> "Plane":
        from pvws.control.plane import Plane
        from pvws.control.table import routes

        if not made:
            made.append(Plane(venue, routes(), profile=configuration.profile, stop=stop))
        return made[0]

    try:
        async with _answering(venue, plane):
            if not control.enabled:
                yield None
                return
            from pvws.control.listener import ControlListener

            is_any = configuration.port == 0 or venue.port == 65_535
            async with ControlListener(control, 0 if is_any else venue.port + 1, plane) as listener:
                yield listener.url
    finally:
        for each in made:
            each.stopping.set()
            each.close()


@asynccontextmanager
async def _answering(venue: Venue, plane: "Callable[[], Plane]") -> AsyncIterator[None]:
    """For as long as this is entered other servers of the bus are answered, if there is one."""
    company = venue.stage.controller.company
    if company is None:
        yield
        return
    from pvws.control.envoy import Envoy

    async with Envoy(company, plane):
        yield


@asynccontextmanager
async def controlled_from_afar(stage: Stage, stop: Callable[[], None]) -> AsyncIterator[None]:
    """For as long as this is entered a stage without a server is controlled by way of its bus, if it has one."""
    if stage.controller.company is None:
        yield
        return
    venue = Venue(stage, Configuration("127.0.0.1", 0))
    stage.faults.house = None  # nobody is at the door
    off = structs.replace(Control(), enabled=False)
    async with controlled(venue, Configuration("127.0.0.1", 0, control=off), stop):
        yield


def announce_control(control: str | None) -> None:
    """Say where the control plane and the dashboard are."""
    if control is not None:
        note(f"steer it at {control}, in a browser or with pvws ctl")
