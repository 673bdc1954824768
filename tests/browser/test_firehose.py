"""The dashboard beside ten thousand events a second: what it holds does not grow, and it stays up to date."""

import faulthandler
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.support.worlds import World

HELD_MAX = 12_000_000
"""Bytes by which the heap may differ from one look to another: half of what the kept events take."""

ON_SCREEN = """() => ({
  rows: document.querySelectorAll('.event').length,
  nodes: document.querySelectorAll('*').length,
})"""


def looked(page: Page, session: CDPSession) -> dict[str, Any]:
    """What the page holds, once all that it does not need is gone."""
    session.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    wanted = ("JSHeapUsedSize", "Nodes", "JSEventListeners", "Documents")
    return {name: metrics[name] for name in wanted} | page.evaluate(ON_SCREEN)


def until_told(page: Page, world: World, more: int) -> None:
    """Return once so many more events were published and the page has said that they were."""
    wanted = world.get("/v1/state")["events"]["total"] + more
    page.wait_for_function(
        "(wanted) => Number(document.getElementById('tile-total').textContent.replace(/[^0-9.]/g, ''))"
        " * (/M/.test(document.getElementById('tile-total').textContent) ? 1e6 : 1) >= wanted",
        arg=wanted,
    )


def watched(page: Page, world: World, filled: int, watch: Callable[[], None], **wish: Any) -> None:
    """Play a firehose beside the page, look twice once it is full, and see that nothing has grown."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.goto(world.page)
    world.put("/v1/scenario", scenario="firehose", set={"rate": 10_000}, held=False, **wish)
    expect(page.locator("#scenario-name")).to_have_text("firehose")
    until_told(page, world, filled)
    before = looked(page, session)
    watch()
    after = looked(page, session)
    assert after["JSHeapUsedSize"] < before["JSHeapUsedSize"] + HELD_MAX, (before, after)
    assert after["rows"] == before["rows"], (before, after)
    assert abs(after["nodes"] - before["nodes"]) < 100, (before, after)
    assert after["JSEventListeners"] < before["JSEventListeners"] + 50, (before, after)

    # It is up to date: once the clock is held it shows that instant, and nothing is on its way any more.
    moved = world.post("/v1/clock/hold", timeout="25s")  # a busy machine is behind by some ten thousands
    expect(page.locator("#instant")).to_contain_text("held")
    at = moved["clock"]["at"][11:19]
    expect(page.locator("#instant")).to_contain_text(at)
    total = world.get("/v1/state")["events"]["total"]
    until_told(page, world, 0)
    assert world.get("/v1/state")["events"]["total"] == total


def test_a_page_beside_a_firehose_keeps_its_bounds_and_says_that_it_shows_a_sample(page: Page, world: World) -> None:
    def watch() -> None:
        until_told(page, world, 30_000)
        expect(page.locator("#stream-note")).to_have_text(re.compile(r"kept · a sample: <?\d+ % of all"))
        kept = int(re.findall(r"([\d,]+) kept", page.locator("#stream-note").inner_text())[0].replace(",", ""))
        assert kept <= 5_000

    watched(page, world, 20_000, watch)


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_ten_minutes_of_firehose_leave_no_trace(page: Page, world: World) -> None:
    faulthandler.cancel_dump_traceback_later()  # which ends whatever takes five minutes
    page.set_default_timeout(1_000_000)
    watched(page, world, 300_000, lambda: until_told(page, world, 5_800_000), duration="11m")
