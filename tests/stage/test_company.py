import asyncio
from collections.abc import AsyncIterator

import pytest

from pvws.bus.local import LocalServer
from pvws.bus.question import Node, encoded
from pvws.stage.company import Company
from pvws.stage.following import Following
from pvws.stage.leading import Leading
from pvws.stage.stage import Stage
from tests.support.staged import story


async def turns(number: int = 4) -> None:
    """Let what was told be heard."""
    for _ in range(number):
        await asyncio.sleep(0)


@pytest.fixture
async def companies() -> AsyncIterator[tuple[Company, Company]]:
    """Those of a source and of a node, that know of each other."""
    server, source, stage = LocalServer(), story(), Stage()
    leading, node = Leading(source, server.bus()), Following(stage, server.bus())
    await leading.begin()
    await node.begin()
    node.serve_at("ws://a/ws")
    await turns()
    assert source.controller.company is not None and stage.controller.company is not None
    yield source.controller.company, stage.controller.company
    await node.end()
    await leading.end(1)
    assert source.controller.company is None and stage.controller.company is None


async def test_a_source_and_a_node_know_each_other_and_what_they_are_called(
    companies: tuple[Company, Company],
) -> None:
    source, node = companies
    assert (source.leads, source.name, [each.name for each in source.others()]) == (True, "source", ["ws://a/ws"])
    assert (node.leads, node.name, [each.name for each in node.others()]) == (False, "ws://a/ws", ["source"])
    assert node.own() is not None and source.own() is None


async def test_workers_that_share_an_address_are_told_apart(companies: tuple[Company, Company]) -> None:
    source, node = companies
    node._bus.tell("node", encoded(Node("0123456789ab", "ws://a/ws")))
    await turns()
    names = {each.name for each in source.others()}
    assert len(names) == 2 and "ws://a/ws (012345)" in names
    assert node.name.startswith("ws://a/ws (")


async def test_what_is_asked_is_done_there_and_what_it_has_changed_is_waited_for(
    companies: tuple[Company, Company],
) -> None:
    source, node = companies

    async def do(question: bytes, left: asyncio.Event) -> bytes:
        return question.upper()

    await source.answer(do)
    assert await node.ask("source", b"what") == b"WHAT"
    assert await node.arrive(source.place())
    assert node.last() >= source.place() > 0


async def test_a_source_that_has_ended_is_none_any_more() -> None:
    server, stage = LocalServer(), Stage()
    leading, node = Leading(story(), server.bus()), Following(stage, server.bus())
    await node.begin()
    assert not node.company.is_led(), "none has begun"
    await leading.begin()
    leading.tell()
    await turns()
    assert node.company.is_led()
    await leading.end(1)
    await turns()
    assert not node.company.is_led()
    await node.end()
