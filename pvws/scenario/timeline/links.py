"""Steps about the links between peers: partition, heal."""

from collections.abc import Collection, Iterable
from typing import Annotated, Any, TypeAlias

from msgspec import Meta

from pvws.limits import PEERS_MAX
from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.quantities import Duration
from pvws.notation.reader import Reader
from pvws.scenario.observations import Observations
from pvws.scenario.play import TIMELINE, Play
from pvws.scenario.selection import PeerName, SomeShare, named
from pvws.scenario.timeline.action import Action, Keys, Mistake
from pvws.scenario.timeline.texts import is_template
from pvws.scenario.triggers import Act
from pvws.world.entities import Peer
from pvws.world.topology import CLUSTERS_MAX

__all__ = ["Groups", "Heal", "Partition"]


def _groups(reader: Reader, node: Node, path: str) -> Any:
    if not isinstance(node.value, list):
        if isinstance(node.value, int) and not isinstance(node.value, bool):
            return reader.read(node, Annotated[int, Meta(ge=2, le=CLUSTERS_MAX)], path)
        return reader.problem(node, path, "a number of groups, or a list of lists of names")
    group = Annotated[tuple[PeerName, ...], Meta(min_length=1, max_length=PEERS_MAX)]
    kind = Annotated[tuple[group, ...], Meta(min_length=1, max_length=CLUSTERS_MAX - 1)]
    return reader.read(node, kind, path)


_NAMES = {"type": "array", "items": {"type": ["string", "number"], "minLength": 1}, "minItems": 1}

Groups: TypeAlias = Annotated[
    int | tuple[tuple[str, ...], ...],
    Form(
        _groups,
        label="number of groups, or list of lists of names",
        schema={
            "anyOf": [
                {"type": "integer", "minimum": 2, "maximum": CLUSTERS_MAX},
                {"type": "array", "items": _NAMES, "minItems": 1, "maxItems": CLUSTERS_MAX - 1},
            ],
            "examples": [2, [["peer-1", "peer-2"]]],
        },
        write=lambda groups: groups if isinstance(groups, int) else [list(group) for group in groups],
    ),
]
"""How many random groups of the same size, or the names of the peers in each."""


class Partition(Action, frozen=True, rename={"lasting": "for"}):
    """The network falls apart: into `groups`, or a `share` of the peers is cut off.

    Nothing is copied between the sides. We look from the largest: peers on the others are missed there, but not
    disconnected.
    """

    groups: Annotated[
        Groups,
        Meta(
            description="Into how many random groups of the same size, or the names of the peers in each; "
            "those who are not named are one more group."
        ),
    ] = 2
    share: Annotated[
        SomeShare | None, Meta(description="Instead: which share of the peers, at random, is cut off.")
    ] = None
    lasting: Annotated[Duration | None, Meta(description="After that time all is healed; without it, it isn't.")] = None

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """`groups` and `share` exclude each other; a peer is in one group."""
        if "groups" in keys and "share" in keys:
            yield Mistake(("share",), 'nothing beside "groups"')
        met: set[str] = set()
        for keys_of_name, name in self.peer_names():
            if name in met:
                yield Mistake(keys_of_name, "each peer in one group", f'"{name}" again')
            met.add(name)

    def peer_names(self) -> Iterable[tuple[Keys, str]]:
        """The names in the groups."""
        if isinstance(self.groups, int):
            return []
        return [
            (("groups", place, inner), name)
            for place, group in enumerate(self.groups)
            for inner, name in enumerate(group)
            if not is_template(name)
        ]

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Partitioning(self, name, play).take


class _Partitioning:
    __slots__ = ("_action", "_chance", "_links", "_play")

    def __init__(self, action: Partition, name: str, play: Play) -> None:
        self._action = action
        self._play = play
        self._chance = play.chance.stream(name)
        self._links = play.chance.stream(f"links of {name}")

    def take(self, observations: Observations) -> None:
        world, lasting = self._play.world, self._action.lasting
        sides = [side for side in self._divided(observations) if side]
        if len(sides) < 2:
            return
        world.partition(sides, self._links)
        if lasting is not None:
            self._play.kernel.after(lasting, self._end, world.overlay.sides, rank=TIMELINE)

    def _divided(self, observations: Observations) -> list[list[Peer]]:
        """The sides that there are to be, of all peers that have links."""
        action = self._action
        linked = [peer for side in self._play.world.overlay.sides for peer in side]
        if not isinstance(action.groups, int):
            return self._named(action.groups, linked, observations)
        shuffled = self._chance.sample(linked, len(linked))
        if action.share is None:
            return [shuffled[place :: action.groups] for place in range(action.groups)]
        cut = min(len(linked) - 1, max(1, int(action.share * len(linked) + 0.5)))
        return [shuffled[:cut], shuffled[cut:]]

    def _named(
        self, groups: tuple[tuple[str, ...], ...], linked: list[Peer], observations: Observations
    ) -> list[list[Peer]]:
        left = {peer.number: peer for peer in linked}
        sides = []
        for names in groups:
            peers = named(self._play, names, observations)
            sides.append([left.pop(peer.number) for peer in peers if peer.number in left])
        return [*sides, list(left.values())]

    def _end(self, sides: list[list[Peer]]) -> None:
        if self._play.world.overlay.sides is sides:  # else the network has been healed, or cut again, meanwhile
            self._play.world.heal(self._links)


class Heal(Action, frozen=True):
    """All sides of a partition are one network again."""

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Healing(name, play).take


class _Healing:
    __slots__ = ("_links", "_play")

    def __init__(self, name: str, play: Play) -> None:
        self._play = play
        self._links = play.chance.stream(f"links of {name}")

    def take(self, _: Observations) -> None:
        self._play.world.heal(self._links)
