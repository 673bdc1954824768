"""A controller with a stage in its hands, over real sockets."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from websockets.frames import Opcode

from pvws.errors import InputError
from pvws.scenario.faults.spec import read_fault
from pvws.scenario.inputs import input_line, inputs_head, read_inputs
from pvws.sim.source import ClientInput, Exchange, Input, Order, Timed
from pvws.stage.clients import NoSuchClientError
from pvws.stage.controller import Controller
from pvws.stage.loading import Files, Loading
from pvws.stage.observer import Observer
from pvws.stage.sequel import Sequel
from pvws.stage.stage import Stage
from tests.support.listed import Listed
from tests.support.playing import rest
from tests.support.staged import START, Listener, director, listener, stage_of, story, venue_of

SECOND = 1_000_000


@asynccontextmanager
async def heard(stage: Stage, *topics: str) -> AsyncIterator[tuple[Controller, Listener]]:
    """A stage's controller, and a client that is subscribed to some topics of it."""
    async with venue_of(stage) as venue, listener(venue, *topics) as client:
        yield stage.controller, client


async def test_an_event_reaches_whoever_has_subscribed_while_nothing_plays() -> None:
    async with heard(Stage(), "alerts") as (controller, client):
        emitted = controller.emit("storage_alert", {"level": "critical"})
        message = json.loads(await client.read_until("storage_alert"))
        assert message["data"]["level"] == "critical"
        assert message["data"]["metric"] == "storage_usage"
        assert message["timestamp"] == emitted.timestamp.text
        assert (emitted.sequence, emitted.reached) == (0, 1)


async def test_an_event_is_sent_at_once_while_the_clock_is_held_and_the_clock_stands() -> None:
    stage = story()
    async with heard(stage, "alerts") as (controller, client):
        await stage.clock.advance("5s")
        controller.emit("storage_alert")
        await client.read_until("storage_alert")
        assert stage.now().micros == START + 5 * SECOND
        advance = await stage.clock.advance("1s")
        assert advance.at == START + 6 * SECOND


async def test_at_the_start_of_a_run_an_event_comes_before_all_else() -> None:
    stage = story()
    async with heard(stage, "alerts", "peer_network") as (controller, client):
        controller.emit("storage_alert")
        assert await client.types() == ["storage_alert"]
        await stage.clock.advance("1ms")
        assert (await client.types())[:2] == ["storage_alert", "peer_connected"]


async def test_a_wrong_event_is_refused_with_the_path_of_each_mistake() -> None:
    controller = Stage().controller
    with pytest.raises(InputError) as caught:
        controller.emit("storage_alert", {"level": "loud", "valeu": 3})
    assert {problem.path for problem in caught.value.problems} == {"data.level", "data.valeu"}
    with pytest.raises(InputError, match='did you mean "storage_alert"'):
        controller.emit("storage_alrt")
    with pytest.raises(InputError, match="topic: expected alerts"):
        controller.emit("storage_alert", topic="system")


async def test_what_looks_like_a_template_is_sent_as_it_stands() -> None:
    async with heard(Stage(), "alerts") as (controller, client):
        controller.emit("storage_alert", {"message": "${peers} and $${n}"})
        assert json.loads(await client.read_until("storage_alert"))["data"]["message"] == "${peers} and $${n}"
        controller.emit_raw("raw ${x}", topics=["alerts"])
        assert await client.read_until("raw") == "raw ${x}"


async def test_one_client_gets_what_the_others_do_not() -> None:
    stage = Stage()
    async with venue_of(stage) as venue, listener(venue, "alerts") as one, listener(venue, "alerts") as other:
        assert stage.controller.emit("storage_alert", client=2).sequence is None
        stage.controller.emit_raw('{"type":"raw"}', client=1)
        assert await one.types() == ["raw"]
        assert await other.types() == ["storage_alert"]


async def test_any_bytes_go_out_as_they_stand() -> None:
    async with heard(Stage(), "alerts") as (controller, client):
        controller.emit_raw(b"\x00\xff", topics=["alerts", "system"])
        assert await client.read_frame() == (Opcode.BINARY, b"\x00\xff")
        controller.emit_raw(b"\xff", topics=["alerts"], binary=False)
        assert await client.read_frame() == (Opcode.TEXT, b"\xff")


async def test_a_client_is_found_by_number_name_id_and_the_beginning_of_that() -> None:
    stage = Stage()
    async with venue_of(stage) as venue, listener(venue, "alerts"), listener(venue):
        first, second = stage.controller.clients()
        assert (first.number, first.topics, second.topics) == (1, ("alerts",), ())
        assert first.received == 2
        for which in (1, "1", first.id, first.id[:9]):
            assert stage.controller.client(which).id == first.id
        with pytest.raises(NoSuchClientError, match=f'no client is called "7"; here are: 1 \\({first.id[:8]}\\), 2'):
            stage.controller.client("7")


async def test_a_client_is_told_to_go() -> None:
    async with heard(Stage(), "alerts") as (controller, client):
        (told,) = controller.disconnect(1, code=4321, reason="enough")
        assert told.number == 1
        opcode, payload = await client.read_frame()
        assert (opcode, payload) == (Opcode.CLOSE, (4321).to_bytes(2, "big") + b"enough")


async def test_a_controller_says_something_into_what_can_take_no_orders() -> None:
    stage = stage_of(Listed(START + 5, START + 9))
    async with heard(stage, "alerts") as (controller, client):
        await stage.clock.advance(6)
        assert controller.emit("storage_alert").sequence == 1
        advance = await stage.clock.advance(6)
        assert [event.sequence for event in advance.events] == [2]
        texts = await client.catch_up()
        assert [text for text in texts if "pong" not in text][0::2] == ["text", "text"]


async def test_everything_a_controller_did_is_played_again_with_the_same_bytes() -> None:
    other = "scenario: other\nduration: 20s\nnetwork: {peers: 2}\nbehaviours: {metrics: {every: 1s}}"
    inputs, stage = list[Input](), story()
    texts = list[bytes]()
    stage.observe(_Watching(inputs, texts))
    controller = stage.controller
    async with venue_of(stage) as venue, listener(venue, "alerts", "system") as client:
        await stage.clock.advance("5s")
        controller.emit("storage_alert", {"level": "critical"})
        controller.do({"do": "leave", "peers": 1})
        controller.faults.add(read_fault("duplicate: 100%, client: nobody"))
        rule = {"when": {"client": "sends", "match": "x > 2"}, "times": "always", "in": "1s", "do": "emit"}
        controller.rules.add(rule | {"type": "security_alert", "data": {"message": "x is ${message.x}"}})
        client.say('{"type":"ping","x":3}')
        await client.read_until('"pong"')
        await stage.clock.advance("5s")
        controller.faults.remove("f1")
        controller.load(Loading(Files({"o.yaml": other}, "o.yaml")))
        await stage.clock.advance("3s")
        controller.emit_raw("no json", topics=["alerts", "system"])
        client.say('{"type":"ping","x":4}')
        await client.read_until('"pong"')
        await stage.clock.advance("4s")
        controller.unload()
        controller.emit("network_alert")
        client.say('{"type":"ping","x":5}')
        await client.read_until('"pong"')
        await stage.clock.advance("4s")
    assert b"x is 3" in b"".join(texts)
    assert b"x is 4" in b"".join(texts)
    assert b"x is 5" in b"".join(texts)
    lines = [inputs_head("story", 0, START), *(input_line(each, START) for each in inputs), ""]
    again = read_inputs("\n".join(lines), "journal", START)
    assert again == inputs
    switched = [each.step for each in again if isinstance(each, Order) and each.step and "fault" in each.step["do"]]
    assert switched == [{"do": "fault", "duplicate": "100%", "client": "nobody"}, {"do": "unfault", "name": "f1"}]
    sequel = Sequel(lambda known: director(inputs=tuple(known)), again)
    assert [each.text for each in rest(sequel, stage.now().micros) if isinstance(each, Timed)] == texts
    assert len(texts) > 20


class _Watching(Observer):
    """Keeps inputs, and what was published."""

    def __init__(self, inputs: list[Input], texts: list[bytes]) -> None:
        self._inputs = inputs
        self._texts = texts

    def published(self, events: Sequence[Timed], real: int) -> None:
        self._texts += [event.text for event in events]

    def noted(self, deed: ClientInput) -> None:
        self._inputs.append(deed)

    def ordered(self, order: Order) -> None:
        self._inputs.append(order)

    def exchanged(self, exchange: Exchange) -> None:
        self._inputs.append(exchange)
