"""Which peers a step of the timeline is about: one by name, or some of those that are connected."""

from collections.abc import Collection, Iterable
from typing import Annotated, Any, TypeAlias

from msgspec import Meta

from pvws import units
from pvws.errors import InputError
from pvws.limits import PEERS_MAX
from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.quantities import Percentage
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.observations import Observations
from pvws.scenario.play import Play
from pvws.scenario.timeline.action import Action, Keys, Mistake
from pvws.scenario.timeline.texts import is_template, read_template, template
from pvws.sim.chance import Stream
from pvws.world.entities import Peer

__all__ = ["PeerName", "Peers", "Selection", "SomeShare", "filled_name", "named", "number_of"]

_EVERYBODY = 1.0
_EXPECTED = 'a number of peers, a percentage like "30%", a list of names, or all'

SomeShare: TypeAlias = Annotated[Percentage, Meta(gt=0)]
"""A share above 0 and up to 1, written as `30%`."""


def _name(reader: Reader, node: Node, path: str) -> Any:
    name = read_template(reader, node, path)
    if name is INVALID or (name.strip() and name.isprintable()):
        return name
    return reader.problem(node, path, "the name of a peer")


PeerName: TypeAlias = Annotated[
    str,
    Form(
        _name,
        label="name of a peer",
        schema={"type": ["string", "number"], "minLength": 1, "examples": ["peer-1", "${peer.random.name}"]},
    ),
]
"""A peer's name, or a template that gives one: `peer-3`, `"${peer.random.name}"`."""


def _peers(reader: Reader, node: Node, path: str) -> Any:
    match node.value:
        case "all":
            return _EVERYBODY
        case int() if not isinstance(node.value, bool):
            return reader.read(node, Annotated[int, Meta(ge=1, le=PEERS_MAX)], path)
        case str() if node.value.rstrip().endswith("%"):
            return reader.read(node, SomeShare, path)
        case list():
            kind = Annotated[tuple[PeerName, ...], Meta(min_length=1, max_length=PEERS_MAX)]
            return reader.read(node, kind, path)
        case _:
            return reader.problem(node, path, _EXPECTED)


def _written(peers: int | float | tuple[str, ...]) -> Any:
    match peers:
        case int():
            return peers
        case float():
            return "all" if peers >= _EVERYBODY else units.percentage_notation(peers)
        case _:
            return list(peers)


Peers: TypeAlias = Annotated[
    int | float | tuple[str, ...],
    Form(
        _peers,
        label="number, percentage, list of names, or all",
        schema={
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": PEERS_MAX},
                {"const": "all"},
                {"type": "string", "pattern": r"^\s*([0-9]{1,16}(\.[0-9]{0,9})?|\.[0-9]{1,9})\s*%\s*$"},
                {"type": "array", "items": {"type": ["string", "number"], "minLength": 1}, "minItems": 1},
            ],
            "examples": [3, "30%", ["peer-1", "peer-2"], "all"],
        },
        write=_written,
    ),
]
"""How many peers, which share of them (`all` is 1), or their names."""


class Selection(Action, frozen=True):
    """Some peers: one by name (`peer`), or some of the connected ones (`peers`)."""

    peer: Annotated[PeerName | None, Meta(description="The peer, by name. Nothing happens if it is not there.")] = None
    peers: Annotated[
        Peers, Meta(description="Which peers instead: so many random ones, a share, a list of names, or `all`.")
    ] = 1

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """`peer` and `peers` exclude each other."""
        if "peer" in keys and "peers" in keys:
            yield Mistake(("peers",), 'nothing beside "peer"')

    def peer_names(self) -> Iterable[tuple[Keys, str]]:
        """The names that it says."""
        if self.peer is not None:
            names: list[tuple[Keys, str]] = [(("peer",), self.peer)]
        elif isinstance(self.peers, tuple):
            names = [(("peers", place), name) for place, name in enumerate(self.peers)]
        else:
            names = []
        return [(keys, name) for keys, name in names if not is_template(name)]

    def chosen(self, play: Play, chance: Stream, observations: Observations) -> list[Peer]:
        """The peers that it means now, all of them connected, each once. It costs what they are, not what there are.

        Random ones are in random order, all of them in the order in which they first came.
        """
        if self.peer is not None:
            return named(play, (self.peer,), observations)
        if isinstance(self.peers, tuple):
            return named(play, self.peers, observations)
        connected = play.world.store.connected
        if isinstance(self.peers, float) and self.peers >= _EVERYBODY:
            return sorted(connected, key=_number)
        return chance.sample(connected, number_of(self.peers, len(connected)))


def named(play: Play, names: Iterable[str], observations: Observations) -> list[Peer]:
    """The connected peers of these names, each once; names may be templates, and those of nobody are passed over."""
    found: dict[int, Peer] = {}
    for name in names:
        filled = filled_name(name, observations)
        peer = None if filled is None else play.world.find(filled)
        if peer is not None and peer.connected:
            found[peer.number] = peer
    return list(found.values())


def filled_name(name: str, observations: Observations) -> str | None:
    """The name that a template gives; None if it gives none now, since what it asks for is not there."""
    if "${" not in name:
        return name
    try:
        filled = template(name).fill(observations)
    except InputError:
        return None
    return filled if isinstance(filled, str) else None


def number_of(peers: int | float, connected: int) -> int:
    """How many of the connected peers a number or a share of them is; of a share at least one."""
    return peers if isinstance(peers, int) else max(1, int(peers * connected + 0.5))


def _number(peer: Peer) -> int:
    return peer.number
