"""Makes the pictures of README and docs from real runs: `make pictures`."""

import re
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.support.terminal import on_a_terminal

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
COLUMNS = 112
LINES_BEFORE_THE_ALERT = 14


def picture(name: str, title: str, screen: str) -> None:
    """Write a screen as an SVG that needs nothing from elsewhere."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(screen), no_wrap=True, crop=True)
    svg = console.export_svg(title=title, unique_id=name)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    (PICTURES / f"{name}.svg").write_text(svg, encoding="utf-8")
    print(f"docs/pictures/{name}.svg")


def demo() -> None:
    """The end of the quickstart, from some lines before its alert on."""
    run = [sys.executable, "-m", "pvws", "simulate", "quickstart", "--port", "0", "--view", "log", "--speed", "10"]
    lines = on_a_terminal(*run, COLUMNS=str(COLUMNS), TZ="UTC").splitlines()
    alert = next(number for number, line in enumerate(lines) if "storage_alert" in line)
    shown = [*lines[alert - LINES_BEFORE_THE_ALERT : alert + 6], "…", *lines[-6:]]
    picture("demo", "pvws simulate quickstart --view log", "\n".join(shown))


if __name__ == "__main__":
    demo()
