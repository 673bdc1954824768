"""The servers of a bus as one of them sees the others: which there are, and what its control plane asks them."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from pvws.bus.bus import Bus
from pvws.bus.courier import Courier, Doing, inquire
from pvws.bus.entry import State
from pvws.bus.question import Node
from pvws.limits import BUS_ANSWER_S
from pvws.stage.nodes import SOURCE, Merged, Nodes, ledger_of

if TYPE_CHECKING:
    from pvws.stage.stage import Stage

__all__ = ["Company", "Other"]


class Other(Struct, frozen=True):
    """Another server of the same bus: by which `id` it is asked, and what a person calls it. `node` is what it says of
    itself; the source says nothing.
    """

    id: str
    name: str
    node: Node | None = None


class Company:
    """What a server knows of those that are on its bus, and how they are reached: the source, or a node by its id.

    `is_led` says whether a source plays, and `stands` how. A node `arrives` where it has given out what stands up to a
    place in the stream, within so many seconds; a source says at which `place` that stands which it has sent last.
    """

    def __init__(
        self,
        bus: Bus,
        own: str,
        nodes: Nodes,
        *,
        is_led: Callable[[], bool] = lambda: True,
        place: Callable[[], int] = lambda: 0,
        stands: Callable[[], State | None] = lambda: None,
        arrives: Callable[[int, float], Awaitable[bool]] | None = None,
    ) -> None:
        self.bus = bus.text
        """What a person calls it."""
        self.leads = own == SOURCE
        """Whether this is the source."""
        self.is_led = is_led
        """Whether there is one."""
        self.place = place
        """Behind which entry of the stream what was done here last stands."""
        self.stands = stands
        """How the source stands, as a node has heard; None at the source."""
        self._bus = bus
        self._own = own
        self._nodes = nodes
        self._arrives = arrives
        self._courier: Courier | None = None

    @property
    def is_reached(self) -> bool:
        """Whether the bus is there just now."""
        return self._bus.up

    @property
    def name(self) -> str:
        """What a person calls this server."""
        return SOURCE if self.leads else next((each.name for each in self._all() if each.id == self._own), self._own)

    def others(self) -> list[Other]:
        """All but this one: the source first, then the nodes in the order in which they were heard of."""
        source = [] if self.leads or not self.is_led() else [Other(SOURCE, SOURCE)]
        return source + [each for each in self._all() if each.id != self._own]

    def own(self) -> Node | None:
        """What this node says of itself; None of a source."""
        return next((each.node for each in self._all() if each.id == self._own), None)

    def last(self) -> int:
        """The place of the last entry of the stream, as far as it is known here."""
        return max(self.place(), *(node.place for node in self._nodes.here), 0)

    async def ledger(self, stage: "Stage") -> Merged:
        """What all servers delivered together, with what this one has by itself."""
        also = [Node(SOURCE)] if not self.leads and self.is_led() else []
        return await self._nodes.ledger(ledger_of(stage), apart=self._own, also=also)

    async def ask(self, whom: str, question: bytes) -> bytes:
        """What a server answers, done there once, however long it takes. Raises UnansweredError where nobody is there,
        or has been silent for 5 s.
        """
        return await inquire(self._bus, f"control.{whom}", question, BUS_ANSWER_S)

    async def answer(self, do: Doing) -> None:
        """Answer what others ask, from now on."""
        self._courier = Courier(do)
        await self._bus.answer(f"control.{self._own}", self._courier.answer)

    async def arrive(self, place: int) -> bool:
        """Return when what stands up to a place has been given out here as well, or 5 s have passed; whether it was."""
        return self._arrives is None or await self._arrives(place, BUS_ANSWER_S)

    async def close(self) -> None:
        """Answer nothing more."""
        if self._courier is not None:
            await self._courier.close()
            self._courier = None

    def _all(self) -> list[Other]:
        """The nodes. Workers have one address, and are told apart by their ids."""
        nodes = self._nodes.here
        named = Counter(map(str, nodes))
        return [
            Other(node.id, str(node) if named[str(node)] == 1 else f"{node} ({node.id[:6]})", node) for node in nodes
        ]
