"""Clock, scenario, journal, faults and rules of `pvws.Control`, against a real server."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from websockets.frames import Opcode

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


async def test_a_scenario_of_this_machine_is_sent_with_its_files(
    test_bed: Steered, control: Control, tmp_path: Path
) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "more.yaml").write_text("seed: 7\n")
    (tmp_path / "other.yaml").write_text(SCRIPT)
    async with test_bed.client("alerts") as client:
        playing = await control.scenario.load(
            tmp_path / "other.yaml", set={"kind": "network_alert"}, held=True, speed="max"
        )
        assert (playing.name, playing.seed, playing.duration_s) == ("other", 7, 20.0)
        assert await control.scenario.state() == playing
        await control.clock.advance("10s")
        await client.read_until("network_alert")
        assert await control.scenario.reload() == playing
        await control.scenario.unload()
        assert await control.scenario.state() is None
        await client.catch_up()


async def test_a_scenario_of_the_server_is_loaded_by_name(control: Control) -> None:
    assert "quickstart" in {each.name for each in await control.scenario.shipped()}
    playing = await control.scenario.load("quickstart", seed=9, held=True)
    assert (playing.name, playing.seed) == ("quickstart", 9)


async def test_a_wrong_scenario_leaves_the_old_one(control: Control, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("scenario: wrong\nduration: soon\n")
    with pytest.raises(pvws.InputError, match=r"wrong\.yaml:2"):
        await control.scenario.load(tmp_path / "wrong.yaml")
    with pytest.raises(pvws.ControlError, match="quickstart"):
        await control.scenario.load("quickstrat")
    assert (await control.clock.advance("5s")).count > 0


async def test_the_journal_has_what_clients_did(test_bed: Steered, control: Control) -> None:
    async with test_bed.client("alerts", path="/ws?client=mobile") as client:
        client.say('{"type":"subscribe","topic":"nonsense"}')
        (wrong,) = await control.journal.wait("not valid", timeout_s=5)
        assert (wrong.name, wrong.did, wrong.error) == ("mobile", "sends", "INVALID_MESSAGE")
        assert wrong.text == '{"type":"subscribe","topic":"nonsense"}'
        found = await control.journal.entries(did="sends", type="subscribe", client="mobile")
        assert [each.text for each in found.entries] == ['{"type":"subscribe","topic":"alerts"}']
        assert found.last >= wrong.sequence
        behind = await control.journal.entries(after=wrong.sequence)
        assert behind.entries == []
    await control.journal.clear()
    assert all(each.sequence > wrong.sequence for each in (await control.journal.entries()).entries)


async def test_waiting_for_what_a_client_does_takes_no_longer_than_it_does(test_bed: Steered, control: Control) -> None:
    waiting = asyncio.ensure_future(control.journal.wait(type="subscribe", count=2))
    async with test_bed.client("alerts", "system"):
        entries = await waiting
    assert [json.loads(each.text or "")["topic"] for each in entries] == ["alerts", "system"]


async def test_a_wait_that_times_out_has_what_came(test_bed: Steered, control: Control) -> None:
    async with test_bed.client("alerts"):
        with pytest.raises(pvws.ControlTimeoutError) as caught:
            await control.journal.wait(type="subscribe", count=2, timeout_s=0.05)
    assert [each.text for each in caught.value.entries] == ['{"type":"subscribe","topic":"alerts"}']


async def test_a_wait_may_ask_for_messages_of_a_schema(test_bed: Steered, control: Control) -> None:
    schema = {"type": "object", "properties": {"topic": {"const": "system"}}, "required": ["topic"]}
    async with test_bed.client("alerts", "system"):
        (entry,) = await control.journal.wait(schema=schema)
    assert entry.text == '{"type":"subscribe","topic":"system"}'


async def test_a_fault_is_added_listed_and_removed(test_bed: Steered, control: Control) -> None:
    fault = await control.faults.add("drop: 100%, topics: [system]")
    assert (fault.id, fault.kind) == ("f1", "drop")
    other = await control.faults.add({"latency": "10s", "topics": ["alerts"]})
    assert [each.id for each in await control.faults.list()] == [fault.id, other.id]
    async with test_bed.client("system") as client:
        await control.emit("system", "storage_metrics")
        assert await client.types() == []
        assert sum((await control.faults.get(fault.id)).effects.values()) == 1
        await control.faults.remove(fault.id)
        await control.emit("system", "storage_metrics")
        assert await client.types() == ["storage_metrics"]
    await control.faults.clear()
    assert await control.faults.list() == []
    with pytest.raises(pvws.ControlError, match="f1") as caught:
        await control.faults.remove("f1")
    assert caught.value.status == 404


async def test_a_wrong_fault_is_refused_with_what_would_be_right(control: Control) -> None:
    with pytest.raises(pvws.ControlError, match="latency") as caught:
        await control.faults.add("latncy: 200ms")
    assert caught.value.exit_code == 2


async def test_a_rule_answers_what_clients_send(test_bed: Steered, control: Control) -> None:
    when = {"client": "sends", "match": "type == 'subscribe' and topic == 'system'"}
    rule = await control.rules.add({"when": when, "do": "disconnect", "code": 1011})
    assert [each.id for each in await control.rules.list()] == [rule.id]
    async with test_bed.client("peer_network") as client:
        client.say('{"type":"subscribe","topic":"system"}')
        await client.catch_up()
        await control.clock.advance("1s")  # a held clock gives out nothing by itself
        opcode, payload = await client.read_frame()
        while opcode != Opcode.CLOSE:
            opcode, payload = await client.read_frame()
        assert int.from_bytes(payload[:2], "big") == 1011
    assert [each.fired for each in await control.rules.list()] == [1]
    assert (await control.rules.get(rule.id)).rule == {"when": when, "do": "disconnect", "code": 1011}
    await control.rules.remove(rule.id)
    assert await control.rules.list() == []
    await control.rules.add({"when": when, "do": "disconnect"})
    await control.rules.clear()
    assert await control.rules.list() == []
