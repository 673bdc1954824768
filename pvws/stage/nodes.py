"""The nodes of a source: which there are, whether their clients have everything, and what all of them delivered."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, structs

from pvws import __version__
from pvws.bus.bus import Bus, Feed, UnansweredError
from pvws.bus.question import Node, NodeLedger, Question, Settled, decoded, encoded
from pvws.errors import MessageError
from pvws.histogram import Spread, spread_of
from pvws.limits import BUS_ANSWER_S, BUS_NODE_BEHIND_MAX, BUS_SILENT_S
from pvws.stage.advance import Straggler

__all__ = ["SOURCE", "Merged", "Nodes", "ledger_of", "other_version"]

if TYPE_CHECKING:
    from pvws.stage.stage import Stage

SOURCE = "source"
"""By which the source is asked, and called."""

_Answer = TypeVar("_Answer")

_LONGER_S = 0.25  # for an answer to come back, beyond what a node was given to wait


class Merged(Struct, frozen=True):
    """What a source and so many `nodes` together delivered to their clients; `silent` are nodes that did not say."""

    nodes: int
    clients: int
    owed: int
    written: int
    lost: int
    lateness: Spread
    silent: tuple[str, ...] = ()


class Nodes:
    """Knows who says that it is a node of a bus, until it has not for some beats, and asks them. `told` is given a
    sentence for each that is of another version.
    """

    def __init__(self, bus: Bus, told: Callable[[str], None] = lambda sentence: None) -> None:
        self._bus = bus
        self._told = told
        self._time: Callable[[], float] = asyncio.get_running_loop().time
        self._known: dict[str, tuple[Node, float]] = {}
        self._behind: dict[str, tuple[int, float]] = {}

    @property
    def here(self) -> list[Node]:
        """Those that there are."""
        now = self._time()
        self._known = {name: each for name, each in self._known.items() if now - each[1] < BUS_SILENT_S}
        return [node for node, _ in self._known.values()]

    async def begin(self) -> None:
        """Listen to what they say of themselves."""
        await self._bus.listen("node", self._heard)

    def are_behind(self, last: int) -> bool:
        """Whether a node is so far from the `last` place that a source which can wait should. One that has not moved
        for five seconds is not waited for until it does.
        """
        now, behind = self._time(), dict[str, tuple[int, float]]()
        for node in self.here if self._known else ():
            if last - node.place > BUS_NODE_BEHIND_MAX:
                place, since = self._behind.get(node.id, (-1, now))
                behind[node.id] = node.place, since if place == node.place else now
        self._behind = behind
        return any(now - since < BUS_ANSWER_S for _, since in behind.values())

    async def hear(self, seconds: float) -> tuple[str, ...]:
        """Return when all nodes have told what their clients had done by now: which did not within so many seconds."""
        nodes = self.here
        question = Question("deeds", seconds=seconds)
        answers = await asyncio.gather(*(self._ask(node, question, Settled) for node in nodes))
        return tuple(str(node) for node, answer in zip(nodes, answers, strict=True) if answer is None or answer.behind)

    async def settle(
        self, feed: Feed, seconds: float, *, ack: bool, but: Sequence[str] = ()
    ) -> tuple[tuple[Straggler, ...], tuple[str, ...]]:
        """Return when all that was sent was handed to every client of every node `but` some: who has not got
        everything, and the nodes that did not say within so many seconds, five at most.
        """
        nodes, seconds = [node for node in self.here if str(node) not in but], min(seconds, BUS_ANSWER_S)
        if not nodes:
            return (), ()
        began = self._time()
        try:
            async with asyncio.timeout(seconds):
                place = await feed.drain()
        except TimeoutError:
            return (), tuple(map(str, nodes))
        question = Question("settle", place, max(0.0, seconds - (self._time() - began)), ack)
        answers = await asyncio.gather(*(self._ask(node, question, Settled) for node in nodes))
        stragglers, silent = list[Straggler](), list[str]()
        for node, answer in zip(nodes, answers, strict=True):
            if answer is None or answer.behind:
                silent.append(str(node))
            else:
                stragglers += [Straggler(**structs.asdict(each), node=str(node)) for each in answer.waiting]
        return tuple(stragglers), tuple(silent)

    async def ledger(
        self, own: NodeLedger, seconds: float = BUS_ANSWER_S, *, apart: str = SOURCE, also: Sequence[Node] = ()
    ) -> Merged:
        """What they delivered, all together with what the server has by itself that asks: the source, or else the node
        `apart`, which is not asked. `also` are asked as well.
        """
        nodes = [*also, *(node for node in self.here if node.id != apart)]
        question = Question("ledger", seconds=seconds)
        answers = await asyncio.gather(*(self._ask(node, question, NodeLedger) for node in nodes))
        found = [answer for answer in answers if answer is not None]
        silent = [str(node) for node, answer in zip(nodes, answers, strict=True) if answer is None]
        asked_source = any(
            node.id == SOURCE and answer is not None for node, answer in zip(nodes, answers, strict=True)
        )
        sources = int(asked_source or apart == SOURCE)
        return _merged([own, *found], silent, len(found) + 1 - sources)

    async def _ask(self, node: Node, question: Question, kind: type[_Answer]) -> _Answer | None:
        try:
            return decoded(await self._bus.ask(node.id, encoded(question), question.seconds + _LONGER_S), kind)
        except (UnansweredError, MessageError):
            return None

    def _heard(self, content: bytes) -> None:
        try:
            node = decoded(content, Node)
        except MessageError:
            return
        if node.left:
            self._known.pop(node.id, None)
        else:
            if node.id not in self._known and (sentence := other_version(f"the node {node}", node.version)):
                self._told(sentence)
            self._known[node.id] = node, self._time()


def other_version(who: str, version: str) -> str | None:
    """What to say of somebody of another version of pvws; nothing of one of this."""
    if version in ("", __version__):
        return None
    return (
        f"{who} is pvws {version}, and this is {__version__}: what one of them says the other may not understand; "
        "have the same on all machines"
    )


def ledger_of(stage: "Stage") -> NodeLedger:
    """What a stage has delivered to clients of its own server."""
    figures = stage.delivery.stage()
    late, worst = dict(stage.delivery.counts()), figures.lateness.worst
    return NodeLedger(stage.connections, figures.owed, figures.written, figures.lost, late, worst)


def _merged(ledgers: Sequence[NodeLedger], silent: Sequence[str], nodes: int) -> Merged:
    late = Counter[int]()
    for each in ledgers:
        late.update(each.late)
    worst = max((each.worst for each in ledgers), default=0)
    return Merged(
        nodes,
        sum(each.clients for each in ledgers),
        sum(each.owed for each in ledgers),
        sum(each.written for each in ledgers),
        sum(each.lost for each in ledgers),
        spread_of(late, worst) if late else Spread(),
        tuple(silent),
    )
