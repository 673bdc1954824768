"""A server's place on a bus: as the source that plays, or as one of the nodes that show it. Imported where wished."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pvws.bus.address import read_address
from pvws.bus.bus import Bus, TakenError
from pvws.cli.files import read_file
from pvws.cli.performance import Performance
from pvws.cli.run import Stop
from pvws.cli.standard import note
from pvws.errors import InputError, Problem
from pvws.limits import BUS_ANSWER_S
from pvws.stage.following import Following
from pvws.stage.leading import Leading
from pvws.stage.stage import Stage

__all__ = ["bused"]


@asynccontextmanager
async def bused(url: str, stage: Stage, performance: Performance | None, stop: Stop) -> AsyncIterator[None]:
    """For as long as this is entered a stage is the source of a bus, if it has a performance, or else a node of it.

    `@FILE` is a file in which the URL stands. Raises InputError for what is no URL of a bus, and ReachError and
    TakenError that say why it can't be joined.
    """
    address = read_address(read_file("--bus", url[1:]).strip() if url.startswith("@") else url)

    def taken(error: TakenError) -> None:
        note(str(error))
        stop.request(error.exit_code)

    try:
        from pvws.bus.nats_bus import NatsBus
    except ModuleNotFoundError:
        raise InputError(Problem("--bus", "nats-py to be installed: pip install 'pvws[nats]'", "no nats-py")) from None
    bus = await NatsBus.open(address, name=f"pvws {stage.name}", told=note, taken=taken)
    try:
        if performance is None:
            await _follow(stage, bus)
            yield
        else:
            leading = performance.bus = Leading(stage, bus)
            await leading.begin()
            note(f"playing to all nodes of {bus.text}; start them with pvws serve --bus {bus.text}")
            try:
                yield
            finally:
                lost = await leading.end(BUS_ANSWER_S)
                if lost:
                    note(f"{lost:,} entries never got to the bus")
    finally:
        await bus.close()


async def _follow(stage: Stage, bus: Bus) -> None:
    following = Following(stage, bus, note)
    await following.begin()
    state = following.state
    if state is not None and state.played is not None:
        note(f"showing {state.played.name}, seed {state.played.seed}, which plays on {bus.text}")
