import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from pvws.bus.bus import UnansweredError
from pvws.bus.deeds import Deed, Deeds, Heard
from pvws.bus.local import Local, LocalServer
from pvws.bus.question import decoded, encoded
from pvws.sim.source import ClientInput
from pvws.stage import reporting as reporting_module
from pvws.stage.reporting import Reporting
from pvws.stage.stage import Stage
from pvws.wire.topics import TOPICS


class Member:
    """What a client hears with."""

    topics = frozenset(TOPICS)


class Source:
    """Who is told on a bus: answers, or does not."""

    def __init__(self) -> None:
        self.batches: list[Deeds] = []
        self.silent = False
        self.known = True

    @property
    def deeds(self) -> list[Any]:
        """All that was told, once."""
        numbers = {batch.number: batch for batch in self.batches}
        return [deed for _, batch in sorted(numbers.items()) for deed in batch.deeds]

    async def __call__(self, content: bytes) -> bytes:
        batch = decoded(content, Deeds)
        self.batches.append(batch)
        if self.silent:
            raise UnansweredError("deeds", 1)
        known, self.known = self.known, True
        return encoded(Heard(known))


class Node:
    """A stage whose clients' deeds are told."""

    def __init__(self, bus: Local) -> None:
        self.source = Source()
        self.told: list[str] = []
        self.plays = True
        self.stage = Stage()
        self.reporting = Reporting(self.stage, bus, "n", lambda: self.plays, self.told.append)

    def sends(self, *numbers: int) -> None:
        """A client sends something."""
        for number in numbers:
            self.reporting.did(ClientInput(0, 1, "sends", "", "made_up", str(number)), 0, None, None)

    @property
    def sent(self) -> list[int]:
        """What the source was told of that."""
        return [int(deed.message) for deed in self.source.deeds if deed.did == "sends"]


@pytest.fixture
async def node(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(reporting_module, "_AGAIN_S", 0.001)
    server = LocalServer()
    made = Node(server.bus())
    await server.bus().answer("deeds", made.source)
    yield made
    await made.reporting.end()


async def test_what_clients_do_is_told_in_order_behind_who_is_there(node: Node) -> None:
    await node.reporting.begin()
    node.sends(*range(100))
    assert await node.reporting.all_told(5)
    assert node.source.deeds[:2] == [Deed("anew"), Deed("all")]
    assert node.sent == list(range(100))
    assert [batch.number for batch in node.source.batches] == list(range(1, len(node.source.batches) + 1))


async def test_what_is_not_answered_is_told_again_and_nothing_of_it_twice(node: Node) -> None:
    await node.reporting.begin()
    assert await node.reporting.all_told(5)
    node.source.silent = True
    node.sends(1, 2)
    assert not await node.reporting.all_told(0.05)
    node.sends(3)
    node.source.silent = False
    assert await node.reporting.all_told(5)
    assert node.sent == [1, 2, 3]


async def test_a_source_that_does_not_know_the_node_is_told_who_is_there_and_what_it_was_sent(node: Node) -> None:
    await node.reporting.begin()
    assert await node.reporting.all_told(5)
    node.source.known = False
    node.sends(1)
    node.sends(2)
    assert await node.reporting.all_told(5)
    last = node.source.batches[-1].deeds
    assert [deed.did for deed in last] == ["anew", "all", "sends", "sends"]


async def test_more_than_can_be_kept_is_counted_and_told_and_the_rest_goes_on(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting_module, "BUS_DEEDS_MAX", 10)
    await node.reporting.begin()
    assert await node.reporting.all_told(5)
    node.source.silent = True
    node.sends(*range(15))
    assert node.reporting.untold == 11
    assert node.told == ["11 things that clients sent could not be told to what plays; 11 in all"]
    node.source.silent = False
    assert await node.reporting.all_told(5)
    assert node.source.batches[-1].untold == 11
    assert node.sent == [11, 12, 13, 14]


async def test_more_clients_than_things_can_be_kept_are_told_and_do_not_crowd_out_what_they_do(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting_module, "BUS_DEEDS_MAX", 4)
    here = {f"{number:032x}": (number, SimpleNamespace(name="", member=Member())) for number in range(1, 4)}
    monkeypatch.setattr(node.stage, "clients", lambda: here)
    await node.reporting.begin()
    node.sends(1, 2, 3)
    assert node.told == []
    assert await node.reporting.all_told(5)
    assert [deed.did for deed in node.source.deeds if deed.did != "subscribes"] == [
        *("anew", "connects", "connects", "connects", "all"),
        *("sends", "sends", "sends"),
    ]
    assert node.sent == [1, 2, 3]


async def test_while_nothing_plays_nothing_is_kept_and_what_plays_then_is_told_who_is_there(node: Node) -> None:
    node.plays, node.source.silent = False, True
    await node.reporting.begin()
    assert await node.reporting.all_told(5)
    node.sends(*range(50))
    assert not node.reporting._outbox
    node.plays, node.source.silent = True, False
    node.reporting.anew()
    node.sends(51)
    assert await node.reporting.all_told(5)
    assert node.sent == [51]


async def test_a_large_message_is_told_without_its_text_and_no_batch_is_larger_than_it_may_be(node: Node) -> None:
    await node.reporting.begin()
    text = '"' * 30_000
    for _ in range(5):
        node.reporting.did(ClientInput(0, 1, "sends", "", "x", text), 0, None, None)
    node.reporting.did(ClientInput(0, 1, "sends", "", "y", text * 3), 0, None, None)
    assert await node.reporting.all_told(5)
    assert [(deed.type, len(deed.message)) for deed in node.source.deeds[2:]] == [("x", 30_000)] * 5 + [("y", 0)]
    assert max(len(encoded(batch)) for batch in node.source.batches) < 200_000


async def test_no_batch_is_larger_than_the_bus_has_room_for(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Local, "room", 4_096)
    await node.reporting.begin()
    node.sends(*range(200))
    node.reporting.did(ClientInput(0, 1, "sends", "", "large", "x" * 1_000), 0, None, None)
    assert await node.reporting.all_told(5)
    assert node.source.deeds[-1] == Deed("sends", 1, "", "large")
    assert max(len(encoded(batch)) for batch in node.source.batches) < 4_096


async def test_a_node_that_ends_says_goodbye(node: Node) -> None:
    await node.reporting.begin()
    node.sends(1)
    await node.reporting.end()
    assert node.sent == [1]
    assert node.source.batches[-1].leaves
    await asyncio.sleep(0)
