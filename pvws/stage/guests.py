"""Clients of nodes, as the source of a bus knows them: what plays is told what they do, and its answers find them."""

from collections.abc import Callable, Collection, Iterator

from msgspec import Struct, structs

from pvws.bus.deeds import Deed, Deeds, Heard
from pvws.bus.entry import Meant
from pvws.limits import BUS_BEATS_MISSED_MAX, BUS_NODES_GONE_KEPT_MAX
from pvws.scenario.faults.spec import FaultSpec
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue
from pvws.sim.source import Deed as ClientDeed
from pvws.stage.stage import Stage
from pvws.wire.topics import TOPICS

__all__ = ["Guests"]


class _Guest(Struct):
    """A client of a node: its number here, which no other client has, and its number there."""

    number: int
    node: str
    there: int
    client_id: str
    name: str
    topics: frozenset[str] = frozenset()
    doubted: bool = False  # whether it was not confirmed yet, by a node that tells anew who is there
    doubted_topics: frozenset[str] = frozenset()


class _Node(Struct):
    number: int = 0
    """Of the last batch that was taken."""
    missed: int = 0
    """Beats since."""
    untold: int = 0
    guests: dict[int, _Guest] = {}
    """Its clients, by their number there."""


class Guests:
    """Tells the source of a stage what clients of its nodes do, as if they were here: in each node's order, once.

    They are numbered together with those who are here. What is meant for one of them by its number is for its node.
    A node that is not heard of for some beats is gone, and its clients have disconnected; once it is back they come
    again. `told` is given sentences for a person.
    """

    def __init__(self, stage: Stage, told: Callable[[str], None] = lambda sentence: None) -> None:
        self._stage = stage
        self._told = told
        self._nodes: dict[str, _Node] = {}
        self._numbers: dict[int, _Guest] = {}
        self.came = 0
        """How many there were by now."""
        self._gone: dict[str, int] = {}  # which batch was the last of nodes that are given up: some come back

    def __len__(self) -> int:
        """How many there are."""
        return len(self._numbers)

    def reached(self, topics: Collection[str], *, to_all: bool = False) -> int:
        """How many of them have subscribed to one of some topics; or, `to_all`, how many there are."""
        return len(self) if to_all else sum(not each.topics.isdisjoint(topics) for each in self._numbers.values())

    def hear(self, batch: Deeds) -> Heard:
        """A node tells what its clients did."""
        node = self._nodes.get(batch.node)
        begins = bool(batch.deeds) and batch.deeds[0].did == "anew"
        if node is None:
            if batch.leaves:
                return Heard(known=True)
            last = self._gone.get(batch.node, 0)
            if not begins or batch.number <= last:
                return Heard(known=False, number=last)
            node = self._nodes[batch.node] = _Node(batch.number - 1, untold=batch.untold)
        node.missed = 0
        if batch.number <= node.number:
            return Heard(known=True)  # it came twice
        if batch.number != node.number + 1 and not begins:
            return Heard(known=False, number=node.number)
        node.number = batch.number
        if batch.untold > node.untold:
            missing, node.untold = batch.untold - node.untold, batch.untold
            self._told(f"{missing:,} things that clients of the node {batch.node} did could not be told to what plays")
        for deed in batch.deeds:
            self._hear(batch.node, node, deed)
        if batch.leaves:
            self._lose(batch.node)
        return Heard(known=True)

    def beat(self) -> None:
        """A beat has gone by: nodes that were not heard of for too many are gone."""
        for name, node in list(self._nodes.items()):
            node.missed += 1
            if node.missed > BUS_BEATS_MISSED_MAX:
                if node.guests:
                    number = len(node.guests)
                    counted = "client counts" if number == 1 else "clients count"
                    self._told(f"the node {name} is silent; its {number:,} {counted} as disconnected")
                self._lose(name)

    def meant(self, cue: Cue) -> Meant | None:
        """A cue that is for one of them, as it goes to its node; None for every other."""
        spec, number = cue.asked, cue.client
        if isinstance(spec, FaultSpec) and isinstance(spec.client, int):
            number = spec.client
        guest = None if number is None else self._numbers.get(number)
        if guest is None:
            return None
        if isinstance(spec, FaultSpec):
            return Meant(guest.node, structs.replace(cue, asked=structs.replace(spec, client=guest.there)))
        return Meant(guest.node, structs.replace(cue, client=guest.there))

    def introduced(self, at: Instant) -> Iterator[ClientInput]:
        """Those who are there, as something else that begins to play is told."""
        for guest in list(self._numbers.values()):
            yield ClientInput(at, guest.number, "connects", client_id=guest.client_id, name=guest.name)
            for topic in TOPICS:
                if topic in guest.topics:
                    who = guest.client_id, guest.name
                    yield ClientInput(at, guest.number, "subscribes", topic, "", "", *who)

    def hear_all(self, topics: frozenset[str]) -> bool:
        """Whether one of them has subscribed to all of these topics; with none, to any."""
        return any(guest.topics and guest.topics >= topics for guest in self._numbers.values())

    # Within

    def _hear(self, name: str, node: _Node, deed: Deed) -> None:
        did, guest = deed.did, node.guests.get(deed.client)
        if did == "anew":
            for each in node.guests.values():
                each.doubted, each.doubted_topics = True, each.topics
        elif did == "all":
            self._forget_doubted(node)
        elif did == "connects":
            if guest is None:
                self._welcome(name, node, deed)
            else:
                guest.doubted = False
        elif guest is None:
            pass  # of one that was gone before anybody was told that it came
        elif did == "disconnects":
            self._part(node, guest)
        elif did == "subscribes":
            guest.doubted_topics -= {deed.topic}
            if deed.topic not in guest.topics:
                guest.topics |= {deed.topic}
                self._stage.hub.subscribed(guest.topics)
                self._tell(guest, did, deed.topic)
        elif did == "unsubscribes":
            guest.topics -= {deed.topic}
            self._tell(guest, did, deed.topic)
        else:
            self._tell(guest, did, "", deed.type, deed.message)

    def _welcome(self, name: str, node: _Node, deed: Deed) -> None:
        self._stage.attempts += 1
        self.came += 1
        guest = _Guest(self._stage.attempts, name, deed.client, deed.client_id, deed.name)
        node.guests[deed.client] = self._numbers[guest.number] = guest
        self._tell(guest, "connects")

    def _part(self, node: _Node, guest: _Guest) -> None:
        del node.guests[guest.there]
        self._tell(guest, "disconnects")
        del self._numbers[guest.number]

    def _forget_doubted(self, node: _Node) -> None:
        """All who are there were told: who was not is there no more, nor hears what was not."""
        for guest in list(node.guests.values()):
            if guest.doubted:
                self._part(node, guest)
                continue
            for topic in sorted(guest.doubted_topics):
                guest.topics -= {topic}
                self._tell(guest, "unsubscribes", topic)
            guest.doubted_topics = frozenset()

    def _lose(self, name: str) -> None:
        """A node is gone, with its clients."""
        node = self._nodes.pop(name)
        self._gone[name] = node.number
        if len(self._gone) > BUS_NODES_GONE_KEPT_MAX:
            del self._gone[next(iter(self._gone))]
        for guest in list(node.guests.values()):
            self._part(node, guest)

    def _tell(self, guest: _Guest, did: ClientDeed, topic: str = "", type: str = "", message: str = "") -> None:  # noqa: A002
        at = self._stage.now().micros
        self._stage.told(ClientInput(at, guest.number, did, topic, type, message, guest.client_id, guest.name))
