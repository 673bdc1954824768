"""The lines above every live view: the connection, and how much comes. Pure."""

from pvws.terminal.lateness import Lateness
from pvws.terminal.lines import Line, fitted, width_of
from pvws.terminal.model import Model
from pvws.terminal.printable import printable
from pvws.terminal.spans import Span
from pvws.units import duration_text

__all__ = ["status_lines"]

_LATE_S = 1.0  # from here on a person notices
_QUIET_S = 15.0  # without a message; a network at work tells its figures every few seconds


def status_lines(model: Model, width: int, at: float) -> list[Line]:
    """Two lines: the state of the connection and where; messages, rate, silence, lateness, gaps, and whether it
    samples."""
    ledger = model.ledger
    url = Span(printable(model.link.url), "faint")
    state = model.link.told(at)
    left = width - width_of([*state, url])
    first = fitted([*state, Span(" " * max(left, 2)), url], width)
    second = [
        Span(f"{ledger.total:,} message{'' if ledger.total == 1 else 's'}", "amount"),
        Span(f"  {model.rates.rate('all'):,.0f}/s"),
    ]
    if ledger.last_at is not None and at - ledger.last_at >= _QUIET_S:
        second.append(Span(f"  the last {duration_text(int(at - ledger.last_at) * 1_000_000)} ago", "faint"))
    if ledger.shown is not None:
        second.append(Span(f"  {ledger.shown:,} selected", "warning"))
    if (late := _late(ledger.lateness)) is not None:
        second += [Span("  "), late]
    if ledger.gaps:
        gap = duration_text(round(ledger.without_s(at) * 10) * 100_000)
        second.append(Span(f"  {ledger.gaps:,} gap{'s' if ledger.gaps > 1 else ''} ({gap})", "warning"))
    if errors := ledger.types["error"]:
        second.append(Span(f"  {errors:,} error{'s' if errors > 1 else ''}", "bad"))
    if ledger.unreadable:
        second.append(Span(f"  {ledger.unreadable:,} unreadable", "bad"))
    if (share := model.sampled) is not None:
        second.append(Span(f"  rows sampled: {share:.0%}; counts exact", "warning"))
    return [first, fitted(second, width)]


def _late(lateness: Lateness) -> Span | None:
    latest = lateness.latest
    if latest is None:
        speed = lateness.speed
        if speed is None:
            return None
        doubt = ", or ever later" if speed < 1 else ""
        return Span(f"server's clock ×{speed:.3g}{doubt}", "warning" if doubt else "faint")
    if latest >= _LATE_S:
        return Span(f"lag {duration_text(round(latest * 10) * 100_000)}", "bad")
    return Span(f"lag {latest * 1000:.0f} ms", "good")
