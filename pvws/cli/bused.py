"""A server's place on a bus: as the source that plays, or as one of the nodes that show it. Imported where wished."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pvws.bus.address import Address, read_address
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

__all__ = ["address_of", "bused", "told_of"]

_STOP_S = 1.5
"""How long nodes and the bus have to answer where somebody waits for the end of this."""


def address_of(url: str) -> Address:
    """The bus of `--bus`, which may be `@FILE`, in which it stands. Raises InputError."""
    return read_address(read_file("--bus", url[1:]).strip() if url.startswith("@") else url)


@asynccontextmanager
async def bused(
    url: str, stage: Stage, leads: Callable[[Leading], None] | None, stop: Stop
) -> AsyncIterator[Callable[[str | None], None]]:
    """For as long as this is entered a stage is the source of a bus, which `leads` is given, or without it a node.

    What is given is to be told where clients connect, once that is known. `url` may be `@FILE`, in which it stands.
    Raises InputError for what is no URL of a bus, and ReachError and TakenError that say why it can't be joined.
    """
    address = address_of(url)

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
            following = Following(stage, bus, note)
            try:
                await following.begin()
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
                patience = _STOP_S if stop.requested else BUS_ANSWER_S
                merged = await leading.nodes.ledger(ledger_of(stage), patience)
                for line in told_of(merged):
                    note(line)
                lost = await leading.end(patience)
                if lost:
                    note(f"{lost:,} entries never got to the bus")
    finally:
        await bus.close()


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
