"""A source and nodes of one bus, each with a server and a control plane, in the test's own event loop."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from pvws.bus.bus import Bus
from pvws.scenario.loader import load
from pvws.stage.following import Following
from pvws.stage.leading import Leading
from pvws.stage.loading import Loading
from pvws.stage.stage import Stage
from tests.support.nats_server import until
from tests.support.staged import START, STORY, story
from tests.support.steered import Reply, Steered, steered


class Server:
    """One of them. `leading` is the source's end of the bus, `following` that of a node."""

    def __init__(self, stage: Stage, bus: Bus) -> None:
        self.stage = stage
        self.bus = bus
        self.leading: Leading | None = None
        self.following: Following | None = None
        self.steered: Steered | None = None

    @property
    def door(self) -> Steered:
        """Its server and control plane."""
        assert self.steered is not None, "it is entered"
        return self.steered

    @property
    def url(self) -> str:
        """Where clients connect; what it is called."""
        return self.door.venue.url

    async def call(self, method: str, path: str, body: Any = None) -> Reply:
        """Call a route of its control plane."""
        return await self.door.call(method, path, body)

    async def get(self, path: str) -> Any:
        """What a route answers that can."""
        reply = await self.call("GET", path)
        assert reply.status == 200, reply.content
        return reply.body


class Joined:
    """All of them."""

    def __init__(self, source: Server, nodes: list[Server]) -> None:
        self.source = source
        self.nodes = nodes

    @property
    def all(self) -> list[Server]:
        """The source and the nodes."""
        return [self.source, *self.nodes]

    def tell(self) -> None:
        """Have all say that they are there, and how they stand, as they do every second."""
        for each in self.nodes:
            assert each.following is not None, "it is a node"
            each.following.tell()
        assert self.source.leading is not None, "it is the source"
        self.source.leading.tell()


@asynccontextmanager
async def joined(
    make: Callable[[], Awaitable[Bus]], nodes: int = 2, options: Mapping[str, Any] | None = None
) -> AsyncIterator[Joined]:
    """The story, held at its start, as a source, and so many nodes that know of each other; `make` makes buses."""
    async with AsyncExitStack() as stack:
        stage = story(**(options or {}))
        stage.controller.plays(load(STORY, "story.yaml"), START, Loading(load(STORY, "story.yaml")))
        source = Server(stage, await make())
        source.leading = Leading(stage, source.bus)
        await source.leading.begin()
        stack.push_async_callback(source.leading.end, 1)
        source.steered = await stack.enter_async_context(steered(stage))
        found = Joined(source, [await node(make, stack) for _ in range(nodes)])
        found.tell()
        others = len(found.nodes)
        await until(lambda: all(len(each.stage.controller.company.others()) == others for each in found.all))  # type: ignore[union-attr]
        yield found


async def node(make: Callable[[], Awaitable[Bus]], stack: AsyncExitStack) -> Server:
    """One more node."""
    made = Server(Stage(), await make())
    made.following = Following(made.stage, made.bus)
    await made.following.begin()
    stack.push_async_callback(made.following.end)
    made.steered = await stack.enter_async_context(steered(made.stage))
    made.following.serve_at(made.url)
    return made
