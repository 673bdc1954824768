import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from pvws import __version__
from pvws.bus.local import LocalServer
from pvws.bus.question import Node, encoded
from pvws.limits import BUS_ANSWER_S, BUS_NODE_BEHIND_MAX
from pvws.stage import leading as leading_module
from pvws.stage import nodes as nodes_module
from pvws.stage.following import Following
from pvws.stage.leading import Leading
from pvws.stage.nodes import Nodes, ledger_of
from pvws.stage.stage import Stage
from tests.support.staged import Listener, listener, story, venue_of


class Company:
    """A held script as the source of a bus, and two nodes of it, each with a server."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.server = LocalServer()
        self.source = story()
        self.leading = Leading(self.source, self.server.bus())
        self.stages = [Stage(), Stage()]
        self.nodes = [Following(stage, self.server.bus()) for stage in self.stages]
        self._stack = stack

    async def begin(self) -> None:
        """Have them find each other."""
        await self.leading.begin()
        self.venues = []
        for stage, node in zip(self.stages, self.nodes, strict=True):
            await node.begin()
            venue = await self._stack.enter_async_context(venue_of(stage))
            node.serve_at(venue.url)
            self.venues.append(venue)
            self._stack.push_async_callback(node.end)
        self._stack.push_async_callback(self.leading.end, 1)
        await asyncio.sleep(0)
        assert len(self.leading.nodes.here) == 2

    async def client(self, node: int) -> Listener:
        """One of a node."""
        return await self._stack.enter_async_context(listener(self.venues[node], "file_operations"))


@pytest.fixture
async def company() -> AsyncIterator[Company]:
    async with AsyncExitStack() as stack:
        made = Company(stack)
        await made.begin()
        yield made


async def test_a_clock_that_is_moved_has_arrived_when_the_clients_of_all_nodes_have_everything(
    company: Company,
) -> None:
    clients = [await company.client(0), await company.client(1)]
    advance = await company.source.clock.advance("10s", ack=False)
    assert advance.complete
    wanted = [event.text.decode() for event in advance.events if event.topic == "file_operations"]
    for stage, client in zip(company.stages, clients, strict=True):
        assert stage.now() == company.source.now(), "time stands there where it does here"
        assert stage.delivery.stage().pending == 0
        assert [text for text in await client.catch_up() if '"pong"' not in text] == wanted


async def test_a_client_of_a_node_that_does_not_answer_a_ping_is_named_with_the_node(company: Company) -> None:
    await company.client(1)  # it reads nothing until it is asked to
    advance = await company.source.clock.advance("1s", timeout=0.3, ack=True)
    (straggler,) = advance.stragglers
    assert (straggler.client, straggler.why, straggler.node) == (1, "silent", company.venues[1].url)
    assert str(straggler) == f"client 1 ({straggler.client_id[:8]}) of {company.venues[1].url}: did not answer a ping"


@pytest.mark.parametrize("command", ["hold", "advance", "step", "run_until", "seek"])
async def test_a_node_that_does_not_answer_is_named_by_every_command_and_not_waited_for_any_longer(
    company: Company, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = company.source.clock
    commands = {
        "hold": clock.hold,
        "advance": lambda: clock.advance("1s"),
        "step": clock.step,
        "run_until": lambda: clock.run_until(mark="ten"),
        "seek": lambda: clock.seek(company.source.now().micros + 1_000_000),
    }
    for module in (nodes_module, leading_module):
        monkeypatch.setattr(module, "BUS_ANSWER_S", 0.05)
    monkeypatch.setattr(nodes_module, "_LONGER_S", 0.01)
    bus = company.server.bus()
    bus.tell("node", encoded(Node("deaf", "ws://deaf/ws")))

    async def never(question: bytes) -> bytes:
        await asyncio.Event().wait()
        return b""

    await bus.answer("deaf", never)
    bus.tell("node", encoded(Node("gone")))
    await asyncio.sleep(0)
    advance = await commands[command]()
    assert set(advance.silent) == {"ws://deaf/ws", "gone"}
    assert not advance.complete
    assert BUS_ANSWER_S == 5, "else"


async def test_a_node_of_another_version_is_told_once_and_one_of_this_is_not(company: Company) -> None:
    told: list[str] = []
    nodes, bus = Nodes(company.server.bus(), told.append), company.server.bus()
    await nodes.begin()
    for version in ("9.9", "9.9", __version__):
        bus.tell("node", encoded(Node(f"of-{version}", "ws://other/ws", version=version)))
    await asyncio.sleep(0)
    (said,) = told
    assert said.startswith(f"the node ws://other/ws is pvws 9.9, and this is {__version__}: ")
    assert {"of-9.9", f"of-{__version__}"} <= {node.id for node in nodes.here}


async def test_a_node_that_has_said_goodbye_is_not_waited_for(company: Company) -> None:
    await company.nodes[0].end()
    await asyncio.sleep(0)
    (left,) = company.leading.nodes.here
    assert left.url == company.venues[1].url
    assert (await company.source.clock.advance("1s")).complete


async def test_a_node_that_was_not_heard_of_for_some_beats_is_none_any_more(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = asyncio.get_running_loop().time
    monkeypatch.setattr(company.leading.nodes, "_time", lambda: now() + 60)
    assert company.leading.nodes.here == []


async def test_the_ledgers_of_all_are_added_up_and_their_lateness_is_that_of_all_deliveries(company: Company) -> None:
    await company.client(0)
    await company.client(1)
    await company.client(1)
    advance = await company.source.clock.advance("20s")
    count = sum(event.topic == "file_operations" for event in advance.events)
    merged = await company.leading.nodes.ledger(ledger_of(company.source))
    assert (merged.nodes, merged.clients, merged.silent) == (2, 3, ())
    assert (merged.owed, merged.written, merged.lost) == (3 * count, 3 * count, 0)
    figures = [stage.delivery.stage().lateness for stage in company.stages]
    assert merged.lateness.count == sum(each.count for each in figures)
    assert merged.lateness.worst == max(each.worst for each in figures)


async def test_without_a_bus_a_clock_waits_for_nobody_else() -> None:
    assert story().clock.beyond is None


async def test_a_source_that_can_wait_does_so_for_a_node_that_is_behind_as_long_as_that_moves(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes, now = company.leading.nodes, asyncio.get_running_loop().time()
    monkeypatch.setattr(nodes, "_time", lambda: now)

    def tells(place: int) -> None:
        nodes._heard(encoded(Node("slow", "ws://slow/ws", 1, place)))

    tells(0)
    assert not nodes.are_behind(BUS_NODE_BEHIND_MAX)
    assert nodes.are_behind(BUS_NODE_BEHIND_MAX + 1)
    for place in range(1, 20):  # it moves, however slowly
        now += BUS_ANSWER_S / 2
        tells(place)
        assert nodes.are_behind(place + BUS_NODE_BEHIND_MAX + 1)
    for _ in range(3):  # it does not any more
        now += BUS_ANSWER_S / 2
        tells(19)
        waits = nodes.are_behind(2 * BUS_NODE_BEHIND_MAX)
    assert not waits
    tells(20)
    assert nodes.are_behind(2 * BUS_NODE_BEHIND_MAX)
