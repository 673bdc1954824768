"""What type checkers make of steering and of the fixture; tests/release/test_typing.py runs them over this file."""

from typing import assert_type

import pytest

import pvws
from pvws.answers import ClientState, Comparison, Emitted, Happening, Moved, Playing
from pvws.testing import (
    AsyncPvwsServer,
    ClientError,
    PvwsFactory,
    PvwsServer,
    ServerClock,
    ServerExpectation,
    ServerFault,
    ServerFaults,
)


def steers() -> None:
    with pvws.SyncControl("http://localhost:8084", token="t") as control:
        assert_type(control, pvws.SyncControl)
        assert_type(control.clock.advance("10s"), Moved)
        assert_type(control.emit("alerts", "storage_alert", {"level": "critical"}), Emitted)
        assert_type(control.scenario.load("quickstart"), Playing)
        assert_type(control.compare({"fileCount": 1}), Comparison)
        for client in control.clients():
            assert_type(client, ClientState)
        with control.world(scenario="quickstart") as world:
            assert_type(world.url, str)
            assert_type(world.control, pvws.SyncControl)


async def steers_in_a_loop() -> None:
    async with pvws.Control() as control:
        assert_type(control, pvws.Control)
        assert_type(await control.clock.hold(), Moved)
        async for happening in control.events(["event"]):
            assert_type(happening, Happening)
        try:
            await control.emit("alerts", "storage_alert")
        except pvws.ControlError as error:
            assert_type(error.status, int)


def test_with_the_fixture(pvws_server: PvwsServer, pvws_factory: PvwsFactory) -> None:
    assert_type(pvws_server.url, str)
    assert_type(pvws_server.clock, ServerClock)
    assert_type(pvws_server.clock.now, pvws.Timestamp)
    assert_type(pvws_server.faults, ServerFaults)
    assert_type(pvws_server.faults.add("latency: 100ms"), ServerFault)
    assert_type(pvws_server.aio, AsyncPvwsServer)
    assert_type(pvws_server.expect("connects, within: 5s"), ServerExpectation)
    assert_type(pvws_server.errors, list[ClientError])
    assert_type(pvws_server.wait_for_subscription("alerts").client, int)
    assert len(pvws_server.wait_for_connection(count=2)) == 2
    assert_type(pvws_factory(scenario="quickstart", held=True), PvwsServer)


@pytest.mark.pvws(scenario="quickstart", held=True)
async def test_awaited(pvws_server: PvwsServer) -> None:
    await pvws_server.aio.wait_for_subscription("alerts")


def mistakes(pvws_server: PvwsServer, pvws_factory: PvwsFactory) -> None:
    pvws.SyncControl(world=5)  # type: ignore[arg-type]
    pvws.SyncControl().clock.advanced("1s")  # type: ignore[attr-defined]
    pvws_server.emit(7)  # type: ignore[call-overload]
    pvws_server.wait_for_connection(count="two")  # type: ignore[call-overload]
    pvws_factory(scenaro="quickstart")  # type: ignore[call-arg]
    pvws_factory(profile="upsteam")  # type: ignore[arg-type]
