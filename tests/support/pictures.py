"""Makes the pictures of README and docs from real runs: `make pictures`."""

import re
import sys
import tempfile
from contextlib import ExitStack
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from rich.console import Console
from rich.style import Style
from rich.text import Text
from websockets.sync.client import connect

from pvws.wire.topics import TOPICS
from tests.support.browser import chromium
from tests.support.command import serving
from tests.support.terminal import Terminal, on_a_terminal
from tests.support.worlds import World

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
COLUMNS = 112
LINES = 32
LINES_BEFORE_THE_ALERT = 14
TOLD = ("split into", "critical   storage_usage", "DEGRADED", " gone")
CLIENTS = {"ios-app": ("file_operations", "alerts"), "web": TOPICS, "ci-3": ("system",)}
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


def pages() -> None:
    """The dashboard in a browser: light when all is well, and split with a fault that is on, light and dark."""
    scenario = Path(__file__).parent / "pictured.yaml"
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), "serve", "--control", "0") as server,
        chromium() as browser,
    ):
        world = World(server.control, server.url, "demo")
        world.put("/v1/worlds/demo", scenario=str(scenario), held=True)
        page = browser.new_page(viewport={"width": 1440, "height": 1000}, color_scheme="light")
        page.goto(world.page)
        with ExitStack() as clients:
            for name, topics in CLIENTS.items():
                client = clients.enter_context(connect(f"{world.url}&client={name}", max_queue=None))
                for topic in topics:
                    client.send(f'{{"type":"subscribe","topic":"{topic}"}}')
            world.post("/v1/clock/resume")
            until(page, 7)
            shot(page, "web-light")
            world.post("/v1/faults", latency="200ms +- 50ms", client="ios-app", topics=["alerts"])
            world.post("/v1/faults", drop="5%", client="web", topics=["file_operations"])
            until(page, 16)
            expect(page.locator("#network-note")).to_contain_text("Partitioned: 2 sides")
            shot(page, "web-partitioned")
            page.emulate_media(color_scheme="dark")
            shot(page, "web-dark")


def until(page: Page, seconds: int) -> None:
    """See the page so many seconds into the scenario."""
    page.wait_for_function(
        """least => {
          const [minutes, seconds] = document.getElementById('elapsed').textContent.split(':');
          return minutes * 60 + Number(seconds) >= least;
        }""",
        arg=seconds,
    )


def shot(page: Page, name: str) -> None:
    """All of the page, as it is."""
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    print(f"docs/pictures/{name}.png")


if __name__ == "__main__":
    demo()
    views()
    pages()
