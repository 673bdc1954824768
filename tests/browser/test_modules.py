"""The parts of the dashboard that are pure, in the engine that runs them."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.command import Serving

ARRANGED = """async ([number, groups, width, height]) => {
  const { arrange, sidesOf } = await import('/dashboard/layout.js');
  const peers = Array.from({ length: number }, (_, place) => ({
    id: `p${place}`, name: `peer-${place}`, connected: place % 7 !== 3, cluster: place % groups, lastHeartbeat: '',
  }));
  const { sides, hidden } = sidesOf(peers);
  return { hidden, discs: arrange(sides, width, height), again: arrange(sidesOf(peers).sides, width, height) };
}"""
KEPT = """async ([kept, characters, added, size]) => {
  const { Events } = await import('/dashboard/store.js');
  const events = new Events(kept, characters);
  for (let place = 0; place < added; place += 7) {
    events.add(Array.from({ length: 7 }, (_, n) => ({ sequence: place + n, text: 'x'.repeat(size) })));
  }
  const { list } = events;
  const [many, first, last] = [list.length, list[0].number, list.at(-1).sequence];
  return { many, first, last, size: events.size, total: events.total };
}"""
RATES = """async (looks) => {
  const { Rates } = await import('/dashboard/store.js');
  const rates = new Rates(5);
  for (const [count, at] of looks) rates.look({ system: count }, at);
  return rates.samples.map((sample) => sample.system);
}"""
FLOW = """async (text) => {
  const { read, write } = await import('/dashboard/flow.js');
  try {
    const value = read(text);
    return { value, again: read(write(value)) };
  } catch (error) {
    return { trouble: error.message };
  }
}"""
SAID = """async ([name, value]) => (await import('/dashboard/format.js'))[name](value)"""


@pytest.fixture(scope="module")
def still(browser: Browser, server: Serving) -> Any:
    """A page of the server's origin on which nothing runs."""
    page = browser.new_page()
    page.goto(f"{server.control}/dashboard/icon.svg")
    yield page
    page.close()


@pytest.mark.parametrize(
    ("number", "groups", "width", "height"),
    [(1, 1, 800, 460), (12, 1, 800, 460), (12, 2, 340, 400), (200, 1, 800, 460), (200, 3, 800, 460), (90, 9, 500, 300)],
)
def test_peers_stand_in_the_picture_apart_and_where_they_stood(
    still: Page, number: int, groups: int, width: int, height: int
) -> None:
    found = still.evaluate(ARRANGED, [number, groups, width, height])
    discs = found["discs"]
    assert found["again"] == discs
    assert len(discs) == min(number, groups)
    nodes = [node for disc in discs for node in disc["nodes"]]
    assert len(nodes) + found["hidden"] == number
    assert all(0 <= node["x"] <= width and 0 <= node["y"] <= height for node in nodes)
    for place, one in enumerate(nodes):
        for other in nodes[:place]:
            assert abs(one["x"] - other["x"]) + abs(one["y"] - other["y"]) > 3, (one, other)
    for place, one in enumerate(discs):
        for other in discs[:place]:
            far = ((one["x"] - other["x"]) ** 2 + (one["y"] - other["y"]) ** 2) ** 0.5
            assert far > one["r"] + other["r"], "sides stand apart"


@pytest.mark.parametrize(
    ("kept", "characters", "size", "many"), [(100, 10**6, 10, 100), (100, 500, 10, 50), (100, 500, 900, 1)]
)
def test_events_are_bounded_in_number_and_in_size(
    still: Page, kept: int, characters: int, size: int, many: int
) -> None:
    found = still.evaluate(KEPT, [kept, characters, 1001, size])
    assert found == {"many": many, "size": many * size, "total": 1001, "first": 1001 - many, "last": 1000}


def test_rates_are_of_counts_that_grow_and_start_anew(still: Page) -> None:
    looks = [[0, 0], [10, 1], [30, 2], [30, 3], [5, 4], [9, 6], [9, 6.1], [29, 7.1]]
    assert still.evaluate(RATES, looks) == pytest.approx([20, 0, 0, 2, 20 / 1.1])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("200ms +- 50ms", "200ms +- 50ms"),
        ("1012", 1012),
        ("10%", "10%"),
        ("true", True),
        ("{lognormal: {median: 80ms, sigma: 0.5}}", {"lognormal": {"median": "80ms", "sigma": 0.5}}),
        ("[bit_flip, truncate]", ["bit_flip", "truncate"]),
        ('{code: 4000, reason: "a, b: c"}', {"code": 4000, "reason": "a, b: c"}),
        ("{at: 12:30, 'q': []}", {"at": "12:30", "q": []}),
    ],
)
def test_what_is_written_in_flow_style_is_read_and_written_again(still: Page, text: str, value: Any) -> None:
    assert still.evaluate(FLOW, text) == {"value": value, "again": value}


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("{a", 'column 3: expected ":", found the end'),
        ("[1 2", 'column 5: expected "," or "]", found the end'),
        ("{a: }", 'column 5: expected a value, found "}"'),
        ('"a', 'column 1: expected a closing ", found ""a"'),
        ("{a: 1} b", 'column 8: expected the end, found "b"'),
    ],
)
def test_what_is_no_flow_style_is_told_with_its_column(still: Page, text: str, trouble: str) -> None:
    assert still.evaluate(FLOW, text) == {"trouble": trouble}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("bytes", 0, "0 B"),
        ("bytes", 1536, "1.5 KiB"),
        ("bytes", 1023.99 * 1024**2, "1,024 MiB"),
        ("count", 999_999, "999,999"),
        ("count", 1_234_567, "1.2M"),
        ("rate", 0.26, "0.3"),
        ("rate", 9.96, "10"),
        ("short", 0.0000004, "0 µs"),
        ("short", 0.00213, "2.1 ms"),
        ("short", 12.34, "12.3 s"),
        ("elapsed", 3725, "1:02:05"),
        ("percent", 0.001, "<1 %"),
        ("percent", 0.9999, ">99 %"),
        ("percent", 1, "100 %"),
        ("span", 90, "1.5 min"),
        ("words", "storage_usage", "Storage usage"),
    ],
)
def test_figures_are_told_as_people_read_them(still: Page, name: str, value: Any, text: str) -> None:
    assert still.evaluate(SAID, [name, value]) == text
