"""Clock, scenario, journal, faults and rules of `pvws.Control`, against a real server."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

import pvws
from pvws.client.control.control import Control
from pvws.timestamp import Timestamp
from tests.support.steered import Steered

SCRIPT = """\
scenario: other
include: parts/more.yaml
start: 2024-01-01T00:00:00Z
duration: 20s
parameters: {kind: storage_alert}
timeline:
  - {at: 5s, do: emit, type: "${kind}"}
"""


async def test_a_clock_is_moved_in_every_way(control: Control) -> None:
    clock = control.clock
    assert (await clock.hold()).clock.held
    moved = await clock.advance("5s", events=2)
    assert moved.clock.at == Timestamp.parse("2024-01-01T00:00:05Z")
    assert moved.complete
    assert len(moved.events) == min(2, moved.count)
    moved = await clock.advance(timedelta(seconds=1))
    assert moved.clock.at == Timestamp.parse("2024-01-01T00:00:06Z")
    moved = await clock.until(mark="ten")
    assert (moved.clock.at, moved.marks) == (Timestamp.parse("2024-01-01T00:00:10Z"), ["ten"])
    moved = await clock.until(type="security_alert")
    assert moved.matched is not None
    assert moved.matched.type == "security_alert"
    assert (await clock.step(2)).count >= 2
    moved = await clock.seek(datetime(2024, 1, 1, 0, 0, 2, tzinfo=UTC))
    assert moved.clock.at == Timestamp.parse("2024-01-01T00:00:02Z")
    moved = await clock.advance(to="2024-01-01T00:00:03Z")
    assert moved.clock.at == (await clock.state()).at
    assert (await clock.set_speed("max")).speed == "max"
    assert (await clock.set_speed(2)).speed == 2
    assert (await clock.settle()).complete
    assert not (await clock.resume()).held


async def test_a_clock_that_runs_is_not_moved_and_the_server_says_how_to_hold_it(control: Control) -> None:
    await control.clock.resume()
    with pytest.raises(pvws.ControlError, match="hold") as caught:
        await control.clock.advance("1s")
    assert caught.value.status == 409


async def test_what_never_happens_is_said(control: Control) -> None:
    with pytest.raises(pvws.ControlError, match="did not happen"):
        await control.clock.until(type="network_alert", within="1s")


async def test_with_ack_a_move_waits_for_a_pong(test_bed: Steered, control: Control) -> None:
    async with test_bed.client("file_operations") as client:
        reading = asyncio.ensure_future(client.read_until("never"))
        moved = await control.clock.advance("5s", ack=True)
        assert moved.complete
        moved = await control.clock.advance("0s", ack=True)
        reading.cancel()
        await asyncio.wait({reading})
        silent = await control.clock.advance("1s", ack=True, timeout_s=0.2)
    assert [each.why for each in silent.stragglers] == ["silent"]
