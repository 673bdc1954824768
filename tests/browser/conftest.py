"""One server and one browser for all of these tests, and a world and a page for each."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.support.browser import chromium
from tests.support.command import Serving, serving
from tests.support.worlds import World

PATIENCE_MS = 20_000  # what a busy machine may take: a condition is waited for, and mostly met at once
PICTURED = Path(__file__).parents[1] / "support" / "pictured.yaml"

_names = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.tools("chromium"))
            item.add_marker(pytest.mark.timeout(180))  # whoever is first waits for a browser and a server, too


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    expect.set_options(timeout=PATIENCE_MS)
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server on which nothing plays, unless a test has it play."""
    with serving(tmp_path_factory.mktemp("server"), "serve", "--control", "0") as server:
        yield server


@pytest.fixture
def world(server: Serving) -> Iterator[World]:
    """A world of the test's own: the pictured scenario, held at its start."""
    world = World(server.control, server.url, f"test-{next(_names)}")
    world.put(f"/v1/worlds/{world.name}", ttl="30m", scenario=str(PICTURED), held=True)
    yield world
    world.delete(f"/v1/worlds/{world.name}")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that is to have no trouble of its own."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    troubles: list[str] = []

    def told(message: ConsoleMessage) -> None:
        refused = re.search("Failed to load resource|CORS policy|frame-ancestors", message.text)
        if message.type == "error" and not refused:
            troubles.append(message.text)

    page.on("console", told)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield page
    context.close()
    assert not troubles
