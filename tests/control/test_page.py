"""The dashboard's files: served with the right headers, and nothing else is."""

from pathlib import Path

import pytest

from pvws.control.page import Page
from pvws.control.problems import Refusal
from tests.support.steered import Steered


@pytest.fixture
def page(tmp_path: Path) -> Page:
    (tmp_path / "site" / "parts").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_text("<!doctype html>")
    (tmp_path / "site" / "parts" / "app.js").write_text("1")
    (tmp_path / "site" / "__init__.py").write_text("")
    (tmp_path / "secret.html").write_text("secret")
    return Page(tmp_path / "site")


def test_the_page_is_at_the_root_and_its_parts_below_the_dashboard(page: Page) -> None:
    status, headers, content = page.answer("/")
    assert (status, content) == (200, b"<!doctype html>")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.answer("/dashboard/")[2] == content
    status, headers, content = page.answer("/dashboard/parts/app.js")
    assert (status, content, headers["Content-Type"]) == (200, b"1", "text/javascript; charset=utf-8")


def test_it_may_load_nothing_from_elsewhere_and_be_framed_by_nobody(page: Page) -> None:
    policy = page.answer("/")[1]["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_what_a_browser_has_is_not_sent_again(page: Page) -> None:
    tag = page.answer("/")[1]["ETag"]
    assert page.answer("/", f'W/"other", {tag}')[::2] == (304, b"")
    assert page.answer("/", '"other"')[0] == 200


@pytest.mark.parametrize(
    "path", ["/dashboard/../secret.html", "/dashboard/%2e%2e/secret.html", "/dashboard/__init__.py", "/favicon.ico"]
)
def test_what_is_no_file_of_it_is_not_there(page: Page, path: str) -> None:
    with pytest.raises(Refusal, match="there is no"):
        page.answer(path)


async def test_over_a_socket_it_needs_no_token_and_takes_no_other_method(quiet: Steered) -> None:
    reply = await quiet.call("GET", "/")
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert (await quiet.call("GET", "/", headers={"If-None-Match": reply.headers["etag"]})).status == 304
    assert (await quiet.call("GET", "/dashboard/../../routes/clock.py")).status == 404
    reply = await quiet.call("POST", "/")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
