"""Pages of other origins: a client is welcome at the server, and nobody is at its control plane."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import REBOUND
from tests.support.command import Serving
from tests.support.worlds import World

FETCHED = """async ([url, options]) => {
  try {
    const response = await fetch(url, options);
    return { status: response.status, type: response.type, text: await response.text() };
  } catch (error) {
    return { trouble: error.name };
  }
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the library has it
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """A web server on a port of its own, which has the page of a plain client."""
    handler = partial(_Quiet, directory=str(Path(__file__).parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_plain_client_in_a_page_on_another_port_gets_its_events(page: Page, world: World, elsewhere: str) -> None:
    page.goto(f"{elsewhere}/client.html?server={quote(world.url)}")
    items = page.locator("#messages li")
    expect(items).to_have_text(["pong"])
    world.post("/v1/clock/advance", by="3s")
    expect(items.filter(has_text="peer_connected")).to_have_count(16)
    expect(items.filter(has_text="file_")).to_have_count(0)
    world.post("/v1/disconnect", client=1, code=4002, reason="enough")
    expect(page).to_have_title("closed 4002 enough")


def test_a_page_on_another_port_reads_the_http_endpoints(page: Page, server: Serving, elsewhere: str) -> None:
    page.goto(elsewhere)
    for path in ("health", "metrics", "status"):
        url = f"{server.url.replace('ws://', 'http://')}/{path}"
        for options in ({}, {"headers": {"Authorization": "Bearer x"}}):  # the second is asked about first
            found = page.evaluate(FETCHED, [url, options])
            assert (found["status"], found["type"]) == (200, "cors")
            assert "status" in found["text"]


def test_a_page_of_another_origin_can_neither_see_nor_steer(page: Page, world: World, elsewhere: str) -> None:
    world.post("/v1/clock/resume")
    page.goto(elsewhere)
    json = {"Content-Type": "application/json"}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("/v1/state", {}),
        ("/v1/events", {}),
        ("/v1/clock/hold", {"method": "POST", "body": "{}"}),
        ("/v1/clock/hold", {"method": "POST", "body": "{}", "headers": json}),
        ("/v1/faults", {"method": "DELETE"}),
    ]
    for path, options in calls:
        url = f"{world.page.partition('?')[0].rstrip('/')}{path}?world={world.name}"
        assert page.evaluate(FETCHED, [url, options]) == {"trouble": "TypeError"}
        blind = page.evaluate(FETCHED, [url, {**options, "mode": "no-cors"}])
        assert blind in ({"trouble": "TypeError"}, {"status": 0, "type": "opaque", "text": ""})
    assert not world.get("/v1/clock")["held"]


def test_a_page_of_another_origin_can_not_put_the_dashboard_in_a_frame(
    page: Page, server: Serving, elsewhere: str
) -> None:
    page.goto(elsewhere)
    loaded = """(url) => new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.onload = resolve;
      frame.src = url;
      document.body.append(frame);
    })"""
    page.evaluate(f"url => ({loaded})(url).then(() => null)", server.control)
    inner = next(frame for frame in page.frames if frame is not page.main_frame)
    assert inner.locator("#graph").count() == 0


def test_a_name_that_was_pointed_at_this_machine_is_refused(page: Page, server: Serving) -> None:
    port = server.control.rpartition(":")[2]
    for path in ("", "v1/state"):
        answer = page.goto(f"http://{REBOUND}:{port}/{path}")
        assert answer is not None
        assert answer.status == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert REBOUND in answer.text()
