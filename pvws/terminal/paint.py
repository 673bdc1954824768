"""Colours for a terminal that has some. The only module of the log that imports Rich, and so imported late."""

from collections.abc import Iterable
from typing import TextIO

from rich.console import COLOR_SYSTEMS, Console
from rich.style import Style

from pvws.terminal.spans import STYLES, Span

__all__ = ["Paint"]


class Paint:
    """Turns spans into a line with escape sequences that fit the terminal behind `stream`.

    Rich knows the terminal (TERM, NO_COLOR and the like); its styles are rendered once, not per line, because
    Rich's printing takes longer than a fast server leaves between two events.
    """

    def __init__(self, stream: TextIO) -> None:
        console = Console(file=stream)
        system = None if console.no_color or console.legacy_windows else console.color_system
        self._around = {
            name: ("", "") if system is None or not style else _around(style, system) for name, style in STYLES.items()
        }

    def line(self, spans: Iterable[Span]) -> str:
        """The line for the terminal."""
        around = self._around
        parts = []
        for text, style in spans:
            before, after = around[style]
            parts.append(f"{before}{text}{after}")
        return "".join(parts)


def _around(style: str, system: str) -> tuple[str, str]:
    before, _, after = Style.parse(style).render("x", color_system=COLOR_SYSTEMS[system]).partition("x")
    return before, after
