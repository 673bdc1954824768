"""A source and its nodes on a bus of this process, each node with a server on a real socket."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from pvws.bus.local import LocalServer
from pvws.stage.following import Following
from pvws.stage.leading import Leading
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from tests.support.staged import Listener, listener, story, venue_of


class Company:
    """A held script as the source of a bus, and nodes of it."""

    def __init__(self, stack: AsyncExitStack, text: str) -> None:
        self.server = LocalServer()
        self.told: list[str] = []
        self.source = story(text)
        self.leading = Leading(self.source, self.server.bus(), self.told.append)
        self.nodes: list[Following] = []
        self.venues: list[Venue] = []
        self._stack = stack

    async def add_node(self) -> Following:
        """One node more."""
        stage = Stage()
        node = Following(stage, self.server.bus(), self.told.append)
        await node.begin()
        venue = await self._stack.enter_async_context(venue_of(stage))
        node.serve_at(venue.url)
        self._stack.push_async_callback(node.end)
        self.nodes.append(node)
        self.venues.append(venue)
        return node

    async def client(self, node: int, *topics: str, name: str = "") -> Listener:
        """A client of a node, subscribed."""
        path = f"/ws?client={name}" if name else "/ws"
        return await self._stack.enter_async_context(listener(self.venues[node], *topics, path=path))


@asynccontextmanager
async def company_of(text: str, nodes: int = 2) -> AsyncIterator[Company]:
    """So many nodes of a script."""
    async with AsyncExitStack() as stack:
        company = Company(stack, text)
        await company.leading.begin()
        for _ in range(nodes):
            await company.add_node()
        stack.push_async_callback(company.leading.end, 1)
        yield company
