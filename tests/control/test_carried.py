"""What is asked of one server of a bus and concerns others: a source and two nodes on a real NATS server."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from pvws.answers import ProblemDocument
from pvws.bus import courier
from pvws.bus.bus import Bus
from pvws.bus.nats_bus import NatsBus
from pvws.bus.question import Node, encoded
from pvws.client.control.control import Control
from pvws.client.control.errors import ControlError
from pvws.control import carried
from pvws.control.problems import Refusal
from pvws.control.table import routes
from tests.support.joined import Joined, joined
from tests.support.nats_server import NatsServer, nats_server, new_world, until
from tests.support.steered import Steered


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with nats_server(tmp_path_factory.mktemp("nats")) as started:
        yield started


@pytest_asyncio.fixture
async def bus(server: NatsServer) -> AsyncIterator[Joined]:
    """A source that is held at the start of the story, and two nodes."""
    world, made = new_world(server), list[Bus]()

    async def make() -> Bus:
        made.append(await NatsBus.open(world))
        return made[-1]

    async with joined(make) as found:
        yield found
    for each in made:
        await each.close()


# The world


async def test_a_clock_is_steered_by_any_control_plane_and_stands_the_same_on_all(bus: Joined) -> None:
    node, other = bus.nodes
    async with node.door.client("file_operations") as client:
        moved = await node.call("POST", "/v1/clock/advance", {"by": "10s", "events": 1})
        assert moved.status == 200
        assert moved.body["count"] > 10 and moved.body["events"][0]["text"] in await client.catch_up()
    for server in bus.all:
        assert (await server.get("/v1/clock"))["at"] == "2024-01-01T00:00:10.000000Z"
    assert (await other.call("POST", "/v1/clock/speed", {"speed": 4})).body["speed"] == 4
    assert (await other.get("/v1/clock"))["speed"] == 4, "what was changed is seen where it was asked for"
    assert (await node.call("POST", "/v1/mark", {"name": "here"})).body["name"] == "here"
    assert (await node.call("POST", "/v1/clock/seek", {"to": "2024-01-01T00:00:20Z"})).status == 200
    assert (await node.get("/v1/clock"))["at"] == "2024-01-01T00:00:20.000000Z"
    assert (await node.call("POST", "/v1/clock/resume")).status == 200
    assert not bus.source.stage.clock.held and not node.stage.clock.held
    assert (await other.call("POST", "/v1/clock/hold", {})).status == 200
    states = [await each.get("/v1/state") for each in bus.all]
    for name in ("at", "start", "held", "ended", "speed", "end"):
        assert len({str(each["clock"][name]) for each in states}) == 1, (name, [each["clock"] for each in states])
    for name in ("scenario", "quiet", "events"):
        assert states[0][name] == states[1][name] == states[2][name]


async def test_a_scenario_is_loaded_and_ended_by_a_node(bus: Joined) -> None:
    node = bus.nodes[0]
    playing = await node.call("PUT", "/v1/scenario", {"scenario": "quickstart", "seed": 7, "held": True})
    assert (playing.status, playing.body["seed"]) == (200, 7)
    assert await node.get("/v1/scenario") == playing.body
    assert (await node.call("POST", "/v1/scenario/reload")).status == 200
    assert (await node.call("DELETE", "/v1/scenario")).status == 200
    assert bus.source.stage.quiet
    assert (await node.call("GET", "/v1/scenario")).kind == "no-world"


async def test_events_are_emitted_to_all_by_a_node_and_to_one_client_where_that_is(bus: Joined) -> None:
    node, other = bus.nodes
    async with node.door.client("alerts") as near, other.door.client("alerts") as far:
        await node.call("POST", "/v1/clock/advance", {"by": "1s"})
        event = {"type": "storage_alert", "data": {"level": "critical", "value": 97}}
        await until(lambda: bus.source.leading.guests.reached(["alerts"]) == 2)  # type: ignore[union-attr]
        emitted = (await node.call("POST", "/v1/emit", event)).body
        assert emitted["sequence"] is not None and emitted["reached"] == 2
        assert "storage_alert" in await near.types()
        await until(lambda: other.stage.sequence == bus.source.stage.sequence)
        assert "storage_alert" in await far.types()
        assert (await node.call("POST", "/v1/emit", {"text": "just you", "client": "1"})).body["reached"] == 1
        await near.read_until("just you")
        assert "just you" not in await far.catch_up()


async def test_the_truth_is_asked_of_the_source(bus: Joined) -> None:
    node = bus.nodes[1]
    await node.call("POST", "/v1/clock/advance", {"by": "5s"})
    truth = await node.get("/v1/world")
    assert truth == await bus.source.get("/v1/world")
    assert (await node.get("/v1/world?at=2024-01-01T00:00:01Z"))["fileCount"] < truth["fileCount"]
    assert await node.get("/v1/network") == await bus.source.get("/v1/network")
    reply = await node.call("POST", "/v1/world/compare", {"view": {"fileCount": -1}})
    assert reply.body["differences"][0]["expected"] == truth["fileCount"]


async def test_a_problem_of_the_source_comes_back_as_it_is(bus: Joined) -> None:
    node, source = bus.nodes[0], bus.source
    for method, path, body in (
        ("POST", "/v1/clock/advance", {"by": "1s", "to": "2024-01-01T00:00:09Z"}),
        ("PUT", "/v1/scenario", {"files": {"x.yaml": "scenario: x\nduration: forever\n"}, "main": "x.yaml"}),
        ("POST", "/v1/emit", {"type": "storage_alert", "data": {"level": "worst"}}),
        ("POST", "/v1/clock/until", {"type": "nothing", "within": "1s"}),
    ):
        there, here = await node.call(method, path, body), await source.call(method, path, body)
        assert there.status >= 400
        if "came_to" not in there.body:  # which has moved meanwhile
            assert (there.status, there.body) == (here.status, here.body)
    assert (await node.call("POST", "/v1/clock/until", {"type": 1})).status == 422


async def test_two_control_planes_at_once_do_everything_once(bus: Joined) -> None:
    async def step(server: int) -> int:
        reply = await bus.nodes[server].call("POST", "/v1/clock/advance", {"by": "1s"})
        return int(reply.body["count"])

    counts = await asyncio.gather(*(step(number % 2) for number in range(10)))
    assert (await bus.source.get("/v1/clock"))["at"] == "2024-01-01T00:00:10.000000Z"
    assert sum(counts) == bus.source.stage.sequence == bus.nodes[0].stage.sequence


async def test_a_command_whose_answer_is_lost_is_not_done_again(bus: Joined, monkeypatch: pytest.MonkeyPatch) -> None:
    node, asked = bus.nodes[0], list[str]()
    ask = NatsBus.ask

    async def forgetful(self: NatsBus, whom: str, question: bytes, timeout: float) -> bytes:  # noqa: ASYNC109
        answer = await ask(self, whom, question, timeout)
        if whom == "control.source":
            asked.append(whom)
            if len(asked) == 1:
                raise courier.UnansweredError(whom, timeout)
        return answer

    monkeypatch.setattr(NatsBus, "ask", forgetful)
    assert (await node.call("POST", "/v1/clock/advance", {"by": "3s"})).status == 200
    assert len(asked) == 2
    assert (await node.get("/v1/clock"))["at"] == "2024-01-01T00:00:03.000000Z"


async def test_without_a_source_it_is_told_what_to_start_and_a_silent_one_is_named(
    bus: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = bus.nodes[0]
    monkeypatch.setattr(courier, "_ABSENT_S", 0.01)

    async def silent(self: NatsBus, whom: str, question: bytes, timeout: float) -> bytes:  # noqa: ASYNC109
        raise courier.UnansweredError(whom, timeout)

    with monkeypatch.context() as patched:
        patched.setattr(NatsBus, "ask", silent)
        patched.setattr("pvws.stage.company.BUS_ANSWER_S", 0.05)
        reply = await node.call("POST", "/v1/clock/hold", {})
        assert (reply.status, reply.kind) == (504, "silent-source")
        assert "did not answer within 0.05 s" in reply.body["detail"]
        patched.setattr(NatsBus, "up", property(lambda self: False))
        gone = await node.call("POST", "/v1/clock/hold", {})
    assert (gone.status, gone.kind) == (504, "silent-source")
    assert gone.body["detail"].startswith(f"{node.bus.text} is gone, and tried again until it is back")

    async def absent(self: NatsBus, whom: str, question: bytes, timeout: float) -> bytes:  # noqa: ASYNC109
        raise courier.UnansweredError(whom, None)

    monkeypatch.setattr(NatsBus, "ask", absent)
    reply = await node.call("GET", "/v1/world")
    assert (reply.status, reply.kind) == (502, "no-source")
    assert f"pvws simulate SCENARIO --bus {node.bus.text}" in reply.body["detail"]


async def test_a_world_of_ones_own_on_a_node_is_steered_there(bus: Joined) -> None:
    node = bus.nodes[0]
    await node.call("PUT", "/v1/worlds/w1", {"scenario": "quickstart", "held": True})
    assert (await node.call("POST", "/v1/clock/advance?world=w1", {"by": "2s"})).status == 200
    assert (await node.get("/v1/clock?world=w1"))["at"] == "2024-01-01T00:00:02.000000Z"
    assert (await bus.source.get("/v1/clock"))["at"] == "2024-01-01T00:00:00.000000Z"


# All nodes


async def test_clients_of_all_nodes_are_listed_with_their_node_and_those_of_one_without(bus: Joined) -> None:
    node, other = bus.nodes
    async with (
        node.door.client("alerts") as near,
        other.door.client(path="/ws?client=far") as far,
        bus.source.door.client() as there,
    ):
        found = await node.get("/v1/clients?nodes=all")
        assert (found["silent"], found["refused"]) == ([], {})
        assert {each["node"] for each in found["clients"]} == {node.url, other.url, "source"}
        assert [each["name"] for each in found["clients"] if each["node"] == other.url] == ["far"]
        (own,) = (await node.get("/v1/clients"))["clients"]
        assert own["node"] is None
        gone = await bus.source.call("POST", "/v1/disconnect?nodes=all", {"client": "far"})
        assert gone.status == 200 and len(gone.body["clients"]) == 1, "who is not there is not missed"
        assert (await far.read_close())[0] == 1000
        gone = await node.call("POST", "/v1/disconnect?nodes=all", {"client": "nobody"})
        assert (gone.status, gone.kind) == (404, "unknown")
        await node.call("POST", "/v1/disconnect?nodes=all", {"clients": "all", "code": 4001})
        assert [(await each.read_close())[0] for each in (near, there)] == [4001, 4001]


async def test_a_fault_is_on_here_or_on_all_nodes_and_goes_by_its_name(bus: Joined) -> None:
    node, other = bus.nodes
    here = (await node.call("POST", "/v1/faults", {"drop": "10%"})).body
    assert (here["id"], here["node"], here["elsewhere"]) == ("f1", None, None)
    assert (await other.get("/v1/faults"))["faults"] == []
    everywhere = (await node.call("POST", "/v1/faults?nodes=all", {"latency": "1s"})).body
    assert (everywhere["id"], everywhere["node"]) == ("f2", node.url)
    assert {each["node"]: each["id"] for each in everywhere["elsewhere"]["faults"]} == {"source": "f1", other.url: "f1"}
    name = everywhere["scope"]["name"]
    listed = (await other.get("/v1/faults?nodes=all"))["faults"]
    assert [(each["node"], each["kind"]) for each in listed if each["node"] == node.url] == [
        (node.url, "drop"),
        (node.url, "latency"),
    ]
    assert len(listed) == 4
    assert (await node.get("/v1/faults/f2?nodes=all"))["elsewhere"]["faults"][0]["scope"]["name"] == name
    assert (await node.call("DELETE", "/v1/faults/f1?nodes=all")).kind == "conflict"
    assert (await other.call("DELETE", f"/v1/faults/{name}?nodes=all")).status == 200
    assert [len(each.stage.faults.active()) for each in bus.all] == [0, 1, 0]
    await bus.source.call("POST", "/v1/faults?nodes=all", {"drop": "5%", "name": "lossy"})
    assert len((await other.call("DELETE", "/v1/faults?nodes=all")).body["faults"]) == 4
    assert not any(each.stage.faults.active() for each in bus.all)


async def test_a_node_that_can_not_do_it_or_does_not_answer_is_named(
    bus: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, other = bus.nodes
    await other.call("POST", "/v1/faults", {"drop": "1%"})
    monkeypatch.setattr("pvws.stage.switching.FAULTS_MAX", 1)
    monkeypatch.setattr("pvws.stage.company.BUS_ANSWER_S", 0.3)
    company = node.stage.controller.company
    assert company is not None

    async def never(question: bytes) -> bytes:
        await asyncio.Event().wait()
        return b""

    await other.bus.answer("control.deaf", never)
    other.bus.tell("node", encoded(Node("deaf", "ws://deaf/ws")))
    await until(lambda: len(company.others()) == 3)
    added = (await node.call("POST", "/v1/faults?nodes=all", {"latency": "1s"})).body
    elsewhere = added["elsewhere"]
    assert elsewhere["silent"] == ["ws://deaf/ws"]
    assert list(elsewhere["refused"]) == [other.url] and "1 faults" in elsewhere["refused"][other.url]
    assert [each["node"] for each in elsewhere["faults"]] == ["source"]
    added = await node.call("POST", "/v1/faults?nodes=all", {"latency": "1s"})
    assert (added.status, added.kind) == (409, "too-many")
    assert "of ws://deaf/ws there was no answer" in added.body["detail"]


async def test_what_clients_do_anywhere_is_listed_and_waited_for(bus: Joined) -> None:
    node, other = bus.nodes
    waiting = asyncio.ensure_future(
        node.call("POST", "/v1/journal/wait?nodes=all", {"did": "subscribes", "topic": "alerts", "count": 3})
    )
    async with node.door.client("alerts"), other.door.client("alerts"), bus.source.door.client("alerts"):
        reply = await waiting
        assert reply.status == 200, reply.content
        assert {each["node"] for each in reply.body["entries"]} == {node.url, other.url, "source"}
        listed = await other.get("/v1/journal?nodes=all&did=connects")
        assert [each["node"] for each in listed["entries"]] == [node.url, other.url, "source"], "by real time"
        reply = await node.call("GET", "/v1/journal?nodes=all&after=3")
        assert reply.status == 422 and "each node counts by itself" in reply.body["detail"]
        vain = {"did": "sends", "type": "auth", "timeout": "200ms"}
        reply = await node.call("POST", "/v1/journal/wait?nodes=all", vain)
        assert (reply.status, reply.kind, reply.body.get("entries", [])) == (408, "timeout", [])
        assert "0 of 1 came on all nodes within 0.2 s" in reply.body["detail"]
        assert (await node.call("DELETE", "/v1/journal?nodes=all")).status == 200
        assert (await other.get("/v1/journal?nodes=all"))["entries"] == []


async def test_a_rule_for_all_nodes_is_kept_by_the_source_and_answers_clients_anywhere(bus: Joined) -> None:
    node, other = bus.nodes
    await node.call("POST", "/v1/clock/advance", {"by": "1s"})
    rule = {
        "when": {"client": "sends", "match": "type == 'ping'"},
        "times": "always",
        "do": "disconnect",
        "client": "sender",
        "code": 4002,
    }
    added = (await node.call("POST", "/v1/rules?nodes=all", rule)).body
    assert [each["id"] for each in (await other.get("/v1/rules?nodes=all"))["rules"]] == [added["id"]]
    assert (await node.get("/v1/rules"))["rules"] == []
    async with other.door.client() as client:  # which sends a ping
        assert (await client.read_close())[0] == 4002
    assert (await other.call("DELETE", f"/v1/rules/{added['id']}?nodes=all")).body["fired"] > 0


async def test_a_program_and_a_person_are_given_the_same(bus: Joined) -> None:
    node, other = bus.nodes
    async with Control(node.door.listening.url) as control, other.door.client("alerts", path="/ws?client=far"):
        bus.tell()
        await until(lambda: any(each.clients for each in bus.source.leading.nodes.here))  # type: ignore[union-attr]
        assert [each.node for each in await control.clients(nodes="all")] == [other.url]
        assert await control.clients() == []
        state = await control.state(nodes="all")
        assert (state.clients, state.silent) == (1, []) and state.ledger.together is not None
        assert [each.source for each in await control.nodes()] == [True, False, False]
        fault = await control.faults.add("latency: 1s, name: slow", nodes="all")
        assert fault.elsewhere is not None and len(fault.elsewhere.faults) == 2
        assert [each.node for each in await control.faults.list(nodes="all")] == [node.url, "source", other.url]
        assert (await control.faults.get("slow", nodes="all")).node == node.url
        await control.faults.remove("slow", nodes="all")
        assert await control.faults.clear(nodes="all") == []
        entries = await control.journal.wait("did == 'connects'", nodes="all")
        assert (entries[0].node, entries.silent) == (other.url, ())
        assert await control.rules.list(nodes="all") == []
        gone = await control.disconnect("far", nodes="all")
        assert (len(gone), gone.refused) == (1, {})
        with pytest.raises(ControlError, match="expected one of"):
            await control.clients(nodes="some")  # type: ignore[arg-type]


async def test_a_ledger_counts_all_nodes_wherever_it_is_asked_for(bus: Joined) -> None:
    node, other = bus.nodes
    async with node.door.client("file_operations"), other.door.client("file_operations"):
        await node.call("POST", "/v1/clock/advance", {"by": "10s"})
        for server in bus.all:
            together = (await server.get("/v1/ledger"))["together"]
            written = sum(each.stage.delivery.stage().written for each in bus.all)
            assert (together["nodes"], together["clients"], together["silent"]) == (2, 2, [])
            assert together["owed"] == together["written"] == written > 20
            assert together["lateness"]["count"] > 0


async def test_the_servers_of_a_bus_are_listed(bus: Joined) -> None:
    async with bus.nodes[0].door.client():
        bus.tell()
        await until(lambda: any(each.clients for each in bus.source.leading.nodes.here))  # type: ignore[union-attr]
        found = await bus.nodes[0].get("/v1/nodes")
        assert found["bus"] == bus.source.bus.text
        first, *nodes = found["nodes"]
        assert first["source"] and first["name"] == "source"
        assert {each["url"]: each["here"] for each in nodes} == {bus.nodes[0].url: True, bus.nodes[1].url: False}
        assert [each["clients"] for each in nodes if each["here"]] == [1]


async def test_what_is_no_choice_of_nodes_is_told_with_those_there_are(bus: Joined) -> None:
    for server in (bus.source, bus.nodes[0]):
        for method, path in (("GET", "/v1/clients"), ("POST", "/v1/disconnect"), ("GET", "/v1/faults")):
            reply = await server.call(method, f"{path}?nodes=some")
            assert (reply.status, reply.kind) == (400, "query")
            assert "here" in reply.body["detail"] and "all" in reply.body["detail"]


async def test_without_a_bus_all_nodes_are_this_one(played: Steered) -> None:
    async with played.client("alerts"):
        (client,) = (await played.call("GET", "/v1/clients?nodes=all")).body["clients"]
        assert client["node"] is None
        fault = (await played.call("POST", "/v1/faults?nodes=all", {"latency": "1s"})).body
        assert (fault["id"], fault["node"], fault["scope"]) == ("f1", None, {})
        assert (await played.call("DELETE", "/v1/faults/f1?nodes=all")).status == 200
        assert (await played.call("POST", "/v1/disconnect?nodes=all", {"clients": "all"})).status == 200
        (node,) = (await played.call("GET", "/v1/nodes")).body["nodes"]
        assert (node["url"], node["here"]) == (played.venue.url, True)
        assert (await played.call("GET", "/v1/ledger")).body["together"] is None


def test_what_all_have_refused_is_refused_by_the_first_with_the_names_of_those_who_said_nothing() -> None:
    route = next(each for each in routes() if each.path == "/v1/faults")
    told = [carried.Told(node, problem=ProblemDocument(type="urn:pvws:problem:conflict", detail=node)) for node in "ab"]
    with pytest.raises(Refusal, match="a; of c there was no answer"):
        carried.merged(route, told, ["c"])
