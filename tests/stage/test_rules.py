"""Rules that are added while a stage runs, over real sockets."""

import json

import pytest

from pvws.errors import InputError, TooManyError
from pvws.limits import RULES_MAX
from pvws.stage.journal import Wanted
from pvws.stage.loading import Files, Loading
from pvws.stage.rules import NoSuchRuleError
from pvws.stage.stage import Stage
from tests.support.listed import Listed
from tests.support.staged import listener, stage_of, story, venue_of

PONG = {"when": {"client": "sends", "type": "ping"}, "times": "always", "do": "reply", "type": "hello"}


@pytest.mark.parametrize("stage_of_kind", ["quiet", "scenario", "replay"])
async def test_a_client_is_answered_at_once_also_while_the_clock_is_held(stage_of_kind: str) -> None:
    made = {"quiet": Stage, "scenario": story, "replay": lambda: stage_of(Listed(5, 9))}
    stage = made[stage_of_kind]()
    stage.clock.pause()
    await stage.clock.advance(5)
    rule = stage.controller.rules.add(PONG | {"data": {"you": "${client.name}"}})
    async with venue_of(stage) as venue, listener(venue, path="/ws?client=app") as client:
        message = json.loads(await client.read_until("hello"))
        assert message["data"] == {"you": "app"}
        assert message["clientId"] == stage.controller.client(1).id
        assert stage.controller.rules.rule(rule.id).fired == 1


async def test_a_delay_is_stage_time() -> None:
    stage = story()
    await stage.clock.advance("1s")
    stage.controller.rules.add(PONG | {"in": "2s"})
    async with venue_of(stage) as venue, listener(venue) as client:
        await stage.clock.advance("1999ms")
        assert await client.types() == []
        await stage.clock.advance("1ms")
        assert await client.types() == ["hello"]


async def test_only_who_is_meant_is_answered() -> None:
    stage = Stage()
    stage.controller.rules.add(PONG | {"when": {"client": "sends", "by": "app", "match": "x > 2"}})
    async with venue_of(stage) as venue, listener(venue) as other, listener(venue, path="/ws?client=app") as client:
        for each in (client, other):
            each.say('{"type":"ping","x":2}')
            each.say('{"type":"ping","x":3}')
        await client.read_until("hello")
        await stage.controller.journal.wait(Wanted(client=1, type="ping"), count=3)
        assert await other.types() == []
        assert await client.types() == ["hello"]


async def test_a_rule_may_close_hurt_or_tell_everybody() -> None:
    stage = Stage()
    rules = stage.controller.rules
    rules.add(
        {"when": {"client": "sends", "match": "text == 'go'"}, "do": "disconnect", "client": "sender", "code": 4001}
    )
    rules.add({"when": {"client": "sends", "match": "text == 'hurt'"}, "do": "fault", "drop": "100%"})
    rules.add(
        {"when": {"client": "sends", "match": "text == 'tell'"}, "do": "emit", "raw": '{"type":"all"}', "to_all": True}
    )
    async with venue_of(stage) as venue, listener(venue) as one, listener(venue) as other:
        one.say("tell")
        for each in (one, other):
            await each.read_until('"all"')
        one.say("go")
        await one.read_until("INVALID_MESSAGE")
        assert await one.read_close() == (4001, "")
        other.say("hurt")
        await other.read_until("INVALID_MESSAGE")
        assert [each.spec.kind for each in stage.faults.active()] == ["drop"]


async def test_rules_hold_on_whatever_is_loaded_until_they_are_removed() -> None:
    stage = Stage()
    rules = stage.controller.rules
    rule = rules.add(PONG)
    async with venue_of(stage) as venue, listener(venue) as client:
        await client.read_until("hello")
        stage.controller.load(Loading(Files({"a.yaml": "scenario: a\nnetwork: {peers: 1}"}, "a.yaml")), held=True)
        await stage.clock.advance("1s")
        client.say('{"type":"ping"}')
        await client.read_until("hello")
        stage.controller.unload()
        client.say('{"type":"ping"}')
        await client.read_until("hello")
        assert [each.fired for each in rules.active()] == [1]
        assert rules.remove(rule.id).id == "r1"
        client.texts.clear()
        assert await client.types() == []
    with pytest.raises(NoSuchRuleError, match='no rule is called "r1"; there are: none'):
        rules.remove("r1")


async def test_a_wrong_rule_is_told_with_its_paths_and_changes_nothing() -> None:
    rules = Stage().controller.rules
    with pytest.raises(InputError) as caught:
        rules.add({"when": {"client": "sends", "mach": "x"}, "do": "reply", "raw": "x", "type": "y"})
    assert {problem.path for problem in caught.value.problems} == {"when", "type"}
    assert rules.active() == []
    assert rules.add(PONG).id == "r1"
    assert rules.clear() == 1


async def test_there_are_at_most_so_many_rules() -> None:
    rules = Stage().controller.rules
    for _ in range(RULES_MAX):
        rules.add(PONG)
    with pytest.raises(TooManyError, match="there are 1,000 rules, as many as there may be"):
        rules.add(PONG)
    rules.remove("r7")
    assert rules.add(PONG).id == "r1001"


async def test_what_goes_wrong_when_a_rule_is_met_is_told_and_ends_nothing() -> None:
    stage = Stage()
    rule = stage.controller.rules.add(PONG | {"data": "${message.x}"})
    async with venue_of(stage) as venue, listener(venue):
        trouble = stage.controller.rules.rule(rule.id).trouble
        assert "a value of message.x, got nothing" in trouble


@pytest.mark.parametrize("held", [False, True])
async def test_a_fault_of_the_sender_is_nobody_elses_and_over_when_that_has_gone(held: bool) -> None:
    stage = Stage()
    if held:
        stage.clock.pause()
        await stage.clock.advance(5)
    when = {"client": "sends", "match": "type == 'ping' and data == 'go'"}
    stage.controller.rules.add({"when": when, "times": "always", "do": "fault", "drop": "100%", "client": "sender"})
    async with venue_of(stage) as venue, listener(venue, "alerts") as other:
        async with listener(venue, "alerts") as client:
            client.say('{"type":"ping","data":"go"}')
            await client.read_until('"pong"')
            (fault,) = stage.faults.active()
            assert [each.number for each in fault.touched] == [2]
            stage.controller.emit("storage_alert")
            await other.read_until("storage_alert")
            assert fault.counts["dropped"] == 1
        await stage.controller.journal.wait(Wanted(did="disconnects", client=2))
        assert not stage.faults.active()
        assert list(stage.faults.past) == [fault]
