"""A server's place on a bus: as the source that plays, or as one of the nodes that show it. Imported where wished."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pvws.bus.address import read_address
from pvws.bus.bus import Bus
from pvws.cli.files import read_file
from pvws.cli.run import Stop
from pvws.cli.standard import note
from pvws.errors import InputError, Problem, PvwsError
from pvws.limits import BUS_ANSWER_S
from pvws.stage.following import Following
from pvws.stage.leading import Leading
from pvws.stage.nodes import Merged, ledger_of
from pvws.stage.stage import Stage
from pvws.units import duration_text

__all__ = ["bused", "told_of"]


@asynccontextmanager
async def bused(
    url: str, stage: Stage, leads: Callable[[Leading], None] | None, stop: Stop
) -> AsyncIterator[Callable[[str | None], None]]:
    """For as long as this is entered a stage is the source of a bus, which `leads` is given, or without it a node.

    What is given is to be told where clients connect, once that is known. `url` may be `@FILE`, in which it stands.
    Raises InputError for what is no URL of a bus, and ReachError and TakenError that say why it can't be joined.
    """
    address = read_address(read_file("--bus", url[1:]).strip() if url.startswith("@") else url)

    def failed(error: PvwsError) -> None:
        note(str(error))
        stop.request(error.exit_code)

    try:
        from pvws.bus.nats_bus import NatsBus
    except ModuleNotFoundError:
        raise InputError(Problem("--bus", "nats-py to be installed: pip install 'pvws[nats]'", "no nats-py")) from None
    bus = await NatsBus.open(address, name=f"pvws {stage.name}", told=note, taken=failed, failed=failed)
    try:
        if leads is None:
            following = await _follow(stage, bus)
            try:
                yield following.serve_at
            finally:
                await following.end()
        else:
            leading = Leading(stage, bus, note)
            await leading.begin()
            leads(leading)
            note(f"playing to all nodes of {bus.text}; start them with pvws serve --bus {bus.text}")
            try:
                yield lambda url: None
            finally:
                merged = await leading.nodes.ledger(ledger_of(stage))
                for line in told_of(merged):
                    note(line)
                lost = await leading.end(BUS_ANSWER_S)
                if lost:
                    note(f"{lost:,} entries never got to the bus")
    finally:
        await bus.close()


async def _follow(stage: Stage, bus: Bus) -> Following:
    following = Following(stage, bus, note)
    await following.begin()
    state = following.state
    if state is not None:
        what = "what" if state.played is None else f"{state.played.name}, seed {state.played.seed}, which"
        note(f"showing {what} plays on {bus.text}")
    return following


def told_of(merged: Merged) -> list[str]:
    """What all servers together delivered, in words; nothing, where there was only one."""
    lines = [f"the node {node} has not said what it delivered" for node in merged.silent]
    if merged.nodes:
        lost = f", {merged.lost:,} lost" if merged.lost else ""
        late = merged.lateness
        lines.append(
            f"with {merged.nodes:,} node{'' if merged.nodes == 1 else 's'}: delivered {merged.written:,} of "
            f"{merged.owed:,} to {merged.clients:,} clients{lost}; late by {duration_text(late.p50)} (p50), "
            f"{duration_text(late.p99)} (p99), {duration_text(late.worst)} (worst)"
        )
    return lines
