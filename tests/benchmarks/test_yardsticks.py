"""The yardstick is honest: what it writes is the contract's, and comes from a state that is consistent."""

from pathlib import Path

import pytest

from pvws.wire.codec import decode_server_message, encode_server_message
from pvws.wire.events import FileDeleted, FileReplicated, FileUploaded
from pvws.wire.messages import Event
from tests.benchmarks import yardsticks

EVENTS = 3_000


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    monkeypatch.setattr(yardsticks, "FILES_KEPT", 100)  # or there would be no deletes among so few
    monkeypatch.setattr(yardsticks, "UPLOAD_GAP", 10_000.0)
    assert yardsticks.smallest_honest_loop(EVENTS, tmp_path / "events.jsonl") > 0
    return (tmp_path / "events.jsonl").read_bytes().splitlines()


def test_the_smallest_honest_loop_writes_the_texts_of_the_documented_profile(lines: list[bytes]) -> None:
    assert len(lines) == EVENTS
    for line in lines:
        assert encode_server_message(decode_server_message(line)) == line


def test_the_smallest_honest_loop_tells_nothing_that_was_not_so(lines: list[bytes]) -> None:
    holders: dict[str, list[str]] = {}
    deletes, last = 0, b""
    for line in lines:
        message = decode_server_message(line)
        assert isinstance(message, Event)
        match message.data:
            case FileUploaded(key=key, node=node):
                assert key not in holders
                holders[key] = [node]
            case FileReplicated(key=key, source=source, node=node, replicas=replicas):
                assert source in holders[key]
                assert node not in holders[key]
                holders[key].append(node)
                assert replicas == len(holders[key]) <= yardsticks.REPLICATION
            case FileDeleted(key=key, node=node):
                assert node in holders.pop(key)
                deletes += 1
        assert line[-26:] >= last  # its timestamp
        last = line[-26:]
    assert deletes > EVENTS // 5
    assert len(holders) < 2 * yardsticks.FILES_KEPT
