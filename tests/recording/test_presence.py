import json
from typing import Any

from pvws.recording.presence import Presence


def event(topic: str, kind: str, **data: Any) -> bytes:
    return json.dumps({"type": kind, "topic": topic, "data": data}).encode()


def test_peers_that_are_up_and_files_that_are_present_are_known() -> None:
    seen = Presence()
    up = [event("peer_network", "peer_connected", id=name, address="10.0.0.1") for name in ("a", "b", "c")]
    stored = event("file_operations", "file_uploaded", key="k", size=1, node="a")
    updated = event("file_operations", "file_updated", key="k", checksum="x")
    for text in (
        *up,
        event("peer_network", "peer_disconnected", id="b", reason="timeout"),
        up[0],
        stored,
        event("file_operations", "file_uploaded", key="l", size=1, node="a"),
        updated,
        event("file_operations", "file_deleted", key="l", node="a"),
        event("file_operations", "file_updated", key="unknown", checksum="x"),
    ):
        seen.saw(text)
    assert seen.texts("peer_network") == (up[2], up[0])
    assert seen.texts("file_operations") == (stored, updated)
    assert seen.texts("alerts") == ()


def test_of_the_shipped_servers_broadcasts_the_fields_tell_what_they_are() -> None:
    seen = Presence()
    up = event("peer_network", "broadcast", id="a", address="10.0.0.1")
    stored = [event("file_operations", "broadcast", key=key, size=1, node="a", timestamp="t") for key in "kl"]
    seen.saw(b"\n".join([up, *stored]))
    seen.saw(event("file_operations", "broadcast", key="k", node="a", timestamp="t"))
    assert seen.texts("peer_network") == (up,)
    assert seen.texts("file_operations") == (stored[1],)
    seen.saw(event("peer_network", "broadcast", id="a", reason="timeout"))
    assert seen.texts("peer_network") == ()


def test_what_is_no_event_changes_nothing() -> None:
    seen = Presence()
    for text in (b"", b"\xff", b"[]", b'{"topic":"peer_network"}', b'{"topic":"peer_network","data":{"id":1}}', b"\n"):
        seen.saw(text)
    seen.saw(event("file_operations", "file_uploaded", key=1))
    assert not seen.texts("peer_network")
    assert not seen.texts("file_operations")
