"""What a real browser recorded is brought in and replayed; what is exported has the fields that browsers document."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from pvws.cli.app import run
from pvws.files.recordings import open_recording
from pvws.recording.format import Message
from tests.support.command import serving

SUBSCRIBE = '{"type":"subscribe","topic":"peer_network"}'
LISTEN = """([url, subscribe, count]) => new Promise((resolve, reject) => {
  const socket = new WebSocket(url), texts = [];
  socket.onopen = () => socket.send(subscribe);
  socket.onerror = () => reject(new Error('no connection'));
  socket.onmessage = (event) => { if (texts.push(event.data) === count) socket.close(); };
  socket.onclose = () => resolve(texts);
})"""
COUNT = 6


def recorded_by_chromium(url: str, har: Path) -> list[str]:
    """The messages that a page received, in a browser that recorded its traffic as a HAR."""
    from playwright.sync_api import sync_playwright

    path = next(path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(record_har_path=har)
        page = context.new_page()
        page.goto(url.replace("ws://", "http://") + "/health")
        texts: list[str] = page.evaluate(LISTEN, [url, SUBSCRIBE, COUNT])
        context.close()
        browser.close()
    return texts


def received(path: Path) -> list[str]:
    with open_recording(str(path)) as recording:
        return [each.data.decode() for each in recording if isinstance(each, Message) and each.dir == "recv"]


@pytest.mark.tools("chromium")
@pytest.mark.timeout(180)
def test_what_chromium_recorded_of_pvws_is_imported_and_replayed(tmp_path: Path) -> None:
    har, imported = tmp_path / "browser.har", tmp_path / "browser.pvrec.jsonl"
    options = ("simulate", "quickstart", "--speed", "20", "--wait-for-client", "--stay")
    with serving(tmp_path, *options) as server:
        texts = recorded_by_chromium(server.url, har)
    assert len(texts) == COUNT
    assert run(["recording", "convert", str(har), str(imported)]) == 0
    assert received(imported)[:COUNT] == texts
    for recording in (imported, har):
        (tmp_path / "ready.json").unlink(missing_ok=True)
        with serving(tmp_path, "replay", str(recording), "--wait-for-client", "--speed", "max") as server:
            with connect(server.url) as client:
                client.send(SUBSCRIBE)
                assert [str(message) for message in client][:COUNT] == texts
            server.process.communicate()


def test_a_recording_is_exported_with_the_fields_that_browsers_document(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "recordings" / "peervault-bursts.pvrec.jsonl.zst"
    har = tmp_path / "bursts.har"
    assert run(["recording", "convert", str(source), str(har)]) == 0
    log: dict[str, Any] = json.loads(har.read_bytes())["log"]
    assert log["version"] == "1.2"
    assert {"name", "version"} <= log["creator"].keys()
    (entry,) = log["entries"]
    assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= entry.keys()
    assert {"method", "url", "httpVersion", "headers", "queryString", "cookies"} <= entry["request"].keys()
    assert entry["response"]["status"] == 101
    messages = entry["_webSocketMessages"]
    assert all({"type", "time", "opcode", "data"} <= message.keys() for message in messages)
    assert {message["type"] for message in messages} == {"send", "receive"}
    came = [
        message["data"] if message["opcode"] == 1 else base64.b64decode(message["data"]).decode()
        for message in messages
        if message["type"] == "receive"
    ]
    assert came == received(source)
