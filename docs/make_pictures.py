"""Makes the pictures of README and docs from real runs: `make pictures`."""

import os
import pty
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURES = Path(__file__).parent / "pictures"
COLUMNS = 112
LINES_BEFORE_THE_ALERT = 14


def on_a_terminal(*command: str) -> str:
    """What a command writes to a terminal."""
    leader, follower = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    environment |= {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "TZ": "UTC"}
    process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    screen = b""
    while True:
        try:
            piece = os.read(leader, 65_536)
        except OSError:  # Linux' way of saying that the other side is closed
            break
        if not piece:
            break
        screen += piece
    os.close(leader)
    assert process.wait() == 0, screen.decode()
    return screen.decode().replace("\r\n", "\n")


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
    lines = on_a_terminal(*run).splitlines()
    alert = next(number for number, line in enumerate(lines) if "storage_alert" in line)
    shown = [*lines[alert - LINES_BEFORE_THE_ALERT : alert + 6], "…", *lines[-6:]]
    picture("demo", "pvws simulate quickstart --view log", "\n".join(shown))


if __name__ == "__main__":
    demo()
