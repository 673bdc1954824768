"""Memory is flat, whatever comes and however long: objects alive are counted, in every view."""

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
from rich.cells import cached_cell_len

from pvws.cli.live import LiveView
from pvws.cli.views import JsonView, LogView, OnceView, View
from pvws.client.happenings import Received
from tests.support.terminal import set_size

ROUND = 2_000  # messages between two pictures: 20,000 a second
GROWTH_BLOCKS_MAX = 8_000  # bounded samples and caches grow and shrink by so much; a block an event would be more

TIME = "2024-01-01T00:%02d:%02d.%03dZ"
FILE = (
    '{"type":"file_uploaded","topic":"file_operations","data":{"key":"k%d","size":5,"node":"n%d","timestamp":"%s"},'
    '"timestamp":"%s"}'
)
PEER = (
    '{"type":"peer_connected","topic":"peer_network","data":{"id":"p%d","address":"a%d","port":1,"capabilities":["c"],'
    '"timestamp":"%s"},"timestamp":"%s"}'
)
ALERT = (
    '{"type":"storage_alert","topic":"alerts","data":{"level":"warning","message":"m%d","metric":"m","value":1.5,'
    '"threshold":1,"timestamp":"%s","node":"n%d"},"timestamp":"%s"}'
)


def messages(first: int, count: int) -> Iterator[Received]:
    """Messages, no two of the same entity; some of types that nobody knows, and some that are none."""
    for number in range(first, first + count):
        second, milli = divmod(number // 20, 1000)
        time = TIME % (second // 60 % 60, second % 60, milli)
        at = 1_704_067_200.0 + number / 20_000
        kind = number % 16
        if kind == 0:
            yield Received(PEER % (number, number, time, time), at)
        elif kind == 1:
            yield Received(ALERT % (number, time, number, time), at)
        elif kind == 2:
            yield Received(f'{{"type":"made_up_{number}","timestamp":"{time}"}}', at)
        elif kind == 3:
            yield Received(f"no json {number}", at)
        else:
            yield Received(FILE % (number, number, time, time), at)


@pytest.fixture
async def near(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A terminal whose other end is read."""
    monkeypatch.setenv("TERM", "xterm")
    far, near = os.openpty()
    set_size(near, 120, 40)
    loop = asyncio.get_running_loop()
    loop.add_reader(far, lambda: os.read(far, 1_000_000))
    yield near
    loop.remove_reader(far)
    os.close(near)
    os.close(far)


async def blocks_after(view: View, first: int, count: int) -> int:
    """How many blocks of memory are taken when so many messages more have been shown."""
    for start in range(first, first + count, ROUND):
        for received in messages(start, ROUND):
            view.show(received)
        if isinstance(view, LiveView):
            view.redraw()
        await view.output.drain()
        await asyncio.sleep(0)
    cached_cell_len.cache_clear()  # bounded as well, but not full so soon
    gc.collect()
    return sys.getallocatedblocks()


@pytest.mark.parametrize(
    ("bound", "count"),
    [(256, 30_000), pytest.param(None, 1_000_000, marks=[pytest.mark.long, pytest.mark.timeout(280)])],
)
@pytest.mark.parametrize("kind", ["json", "log", "table once", "dashboard once", "live log", "table", "dashboard"])
async def test_memory_is_flat_over_any_number_of_events(
    kind: str, bound: int | None, count: int, near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = 70_000  # what is bounded is full after so many: 16 × 4,096 messages have that many peers in them
    if bound is not None:
        full = 10_000
        for name in ("PEERS_KEPT_MAX", "FILES_KEPT_MAX", "ALERTS_KEPT_MAX"):
            monkeypatch.setattr(f"pvws.terminal.network.{name}", bound)
        monkeypatch.setattr("pvws.terminal.lateness.LATENESS_SAMPLES_MAX", bound)
    with open(os.devnull, "w") as nowhere, open(near, "w", closefd=False) as terminal:  # noqa: ASYNC230, PTH123
        view: View
        match kind:
            case "json":
                view = JsonView(nowhere)
            case "log":
                view = LogView(nowhere)
            case "table once" | "dashboard once":
                view = OnceView(nowhere, "", "table" if kind == "table once" else "dashboard")
            case "live log":
                view = LiveView(terminal, None, "", "log")
            case _:
                view = LiveView(terminal, None, "", "table" if kind == "table" else "dashboard")
        with view.entered(lambda: None, lambda topic, on: None):
            before = await blocks_after(view, 0, full)
            after = await blocks_after(view, full, count)
        assert view.ledger.total == full + count
        assert view.ledger.unreadable == (full + count) // 8
        assert after - before < GROWTH_BLOCKS_MAX
