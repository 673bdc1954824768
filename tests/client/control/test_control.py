"""`pvws.Control` against a real server, over a real socket."""

import asyncio
import json
import re
from contextlib import aclosing

import pytest

import pvws
from pvws.answers import Happening
from pvws.client.control.control import Control
from pvws.control.table import routes
from pvws.errors import InputError, ReachError
from pvws.server.configuration import configure
from pvws.server.settings import Control as ControlSettings
from tests.support.canned import canned
from tests.support.steered import Steered, steered
from tests.support.sync_twins import CONTROL


async def taken(control: Control, *, kind: str, count: int = 1, **asked: object) -> list[Happening]:
    """The next happenings of a kind."""
    found: list[Happening] = []
    async with aclosing(control.events([kind], **asked)) as happenings:  # type: ignore[arg-type]
        async for happening in happenings:
            if happening.kind == kind:
                found.append(happening)
            if len(found) == count:
                break
    return found


async def test_what_serves_is_told(test_bed: Steered, control: Control) -> None:
    info = await control.info()
    assert info.pvws == pvws.__version__
    assert info.url == test_bed.venue.url
    assert info.control == control.url == test_bed.listening.url
    assert info.worlds == ["main"]


async def test_a_state_says_what_plays_and_who_is_here(test_bed: Steered, control: Control) -> None:
    async with test_bed.client("alerts"):
        state = await control.state()
    assert (state.world, state.clients, state.clock.held) == ("main", 1, True)
    assert state.clock.at == state.clock.start == pvws.Timestamp.parse("2024-01-01T00:00:00Z")
    assert state.events.total == 0


async def test_clients_are_listed_and_found_by_name_number_and_the_beginning_of_an_id(
    test_bed: Steered, control: Control
) -> None:
    async with test_bed.client("alerts", path="/ws?client=mobile"), test_bed.client("system"):
        first, second = await control.clients()
        assert (first.name, first.topics, first.number) == ("mobile", ["alerts"], 1)
        assert (second.topics, second.number) == (["system"], 2)
        for which in ("mobile", 1, first.id[:8], first.id):
            assert (await control.client(which)).id == first.id
        with pytest.raises(pvws.ControlError, match="mobile") as caught:
            await control.client("laptop")
        assert caught.value.status == 404


async def test_a_client_is_disconnected_with_code_and_reason(test_bed: Steered, control: Control) -> None:
    async with test_bed.client(path="/ws?client=a") as first, test_bed.client(path="/ws?client=b"):
        told = await control.disconnect("a", code=1012, reason="restart")
        assert await first.read_close() == (1012, "restart")
        assert told == [(await control.clients())[0].id] or len(told) == 1
        with pytest.raises(pvws.ControlError, match="code"):
            await control.disconnect("b", code=1)


async def test_an_event_reaches_who_subscribed_and_says_whom(test_bed: Steered, control: Control) -> None:
    async with test_bed.client("alerts") as one, test_bed.client("system") as other:
        emitted = await control.emit("alerts", "storage_alert", {"level": "critical", "value": 97})
        text = await one.read_until("storage_alert")
        assert json.loads(text)["data"]["value"] == 97
        assert emitted.reached == 1
        assert await other.types() == []


async def test_what_is_wrong_in_an_event_is_refused_with_its_path(control: Control) -> None:
    with pytest.raises(pvws.ControlError) as caught:
        await control.emit("alerts", "storage_alert", {"level": "worst"})
    assert caught.value.status == 422
    assert "level" in caught.value.errors[0].path
    assert caught.value.exit_code == 2


async def test_an_event_may_go_to_one_client_alone(test_bed: Steered, control: Control) -> None:
    async with test_bed.client("alerts", path="/ws?client=a") as one, test_bed.client("alerts") as other:
        await control.emit("alerts", "storage_alert", client="a")
        await one.read_until("storage_alert")
        assert await other.types() == []


async def test_a_raw_message_goes_as_it_stands(test_bed: Steered, control: Control) -> None:
    async with test_bed.client("system") as client:
        await control.emit_raw('{"broken": größe', ["system"])
        assert await client.read_until("broken") == '{"broken": größe'
        await control.emit_raw(b"\x00\xff", ["system"])
        opcode, payload = await client.read_frame()
        assert (opcode, payload) == (2, b"\x00\xff")


async def test_what_goes_to_all_needs_no_subscription(test_bed: Steered, control: Control) -> None:
    async with test_bed.client() as client:
        emitted = await control.emit("system", "system_metrics", to_all=True)
        assert emitted.reached == 1
        assert json.loads(await client.read_until("system_metrics"))["topic"] == "system"
        await control.emit_raw("anything", to_all=True)
        assert await client.read_until("anything") == "anything"
        with pytest.raises(pvws.ControlError, match="to_all"):
            await control.emit("system", "system_metrics", client=1, to_all=True)


async def test_from_an_upstream_server_what_goes_to_all_has_its_type_and_no_topic() -> None:
    upstream = configure("websocket: {host: 127.0.0.1, port: 0, profile: upstream}", "", {}, {}, read=str)
    async with (
        steered(configuration=upstream) as test_bed,
        Control(test_bed.listening.url) as control,
        test_bed.client() as client,
    ):
        await control.emit("alerts", "storage_alert", to_all=True)
        told = json.loads(await client.read_until("storage_alert"))
    assert (told["type"], "topic" in told) == ("storage_alert", False)


async def test_a_mark_is_seen_by_who_follows(control: Control) -> None:
    following = asyncio.ensure_future(taken(control, kind="cue"))
    async with aclosing(control.events(["state"])) as states:
        await anext(states)  # the other one is there as well by now, or will be soon
        while not following.done():
            await control.mark("here")
            await asyncio.sleep(0.01)
    (cue,) = await following
    assert cue.data["name"] == "here"


async def test_the_truth_is_told_for_any_instant(control: Control) -> None:
    await control.clock.advance("10s")
    truth = await control.truth()
    assert truth.at == pvws.Timestamp.parse("2024-01-01T00:00:10Z")
    assert len(truth.peers) == 3
    assert {copy.node for file in truth.files for copy in file.copies} <= {peer.id for peer in truth.peers}
    before = await control.truth("2024-01-01T00:00:01Z")
    assert before.file_count <= truth.file_count
    network = await control.network()
    assert (network.at, network.peers, network.file_count) == (truth.at, truth.peers, truth.file_count)
    assert network.links


async def test_a_view_is_compared_field_by_field(control: Control) -> None:
    await control.clock.advance("10s")
    truth = await control.truth()
    assert (await control.compare({"fileCount": truth.file_count})).equal
    compared = await control.compare({"fileCount": truth.file_count + 1})
    (difference,) = compared.differences
    assert (compared.equal, difference.path) == (False, "fileCount")
    assert (difference.expected, difference.found) == (truth.file_count, truth.file_count + 1)


async def test_the_ledger_says_what_was_delivered(test_bed: Steered, control: Control) -> None:
    async with test_bed.client("file_operations"):
        await control.clock.advance("10s")
        ledger = await control.ledger()
    assert ledger.owed == ledger.written > 0
    assert [client.written for client in ledger.clients] == [ledger.written]


async def test_schemas_of_what_can_be_sent_are_given(control: Control) -> None:
    assert "latency" in (await control.schema("fault"))["properties"]


async def test_other_worlds_are_meant_by_name(control: Control) -> None:
    with pytest.raises(pvws.ControlError, match="main"):
        await control.at("nowhere").state()
    assert (await control.at("main").state()).world == "main"


async def test_any_other_request_can_be_asked(control: Control) -> None:
    document = await control.ask("GET", "/v1/openapi.json")
    assert isinstance(document, dict)
    assert document["openapi"].startswith("3.1")


async def test_events_are_told_as_they_happen(test_bed: Steered, control: Control) -> None:
    following = asyncio.ensure_future(taken(control, kind="event", count=3, topics=["file_operations"]))
    while not following.done():
        await control.clock.advance("1s")
    events = [happening.data for happening in await following]
    assert {event.topic for event in events} == {"file_operations"}
    assert [event.sequence for event in events] == sorted(event.sequence for event in events)
    assert json.loads(events[0].text)["type"] == events[0].type


async def test_a_wrong_wish_for_events_is_refused_with_what_would_be_right(control: Control) -> None:
    with pytest.raises(pvws.ControlError, match="kinds"):
        await taken(control, kind="evnt")


async def test_happenings_that_are_none_are_told_in_a_sentence() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    with canned(lambda request: head + b"event: clock\ndata: {}\n\n") as server:
        async with Control(server.url) as control:
            with pytest.raises(ReachError, match=r"its answer is not understood: .*`at`"):
                await taken(control, kind="clock")


async def test_events_end_with_the_server() -> None:
    async with steered() as test_bed:
        control = Control(test_bed.listening.url)
        events = control.events(["state"])
        assert (await anext(events)).data.world == "main"
    with pytest.raises((StopAsyncIteration, ReachError)):
        while True:
            await anext(events)
    await control.close()


async def test_a_server_is_ended(test_bed: Steered, control: Control) -> None:
    await control.stop()
    assert test_bed.stops == 1


async def test_a_token_is_needed_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ControlSettings(host="127.0.0.1", port=0, token="hush")
    async with steered(control=settings) as test_bed:
        url = test_bed.listening.url
        async with Control(url) as control:
            with pytest.raises(pvws.ControlError, match="Bearer") as caught:
                await control.state()
            assert caught.value.status == 401
        async with Control(url, token="hush") as control:
            await control.state()
        monkeypatch.setenv("PVWS_CONTROL_TOKEN", "hush")
        monkeypatch.setenv("PVWS_CONTROL_URL", url)
        async with Control() as control:
            await control.state()


@pytest.mark.parametrize("token", ["a b", "a\r\nHost: x", "ä"])
def test_a_token_that_would_break_a_request_is_refused(token: str) -> None:
    with pytest.raises(InputError, match=r"^token: expected visible ASCII"):
        Control(":1", token=token)


def test_a_wrong_address_says_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PVWS_CONTROL_URL", "ftp://x")
    with pytest.raises(InputError, match=r"^PVWS_CONTROL_URL: expected"):
        Control()
    with pytest.raises(InputError, match=r"^url: expected"):
        Control("ftp://x")


NOT_FOR_PROGRAMS = {"GET /v1/openapi.json", "GET /v1/asyncapi.json"}
"""Documents of the interfaces themselves: `ask` gets them."""


def test_every_route_of_the_server_has_a_method() -> None:
    source = "".join(path.read_text("utf-8") for path in CONTROL)
    moves = re.findall(r'self\._move\("(\w+)"', source)
    asked = {
        f"{method} {re.sub(r'{[^}]*}', '{}', path)}"
        for method, path in re.findall(r'"(GET|PUT|POST|DELETE)",\s*(?:path=)?f?"(/v1[^"]*)"', source)
    }
    asked |= {f"POST /v1/clock/{move}" for move in moves}
    asked |= {f"{method} /v1/worlds/{{}}" for method in ("PUT",) if 'ask("PUT", path' in source}
    asked |= {f"GET /v1/schema/{name}" for name in ("fault", "rule", "scenario")}
    served = {f"{route.method} {re.sub(r'{[^}]*}', '{}', route.path)}" for route in routes()}
    assert served - asked - NOT_FOR_PROGRAMS == set()
