"""The twin without an event loop: the same source, and the same talk with a real server."""

import ast
import threading
from contextlib import closing
from pathlib import Path

import pytest

import pvws
from pvws.client.control.sync_control import SyncControl
from tests.support.steered_beside import Beside
from tests.support.sync_twins import SOURCES, twin_of, twin_path


def outline(source: str) -> list[str]:
    """What a module does, however it is laid out; imports and `__all__` in any order."""
    tree = ast.parse(source)
    imported = sorted(
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    )
    rest = [ast.dump(node) for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Assign)]
    return [*imported, *rest]


@pytest.mark.parametrize("path", SOURCES, ids=[path.stem for path in SOURCES])
def test_a_twin_is_made_of_its_other(path: Path) -> None:
    written = twin_path(path).read_text("utf-8")
    assert outline(written) == outline(twin_of(path)), "run: make twins"


def test_no_twin_waits_as_an_event_loop_does() -> None:
    for path in SOURCES:
        tree = ast.parse(twin_path(path).read_text("utf-8"))
        assert not any(isinstance(node, ast.Await | ast.AsyncFunctionDef | ast.AsyncWith) for node in ast.walk(tree))


def test_a_server_is_steered_without_an_event_loop(beside: Beside) -> None:
    with pvws.SyncControl(beside.url) as control:
        assert control.info().url == beside.web_socket
        assert control.clock.hold().clock.held
        assert control.clock.advance("2s").complete
        assert control.state().world == "main"
        with pytest.raises(pvws.ControlError, match="nowhere"):
            control.at("nowhere").state()


def test_a_world_is_held_without_an_event_loop(beside: Beside) -> None:
    with SyncControl(beside.url) as control:
        with control.world("w1", ttl="60ms") as world:
            first = _expires(control)
            while _expires(control) == first:
                pass
            assert world.control.state().world == "w1"
        assert [each.name for each in control.worlds()] == ["main"]
    assert not any(thread.name == "pvws-lease" for thread in threading.enumerate())


def _expires(control: SyncControl) -> object:
    return [each.expires for each in control.worlds() if each.name == "w1"]


def test_events_are_followed_without_an_event_loop(beside: Beside) -> None:
    with SyncControl(beside.url) as control, closing(control.events(["state", "event"])) as events:
        assert next(events).kind == "state"
        control.emit("alerts", "storage_alert")
        assert next(each for each in events if each.kind == "event").data.type == "storage_alert"
