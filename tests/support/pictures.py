"""Makes the pictures of README and docs from real runs: `make pictures`."""

import re
import sys
import tempfile
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.style import Style
from rich.text import Text

from tests.support.command import serving
from tests.support.terminal import Terminal, on_a_terminal

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
COLUMNS = 112
LINES = 32
LINES_BEFORE_THE_ALERT = 14
TOLD = ("split into", "critical   storage_usage", "DEGRADED", " gone")
PVWS = [sys.executable, "-m", "pvws"]


def picture(name: str, title: str, screen: Text) -> None:
    """Write a screen as an SVG that needs nothing from elsewhere."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(screen, no_wrap=True, crop=True)
    svg = console.export_svg(title=title, unique_id=name)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    (PICTURES / f"{name}.svg").write_text(svg, encoding="utf-8")
    print(f"docs/pictures/{name}.svg")


def on_screen(terminal: Terminal) -> Text:
    """What is on a terminal's screen, in its colours."""
    screen = terminal.screen
    text = Text()
    for number in range(screen.lines):
        letters = [screen.buffer[number][column] for column in range(screen.columns)]
        for style, alike in groupby(letters, _style):
            text.append("".join(letter.data for letter in alike), style)
        text.append("\n")
    text.rstrip()
    return text


def _style(letter: Any) -> Style:
    return Style(color=_colour(letter.fg), bgcolor=_colour(letter.bg), bold=letter.bold, reverse=letter.reverse)


def _colour(name: str) -> str | None:
    """Rich's word for one of pyte's."""
    if name == "default":
        return None
    name = {"brown": "yellow", "brightbrown": "brightyellow"}.get(name, name)
    return name.replace("bright", "bright_")


def demo() -> None:
    """The end of the quickstart, from some lines before its alert on."""
    run = [*PVWS, "simulate", "quickstart", "--port", "0", "--view", "log", "--speed", "10"]
    lines = on_a_terminal(*run, COLUMNS=str(COLUMNS), TZ="UTC").splitlines()
    alert = next(number for number, line in enumerate(lines) if "storage_alert" in line)
    shown = [*lines[alert - LINES_BEFORE_THE_ALERT : alert + 6], "…", *lines[-6:]]
    picture("demo", "pvws simulate quickstart --view log", Text.from_ansi("\n".join(shown)))


def views() -> None:
    """Dashboard and table of the same run, when its network is split and its storage runs full."""
    scenario = Path(__file__).parent / "pictured.yaml"
    watch = [*PVWS, "watch", "--view", "dashboard", "--utc"]
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), "simulate", str(scenario), "--wait-for-client") as server,
        Terminal([*watch, server.url], COLUMNS, LINES) as terminal,
    ):
        terminal.until(lambda text: all(part in text for part in TOLD))
        picture("dashboard", "pvws watch --view dashboard", on_screen(terminal))
        terminal.press("vv")
        terminal.until("── alerts")
        picture("table", "pvws watch --view table", on_screen(terminal))
        terminal.press("q")
        assert terminal.end() == 0


if __name__ == "__main__":
    demo()
    views()
