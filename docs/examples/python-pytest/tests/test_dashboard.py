"""The dashboard lives in the test's own event loop, so what is waited for is awaited: `pvws_server.aio`."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from dashboard import TOPICS, Dashboard, follow

from pvws.testing import PvwsServer

pytestmark = pytest.mark.pvws(scenario="scenario.yaml", held=True)


@pytest_asyncio.fixture
async def dashboard(pvws_server: PvwsServer) -> AsyncIterator[Dashboard]:
    """A dashboard that is connected and subscribed. Its server's clock stands until a test moves it."""
    dashboard = Dashboard()
    following = asyncio.create_task(follow(pvws_server.url, dashboard, retry_first_s=0.05))
    await pvws_server.aio.wait_for_subscription(TOPICS[-1])
    yield dashboard
    following.cancel()
    await asyncio.wait({following})


async def caught_up(dashboard: Dashboard, pvws_server: PvwsServer) -> None:
    """Return when the dashboard has taken everything: an event that comes behind it all is there."""
    pvws_server.emit("security_alert", {"level": "info", "message": "that is all"})
    await dashboard.until(lambda shown: "info: that is all" in shown.alerts)


async def test_it_shows_what_is_true_of_the_network(dashboard: Dashboard, pvws_server: PvwsServer) -> None:
    await pvws_server.aio.clock.advance("20s")
    await caught_up(dashboard, pvws_server)
    assert len(dashboard.files) == pvws_server.world.file_count > 20
    files = [{"key": key, "size": size} for key, size in dashboard.files.items()]
    peers = [{"id": peer, "connected": connected} for peer, connected in dashboard.peers.items()]
    assert list(dashboard.peers.values()).count(False) == 1
    assert pvws_server.compare({"files": files, "peers": peers}, partial=True) == []


async def test_it_comes_back_after_an_outage_and_goes_on_counting(
    dashboard: Dashboard, pvws_server: PvwsServer
) -> None:
    await pvws_server.aio.clock.advance("5s")
    returns = pvws_server.expect(
        "reconnects, within: 10s, backoff: {least: 20ms, most: 5s, grows: false}", "resubscribes, within: 5s"
    )
    pvws_server.faults.add("status: 503, attempts: 2")
    pvws_server.disconnect(code=1012, reason="restarting")
    await returns.held()
    await pvws_server.aio.clock.advance("5s")
    await caught_up(dashboard, pvws_server)
    assert pvws_server.compare({"fileCount": len(dashboard.files)}, partial=True) == []


async def test_what_it_does_not_understand_changes_nothing(dashboard: Dashboard, pvws_server: PvwsServer) -> None:
    uploaded = '{"type":"file_uploaded","topic":"file_operations","data":{"key":"%s","size":1}}'
    for text in (
        '{"type":"file_uploaded","data":',
        "null",
        uploaded % "a" + "\n" + uploaded % "b",
        '{"type":"pinned"}',
    ):
        pvws_server.emit_raw(text, ["file_operations"])
    await caught_up(dashboard, pvws_server)
    assert list(dashboard.files) == ["a", "b"]
