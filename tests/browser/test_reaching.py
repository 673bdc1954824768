"""A server that wants a token, and one that goes and comes back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.command import Serving, serving
from tests.support.worlds import World

TOKEN = "let-me-in,please"
RECORDING = Path(__file__).parents[2] / "recordings" / "peervault-normal.pvrec.jsonl"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path, "serve", "--control", "0", "--control-token", TOKEN) as server:
        yield server


def test_a_token_is_asked_for_until_it_is_right_and_kept_for_the_tab(page: Page, guarded: Serving) -> None:
    page.goto(guarded.control)
    dialog = page.get_by_role("dialog", name="A token is needed")
    expect(dialog).to_be_visible()
    expect(page.locator("#token-trouble")).to_be_hidden()
    page.locator("#token-value").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#token-trouble")).to_have_text("This token was refused.")
    page.locator("#token-value").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#link")).to_have_text("Live")
    expect(page.locator("#scenario-name")).to_have_text("Nothing plays")
    page.reload()
    expect(page.locator("#link")).to_have_text("Live")
    expect(dialog).to_be_hidden()
    assert page.evaluate("localStorage.length") == 1, "the theme alone"


def test_a_recording_is_named_as_what_plays_and_its_clock_is_moved(page: Page, tmp_path: Path) -> None:
    refused = list[str]()
    page.on("response", lambda response: refused.append(response.url) if response.status >= 400 else None)
    with serving(tmp_path, "replay", str(RECORDING), "--control", "0") as server:
        page.goto(server.control)
        expect(page.locator("#scenario-name")).to_have_text("A recording")
        expect(page.locator("#graph-empty")).to_contain_text("A recording plays, so there is no network")
        expect(page.locator("#alerts-empty")).to_contain_text("Without a network")
        page.keyboard.press("a")
        expect(page.locator("#instant")).to_contain_text("held")
        expect(page.locator(".event:visible").first).to_contain_text("broadcast")
        page.keyboard.press("s")
        assert refused == []
        page.keyboard.press("l")
        page.get_by_role("radio", name=re.compile("quickstart")).check()
        page.get_by_role("button", name="Load", exact=True).click()
        expect(page.locator("#scenario-name")).to_have_text("quickstart")
        expect(page.locator("#graph")).to_have_attribute("aria-label", re.compile(r"Network of \d+ peers"))


def test_the_page_says_when_the_server_is_gone_and_comes_back_by_itself(
    page: Page, guarded: Serving, tmp_path: Path
) -> None:
    page.goto(f"{guarded.control}/#token={TOKEN}")
    expect(page.locator("#link")).to_have_text("Live")
    assert TOKEN not in page.url
    assert "token" not in page.url
    guarded.process.terminate()
    guarded.process.wait(20)
    expect(page.locator("#link")).to_have_text("Server gone")
    expect(page.get_by_role("alert")).to_contain_text(re.compile(r"The server is gone. Trying again"))
    with page.expect_request(re.compile("/v1/events")):
        page.get_by_role("button", name="Try now").click()
    expect(page.locator("#link")).to_have_text("Server gone")
    port = guarded.control.rpartition(":")[2].rstrip("/")
    again = tmp_path / "again"
    again.mkdir()
    with serving(again, "serve", "--control", port, "--control-token", TOKEN) as server:
        assert server.control == guarded.control
        World(server.control, server.url, token=TOKEN).put("/v1/scenario", scenario="quickstart")
        expect(page.locator("#link")).to_have_text("Live")
        expect(page.locator("#banner")).to_be_hidden()
        expect(page.locator("#scenario-name")).to_have_text("quickstart")


def test_a_world_that_is_no_more_is_told_and_another_can_be_looked_at(page: Page, world: World) -> None:
    ending = f"{world.name}-ends"
    world.put(f"/v1/worlds/{ending}", ttl="10m")
    page.goto(world.page.replace(world.name, ending))
    expect(page.locator("#link")).to_have_text("Live")
    world.delete(f"/v1/worlds/{ending}")
    expect(page.locator("#link")).to_have_text("No such world")
    expect(page.get_by_role("alert")).to_contain_text(f"There is no world “{ending}” on this server")
    page.get_by_label("World", exact=True).select_option(world.name)
    expect(page.locator("#link")).to_have_text("Live")
    expect(page.locator("#scenario-name")).to_have_text("pictured")
