"""The line that shows on a terminal how far a run is."""

import asyncio
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from msgspec import Struct

from pvws.cli.standard import terminal_at
from pvws.sim.agenda import Instant
from pvws.terminal.printable import printable
from pvws.terminal.spans import STYLES, Span
from pvws.units import duration_text

__all__ = ["PERIOD_S", "Look", "progress_line", "show_progress", "terminal_at"]

PERIOD_S = 0.25
"""How often the line is drawn: more often nobody reads it."""

_RATED_LOOKS = 5  # the rate is that of the last second
_NAME_CHARACTERS_MAX = 24


class Look(Struct, frozen=True):
    """How far a run is: `played` microseconds of it. `storage` is the share of it that is taken, if there is any."""

    played: Instant
    events: int
    clients: int
    peers: int
    storage: float | None
    alerts: int
    mark: str | None


def progress_line(name: str, duration: Instant | None, look: Look, rate: float) -> list[Span]:
    """The line, with the most telling parts first, since it is cut at the terminal's edge.

    A run without an end has no `duration`; `rate` is events a second.
    """
    if len(name) > _NAME_CHARACTERS_MAX:
        name = name[: _NAME_CHARACTERS_MAX - 1] + "…"
    seconds = duration_text(look.played // 1_000_000 * 1_000_000)
    of = "" if duration is None else f" of {duration_text(duration)}"
    parts = [
        Span(f"{printable(name)} ", "amount"),
        Span(f" {seconds}{of}"),
        Span(f"  {look.events:,} events", "amount"),
        Span(f" {rate:,.0f}/s"),
        Span(f"  {_counted(look.clients, 'client')}"),
        Span(f"  {_counted(look.peers, 'peer')}"),
    ]
    if look.storage is not None:
        parts.append(Span(f"  storage {look.storage:.0%}"))
    if look.alerts:
        parts.append(Span(f"  {_counted(look.alerts, 'open alert')}", "warning"))
    if look.mark is not None:
        parts.append(Span(f"  mark {look.mark}", "faint"))
    return parts


async def show_progress(name: str, duration: Instant | None, look: Callable[[], Look]) -> None:
    """Keep the line on stderr, which must be a terminal, until this is cancelled; then it is gone.

    What is printed to `sys.stderr` meanwhile stands above it.
    """
    from rich.console import Console  # Rich: only where there is something to draw
    from rich.live import Live
    from rich.text import Text

    clock = asyncio.get_running_loop().time
    seen = deque[tuple[float, int]](maxlen=_RATED_LOOKS)
    console = Console(file=sys.stderr)
    # A terminal that is gone is nobody's loss.
    with suppress(OSError), Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False) as live:
        while True:
            looked, now = look(), clock()
            seen.append((now, looked.events))
            elapsed = now - seen[0][0]
            rate = (looked.events - seen[0][1]) / elapsed if elapsed else 0.0
            spans = progress_line(name, duration, looked, rate)
            text = Text.assemble(
                *((span.text, STYLES[span.style]) for span in spans), no_wrap=True, overflow="ellipsis", end=""
            )
            live.update(text, refresh=True)
            await asyncio.sleep(PERIOD_S)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
