"""How the dashboard looks, and that hands and ears find everything on it."""

import re
from typing import Any, Final, Literal

from playwright.sync_api import Page, expect
from websockets.sync.client import connect

from tests.support.worlds import World

CONTRAST = """() => {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const probe = document.body.appendChild(document.createElement('i'));
  const of = (name) => { probe.style.color = `var(--${name})`; return light(getComputedStyle(probe).color); };
  const ratio = (one, other) => {
    const [low, high] = [of(one), of(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const found = {};
  for (const name of ['text', 'muted', 'accent', 'warn', 'bad']) {
    found[name] = Math.min(ratio(name, 'surface'), ratio(name, 'bg'));
  }
  for (const name of ['online', 'degraded', 'offline', 'unknown']) found[name] = ratio(name, 'surface');
  return found;
}"""
NAMELESS = """() => {
  const named = (each) => each.ariaLabel || each.labels?.length || each.title || each.getAttribute('aria-labelledby');
  return [...document.querySelectorAll('button, input, select, [tabindex="0"], canvas[role]')]
    .filter((each) => !each.textContent.trim() && !named(each))
    .map((each) => each.outerHTML.slice(0, 120));
}"""
WALKED = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  if (at === document.body) return null;
  const box = at.getBoundingClientRect();
  return {
    what: at.id || at.ariaLabel || at.textContent.trim(),
    seen: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none' && box.width > 0 && box.height > 0,
  };
}"""
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
WANTED = {
    "world", "scenario-open", "theme", "help-open", "hold", "step", "advance-by", "seek", "graph", "network-view",
    "emit-open", "pause", "type", "text", "events", "fault-open",
}  # fmt: skip


def test_it_is_light_or_dark_as_the_system_is_and_can_be_read_in_both(page: Page, world: World) -> None:
    page.goto(world.page)
    expect(page.locator("#link")).to_have_text("Live")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        (light,) = re.findall(r"^rgb\((\d+)", page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert (int(light) > 200) == (scheme == "light")
        ratios = page.evaluate(CONTRAST)
        text = {name: ratio for name, ratio in ratios.items() if name in ("text", "muted", "accent", "warn", "bad")}
        assert min(text.values()) >= 4.5, ratios  # WCAG 2.2, 1.4.3
        assert min(ratios.values()) >= 2.5, ratios  # what is drawn has a shape besides


def test_a_switch_says_otherwise_and_is_remembered(page: Page, world: World) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(world.page)
    theme = page.locator("#theme")
    expect(theme).to_have_accessible_name("Theme: as the system")
    page.keyboard.press("t")
    expect(theme).to_have_accessible_name("Theme: light")
    theme.click()
    expect(theme).to_have_accessible_name("Theme: dark")
    page.reload()
    expect(theme).to_have_accessible_name("Theme: dark")
    assert page.evaluate("matchMedia('(prefers-color-scheme: light)').matches")
    (light,) = re.findall(r"^rgb\((\d+)", page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert int(light) < 60


def test_every_control_has_a_name_and_is_reached_and_seen_with_the_keyboard_alone(page: Page, world: World) -> None:
    page.goto(world.page)
    expect(page.locator("#link")).to_have_text("Live")
    assert page.evaluate(NAMELESS) == []
    walked = list[Any]()
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate(WALKED)
        if at is None or (walked and at["what"] == walked[0]["what"]):
            break
        walked.append(at)
    assert {each["what"] for each in walked} >= WANTED
    assert [each["what"] for each in walked if not each["seen"]] == []
    assert walked[0]["what"] == "Skip to the network"


def test_shortcuts_do_what_the_list_of_them_says(page: Page, world: World) -> None:
    page.goto(world.page)
    expect(page.locator("#hold")).to_have_text("Resume")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    listed = "".join(dialog.locator("kbd").all_inner_texts())
    assert set("hsalfe/pgt?17") <= set(listed)
    page.keyboard.press("h")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#hold")).to_have_text("Resume")  # in a dialog keys mean nothing
    page.keyboard.press("a")
    expect(page.locator("#elapsed")).to_have_text("0:10.0")
    before = world.get("/v1/clock")["at"]
    with page.expect_response(re.compile("/v1/clock/step")):
        page.keyboard.press("s")
    assert world.get("/v1/clock")["at"] > before
    page.keyboard.press("h")
    expect(page.locator("#hold")).to_have_text("Hold")
    page.keyboard.press("h")
    expect(page.locator("#hold")).to_have_text("Resume")
    page.keyboard.press("g")
    expect(page.locator("#peers-box")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("hgt")
    expect(page.locator("#text")).to_have_value("hgt")  # where somebody writes they are letters
    page.keyboard.press("Escape")
    for key, panel in zip(
        "1234567", ("network", "rates", "alerts", "storage", "stream", "clients", "faults"), strict=True
    ):
        page.locator("#hold").focus()
        page.keyboard.press(key)
        expect(page.locator(f"#{panel}")).to_be_focused()
    for key, dialog_id in (("l", "scenarios"), ("f", "fault"), ("e", "emit")):
        page.keyboard.press(key)
        expect(page.locator(f"#{dialog_id}")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(f"#{dialog_id}")).to_be_hidden()


def test_a_long_name_leaves_room_for_what_can_be_done_to_a_client(page: Page, world: World) -> None:
    name = "a-name-of-a-client-that-is-as-long-as-one-may-be-" + 15 * "x"
    with connect(f"{world.url}&client={name}"):
        page.goto(world.page)
        act = page.get_by_role("button", name=f"Disconnect {name}")
        expect(act).to_be_visible()
        panel, button = page.locator("#clients").bounding_box(), act.bounding_box()
        assert panel is not None
        assert button is not None
        assert button["x"] + button["width"] <= panel["x"] + panel["width"]


def test_nothing_is_wider_than_the_window(page: Page, world: World) -> None:
    page.goto(world.page)
    expect(page.locator("#link")).to_have_text("Live")
    for width in (360, 800, 1180, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
