"""What a stage has delivered, in words: the end of a summary."""

from collections.abc import Mapping

from pvws.histogram import Spread
from pvws.server.delivered import ClientDelivery, StageDelivery
from pvws.stage.stage import Stage
from pvws.units import duration_text

__all__ = ["delivered"]

_CLIENTS_SHOWN_MAX = 8
_FAULTS_SHOWN_MAX = 8


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
    short = [each for each in known if each.lost or each.pending or each.faults]
    short.sort(key=lambda each: (-each.lost - each.pending, -sum(each.faults.values())))
    late = "all of it past faults" if figures.written and not figures.lateness.count else _lateness(figures.lateness)
    return [f"{head}; {late}", *_faults(figures), *map(_line, short[:_CLIENTS_SHOWN_MAX])]


def _line(client: ClientDelivery) -> str:
    lost = f", {client.lost:,} lost" if client.lost else ""
    pending = f", {client.pending:,} pending" if client.pending else ""
    faults = f", by faults {_effects(client.faults)}" if client.faults else ""
    late = "" if client.faults and not client.lateness.count else f"; {_lateness(client.lateness)}"
    return f"    client {client.client_id[:8]}: {client.written:,} written{lost}{pending}{faults}{late}"


def _faults(figures: StageDelivery) -> list[str]:
    """What the latest faults did; nothing of those that did nothing."""
    done = [each for each in figures.by_fault if each.effects]
    left_out = f"    and {len(done) - _FAULTS_SHOWN_MAX:,} faults before them"
    lines = [f"    fault {each.id} ({each.fault}): {_effects(each.effects)}" for each in done[-_FAULTS_SHOWN_MAX:]]
    return [*lines, left_out] if len(done) > _FAULTS_SHOWN_MAX else lines


def _effects(effects: Mapping[str, int]) -> str:
    return ", ".join(f"{times:,} {what}" for what, times in effects.items())


def _lateness(spread: Spread) -> str:
    if not spread.count:
        return "nobody kept up"
    p50, p99, worst = (_short(micros) for micros in (spread.p50, spread.p99, spread.worst))
    return f"late by {p50} (p50), {p99} (p99), {worst} (worst)"


def _short(micros: int) -> str:
    """Three digits are enough to be told."""
    digits = len(str(micros))
    return duration_text(round(micros, 3 - digits) if digits > 3 else micros)
