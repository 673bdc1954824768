"""Everything that is sent, written and shipped keeps to the published schemas, by the judgement of `jsonschema`.

What is sent is what a client has received over a socket: every incident there is, in both profiles.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from websockets.sync.client import connect

from pvws.cli.schemas import asyncapi_text, events_schema, recording_schema_text, scenario_schema
from pvws.files.compression import decompressed, encoding_of
from pvws.notation.document import parse
from pvws.testing import PvwsServer
from pvws.wire.events import EVENT_TYPES
from pvws.wire.topics import TOPICS
from tests.support.snippets import ROOT
from tests.support.trees import plain

DATES = FormatChecker(["date-time"])
API = json.loads(asyncapi_text())


@cache
def messages(profile: str) -> dict[str, Draft7Validator]:
    """For each message that a server of a profile sends, by its name in the AsyncAPI document."""
    sent = [
        each["$ref"].rpartition("/")[2]
        for operation in API["operations"].values()
        if operation["action"] == "send" and operation["channel"]["$ref"].endswith(f"/{profile}")
        for each in operation["messages"]
    ]
    found = {}
    for name in [*sent, "pong"]:
        schema = API["components"]["messages"][name]["payload"] | {"components": API["components"]}
        found[name] = Draft7Validator(schema, format_checker=DATES)
    return found


def kept(profile: str, said: Iterable[Any]) -> Counter[str]:
    """How many messages there are of each name; fails on the first that keeps to none or to several."""
    found = Counter[str]()
    for message in said:
        takes = [name for name, validator in messages(profile).items() if validator.is_valid(message)]
        assert len(takes) == 1, f"{takes}: {message}"
        found[takes[0]] += 1
    return found


def heard(server: PvwsServer, advance: str) -> list[Any]:
    """All that a client of a server hears while stage time advances, and a pong; joined messages one by one."""
    said: list[Any] = []

    def listen() -> None:
        for text in client:
            said.extend(map(json.loads, str(text).split("\n")))
            if said[-1]["type"] == "pong":
                return

    with connect(server.url, compression=None, max_size=None) as client:
        for topic in TOPICS:
            client.send(json.dumps({"type": "subscribe", "topic": topic, "data": topic}))
        server.wait_for_subscription(count=len(TOPICS))
        listening = threading.Thread(target=listen)
        listening.start()
        server.clock.advance(advance)
        client.send('{"type":"ping"}')
        listening.join(30)
        assert not listening.is_alive()
    return said


@pytest.mark.pvws(scenario="kitchen-sink", held=True)
def test_every_message_of_the_documented_profile_keeps_to_both_documents(pvws_server: PvwsServer) -> None:
    said = heard(pvws_server, "60s")
    found = kept("documented", said)
    assert found["pong"] == 1
    assert len(found) >= 15, "the scenario has about every type"
    events = Draft202012Validator(json.loads(events_schema()), format_checker=DATES)
    some = {message["type"]: message for message in said if message["type"] != "pong"}
    assert set(some) <= set(EVENT_TYPES)
    for message in some.values():
        assert [error.message for error in events.iter_errors(message)] == []


@pytest.mark.pvws(scenario="kitchen-sink", held=True, profile="upstream", config={"quirks": {"queue": 100_000}})
def test_every_message_of_the_upstream_profile_keeps_to_the_asyncapi_document(pvws_server: PvwsServer) -> None:
    found = kept("upstream", heard(pvws_server, "60s"))
    assert set(found) == {"pong", *(f"broadcast{topic.title().replace('_', '')}" for topic in TOPICS)}


@pytest.mark.pvws(config={"limits": {"messages_per_second": 2}}, allow=["INVALID_MESSAGE", "RATE_LIMIT_EXCEEDED"])
def test_errors_keep_to_the_asyncapi_document(pvws_server: PvwsServer) -> None:
    with connect(pvws_server.url) as client:
        for text in ("nonsense", '{"type":"ping"}', '{"type":"ping"}'):
            client.send(text)
        assert kept("documented", [json.loads(client.recv()) for _ in range(3)]) == {"error": 2, "pong": 1}


def test_what_the_real_server_sent_keeps_to_its_envelope() -> None:
    envelope = {
        "type": "object",
        "required": ["type", "timestamp"],
        "properties": {"type": {"enum": ["broadcast", "pong"]}},
    }
    validator = Draft7Validator(envelope)
    count = 0
    for message in received(ROOT / "recordings" / "peervault-normal.pvrec.jsonl"):
        assert validator.is_valid(message), message
        if message["type"] == "pong":
            assert kept("upstream", [message]) == {"pong": 1}
        else:  # its `data` was made up by who recorded it: the shipped server emits nothing
            name = f"broadcast{message['topic'].title().replace('_', '')}"
            schema = API["components"]["messages"][name]["payload"]
            without = schema | {"properties": schema["properties"] | {"data": {}}, "components": API["components"]}
            assert Draft7Validator(without, format_checker=DATES).is_valid(message), message
        count += 1
    assert count > 50


@pytest.mark.parametrize("path", sorted((ROOT / "recordings").glob("*.pvrec.jsonl.*")), ids=lambda path: path.name)
def test_every_line_of_a_shipped_recording_that_is_compressed_keeps_to_the_schema(path: Path) -> None:
    written_keeps(lines(path))


@pytest.mark.pvws(scenario="quickstart", held=True)
def test_every_line_that_is_recorded_keeps_to_the_schema(pvws_server: PvwsServer, tmp_path: Path) -> None:
    heard(pvws_server, "20s")
    pvws_server.recording.write(tmp_path / "run.pvrec.jsonl")
    written_keeps(lines(tmp_path / "run.pvrec.jsonl"))


SCRIPTS = sorted(ROOT.glob("docs/examples/**/scenario.yaml"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_scenario_of_every_example_keeps_to_the_schema(path: Path) -> None:
    script = plain(parse(path.read_text("utf-8"), path.name))
    assert [error.message for error in _scenarios().iter_errors(script)] == []


def written_keeps(said: Iterable[bytes]) -> None:
    validator = Draft202012Validator(json.loads(recording_schema_text()))
    count = 0
    for line in said:
        assert [error.message for error in validator.iter_errors(json.loads(line))] == []
        count += 1
    assert count > 10


def lines(path: Path) -> list[bytes]:
    """The lines of a recording, unpacked."""
    return b"".join(decompressed([path.read_bytes()], encoding_of(path.name))).splitlines()


def received(path: Path) -> Iterator[Any]:
    """Every message in a recording that a client has received, those that were joined one by one."""
    for line in lines(path)[1:]:
        entry = json.loads(line)
        if entry.get("dir") == "recv" and "message" in entry:
            yield entry["message"]
        elif entry.get("dir") == "recv" and "text" in entry:
            yield from map(json.loads, entry["text"].split("\n"))


@cache
def _scenarios() -> Draft202012Validator:
    return Draft202012Validator(json.loads(scenario_schema()))
