"""What a stage has delivered, in words: the end of a summary."""

from pvws.histogram import Spread
from pvws.server.delivery import ClientDelivery
from pvws.stage.stage import Stage
from pvws.units import duration_text

__all__ = ["delivered"]

_CLIENTS_SHOWN_MAX = 8


def delivered(stage: Stage) -> list[str]:
    """Lines that say how much arrived and how late; of the clients, those that got less, and the latest. Nothing, when
    nobody ever came.
    """
    figures = stage.delivery.stage()
    if not stage.connections:
        return []
    clients = f"{stage.connections:,} client{'' if stage.connections == 1 else 's'}"
    if not figures.owed:
        return [f"  delivered nothing: none of {clients} was subscribed to what happened"]
    lost = f", {figures.lost:,} lost" if figures.lost else ""
    pending = f", {figures.pending:,} pending" if figures.pending else ""
    head = f"  delivered {figures.written:,} of {figures.owed:,} to {clients}{lost}{pending}"
    known = [*stage.delivery.clients(_CLIENTS_SHOWN_MAX), *stage.delivery.former_clients()]
    short = sorted((each for each in known if each.lost or each.pending), key=lambda each: -each.lost - each.pending)
    return [f"{head}; {_lateness(figures.lateness)}", *map(_line, short[:_CLIENTS_SHOWN_MAX])]


def _line(client: ClientDelivery) -> str:
    lost = f", {client.lost:,} lost" if client.lost else ""
    pending = f", {client.pending:,} pending" if client.pending else ""
    return f"    client {client.client_id[:8]}: {client.written:,} written{lost}{pending}; {_lateness(client.lateness)}"


def _lateness(spread: Spread) -> str:
    if not spread.count:
        return "nobody kept up"
    p50, p99, worst = (_short(micros) for micros in (spread.p50, spread.p99, spread.worst))
    return f"late by {p50} (p50), {p99} (p99), {worst} (worst)"


def _short(micros: int) -> str:
    """Three digits are enough to be told."""
    digits = len(str(micros))
    return duration_text(round(micros, 3 - digits) if digits > 3 else micros)
