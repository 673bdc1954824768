"""What must be true of a world at any time, written down once."""

from collections import Counter
from collections.abc import Iterator

from pvws.errors import PvwsError
from pvws.wire.events import AlertLevel
from pvws.world.alerts import Thresholds
from pvws.world.entities import File, Peer, Transfer
from pvws.world.health import HEARTBEAT_MICROS, HEARTBEATS_UNHEARD
from pvws.world.topology import survey
from pvws.world.world import World

__all__ = ["ContradictionError", "Doubts", "contradictions"]

_STEP_WORTH = 32  # things that are looked at for each step


class ContradictionError(PvwsError):
    """A world contradicts itself: a mistake of pvws. Holds the sentences that say how."""

    def __init__(self, sentences: list[str], where: str) -> None:
        self.sentences = sentences
        super().__init__(
            "\n".join([f"the simulated network contradicts itself {where}; please report this", *sentences])
        )


class Doubts:
    """Looks at a world as often as it can afford: after every step while there is little in it, and the less often the
    more there is, so that a step costs about as much in a large world as in a small one.

    Contradictions stay; that one is found some steps late is no harm, if it is found. Call `look` at the end.
    """

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps = 0

    def step(self, world: World) -> list[str]:
        """What contradicts itself; call it after every step."""
        self._steps += 1
        things = len(world.peers) + len(world.store.files) + world.store.transfers
        return self.look(world) if self._steps * _STEP_WORTH >= things else []

    def look(self, world: World) -> list[str]:
        """What contradicts itself now; nothing, if nothing has happened since it was looked at."""
        if not self._steps:
            return []
        self._steps = 0
        return contradictions(world)


def contradictions(world: World) -> list[str]:
    """What contradicts itself in a world, in sentences; nothing, if all is well. It looks at everything."""
    transfers = [transfer for peer in world.peers for transfer in peer.incoming.values()]
    return [
        *_sums(world, transfers),
        *_connected(world),
        *(sentence for peer in world.peers for sentence in _peer(world, peer)),
        *_outgoing(world, transfers),
        *_links(world),
        *(sentence for key, file in world.store.files.items() for sentence in _file(world, key, file)),
        *(sentence for transfer in transfers for sentence in _transfer(world, transfer)),
        *_repairs(world, transfers),
        *_leftovers(world),
        *_alarms(world),
    ]


def _sums(world: World, transfers: list[Transfer]) -> Iterator[str]:
    store, coming = world.store, sum(transfer.size for transfer in transfers)
    connected = [peer for peer in world.peers if peer.connected]
    files = store.files.values()
    for name, told, true in (
        ("total_space", store.total_space, sum(peer.capacity for peer in connected)),
        ("used_space, by peers", store.used_space, sum(peer.used for peer in connected)),
        ("used_space, by copies", store.used_space, sum(file.size * len(file.copies) for file in files)),
        ("taken_space", store.taken_space, sum(peer.used for peer in connected) + coming),
        ("copies", store.copies, sum(len(file.copies) for file in files)),
        ("transfers", store.transfers, len(transfers)),
        ("coming copies", len(transfers), sum(len(file.coming) for file in files)),
        ("missing", world.missing, sum(peer.missed for peer in world.peers)),
        ("degraded", world.care.degraded, sum(peer.health == "DEGRADED" for peer in world.peers)),
    ):
        if told != true:
            yield f"{name} is {told}, and should be {true}"


def _linked(world: World) -> list[Peer]:
    return [peer for side in world.overlay.sides for peer in side]


def _connected(world: World) -> Iterator[str]:
    """The lists of what is there, in which everything knows its place."""
    for place, peer in enumerate(world.store.connected):
        if peer.place != place or not peer.connected:
            yield f"{peer.name} is in the list of connected peers, and is none or elsewhere in it"
    if len(world.store.connected) != sum(peer.connected for peer in world.peers):
        yield "a connected peer is not in the list of them"
    for peer in world.peers:
        if not peer.connected and peer.place != -1:
            yield f"{peer.name} is away, and has a place among the connected peers"
    for place, file in enumerate(world.store.available):
        if file.place != place or not file.copies or world.store.files.get(file.key) is not file:
            yield f"{file.key} is in the list of available files, and is none or elsewhere in it"
    if len(world.store.available) != sum(bool(file.copies) for file in world.store.files.values()):
        yield "an available file is not in the list of them"


def _peer(world: World, peer: Peer) -> Iterator[str]:
    name, number = peer.name, peer.number
    if world.peers[number] is not peer or world.find(name) is not peer:
        yield f"{name} is known under another number or name"
    if peer.used != sum(peer.held.values()):
        yield f"{name} has used {peer.used}, which is not what it holds"
    if min(peer.used, peer.room) < 0:
        yield f"{name} holds more than it can: {peer.used}, and {peer.room} free"
    if peer.crashed and not peer.connected:
        yield f"{name} has crashed, and was given up already"
    if (peer.health == "OFFLINE") == peer.connected:
        yield f"{name} is {peer.health}, and connected is {peer.connected}"
    if (peer.incoming or peer.outgoing) and not peer.connected:
        yield f"{name} is away, and copies are on their way from or to it"
    if peer.connected and (peer.heard is None) == (peer.crashed or peer.group > 0):
        yield f"{name} is heard or not heard against the facts"
    if peer.connected and peer.missed != (peer.group > 0):
        yield f"{name} is missed or not missed against the facts"
    if peer.connected and peer.health != "UNKNOWN" and _silence(world, peer) > HEARTBEATS_UNHEARD * HEARTBEAT_MICROS:
        yield f"{name} is {peer.health}, and was not heard for {_silence(world, peer)} microseconds"
    for key in peer.held if peer.connected else ():
        file = world.store.files.get(key)
        if file is None or number not in file.copies:
            yield f"{name} holds {key}, which knows nothing of it"


def _outgoing(world: World, transfers: list[Transfer]) -> Iterator[str]:
    outgoing, waiting = Counter(transfer.source for transfer in transfers), Counter[int]()
    for transfer in transfers:
        if transfer.status == "PENDING":
            waiting.update((transfer.source, transfer.target))
    for peer in world.peers:
        if peer.outgoing != outgoing[peer.number]:
            yield f"{peer.name} sends {peer.outgoing} copies, and {outgoing[peer.number]} are on their way from it"
        if peer.waiting != waiting[peer.number]:
            yield f"{peer.name} waits with {peer.waiting} copies, and {waiting[peer.number]} wait"


def _links(world: World) -> Iterator[str]:
    overlay = world.overlay
    misplaced = [
        f"{peer.name} has a seat on side {group}, and does not belong there"
        for group, side in enumerate(overlay.sides)
        for seat, peer in enumerate(side)
        if peer.group != group or peer.seat != seat or not peer.connected or peer.crashed
    ]
    if misplaced:
        yield from misplaced
        return  # who sits elsewhere has no neighbours to look at
    links = sum(len(list(overlay.neighbours(peer))) for peer in _linked(world)) // 2
    if overlay.links != links:
        yield f"links is {overlay.links}, and should be {links}"
    for group, side in enumerate(overlay.sides):
        for peer in side:
            neighbours = [other.number for other in overlay.neighbours(peer)]
            if len(set(neighbours)) != len(neighbours) or peer.number in neighbours:
                yield f"{peer.name} is linked to a peer twice, or to itself"
            for other in overlay.neighbours(peer):
                if peer.number not in [each.number for each in overlay.neighbours(other)] or other.group != group:
                    yield f"the link from {peer.name} to {other.name} is none in the other direction, or crosses sides"
    seated = Counter(peer.number for peer in _linked(world))
    for peer in world.peers:
        if seated[peer.number] != (peer.connected and not peer.crashed):
            yield f"{peer.name} has {seated[peer.number]} seats"
        if not seated[peer.number] and (peer.chords or peer.seat != -1):
            yield f"{peer.name} has no seat, and links"
    clusters = sorted(len(cluster) for cluster in survey(overlay, _linked(world)).clusters)
    if clusters != sorted(len(side) for side in overlay.sides if side):
        yield f"the clusters are {clusters}, which are not the sides"


def _silence(world: World, peer: Peer) -> int:
    return 0 if peer.heard is None else world.kernel.now - peer.heard


def _file(world: World, key: str, file: File) -> Iterator[str]:
    there = [*file.copies, *(transfer.target for transfer in file.coming)]
    if file.key != key:
        yield f"{file.key} is stored under another key: {key}"
    if len(set(there)) != len(there):
        yield f"{key} has two copies at a peer, or one is on its way to where one is"
    if len(there) > world.store.replication:
        yield f"{key} has {len(file.copies)} copies and {len(file.coming)} on their way"
    if not file.copies and (file.place != -1 or file.coming):
        yield f"{key} is nowhere, and has a place among the available files, or copies on their way"
    for number in file.copies:
        if world.peers[number].held.get(key) != file.size or not world.peers[number].connected:
            yield f"{key} has a copy on {world.peers[number].name}, which is away or has none"


def _transfer(world: World, transfer: Transfer) -> Iterator[str]:
    key, source, target = transfer.key, world.peers[transfer.source], world.peers[transfer.target]
    names = f"the transfer of {key} from {source.name} to {target.name}"
    file = world.store.files.get(key)
    if file is None or transfer not in file.coming or target.incoming.get(key) is not transfer:
        yield f"{names} is known to one end only"
    if file is None or transfer.source not in file.copies or transfer.size != file.size:
        yield f"{names} has nothing at its source, or something else"
    if transfer.source == transfer.target:
        yield f"{names} goes nowhere"
    if source.group != target.group and not (source.crashed or target.crashed):
        yield f"{names} crosses a partition"
    if transfer.live == (source.crashed or target.crashed):
        yield f"{names} lives or not against the facts"


def _repairs(world: World, transfers: list[Transfer]) -> Iterator[str]:
    told, at_once = world.store.repairs.under_way, world.rules.repairs_at_once
    repairs = [transfer for transfer in transfers if transfer.repair]
    under_way = sum(transfer.status == "SYNCING" for transfer in repairs)
    if told != under_way or told > at_once:
        yield f"{told} repairs are said to be under way, {under_way} are, and {at_once} may"
    if under_way < at_once and any(transfer.status == "PENDING" and transfer.live for transfer in repairs):
        yield f"a repair waits for its turn, and only {under_way} of {at_once} are under way"
    for transfer in transfers:
        if transfer.status == "PENDING" and not transfer.repair:
            yield f"{transfer.key} waits for its turn, and is no repair"


def _leftovers(world: World) -> Iterator[str]:
    for key, numbers in world.store.corrupt.items():
        for number in numbers:
            if key not in world.store.files or key not in world.peers[number].held:
                yield f"{key} is corrupt at {world.peers[number].name}, which has none"
    for key in world.store.lacking:
        file = world.store.files.get(key)
        if file is None or len(file.copies) + len(file.coming) >= world.store.replication:
            yield f"{key} lacks copies, and is not stored or has enough"


def _alarms(world: World) -> Iterator[str]:
    """What the storage alarms say, which look at their figures only when these may have crossed a threshold."""
    thresholds, store = world.rules.thresholds, world.store
    levels = {number: level for name, level, number in world.watch.uncleared() if name == "storage_usage"}
    figures: list[tuple[str, int | None, int, int]] = [("storage_usage", None, store.used_space, store.total_space)]
    figures += [("peer_storage_usage", peer.number, peer.used, peer.capacity) for peer in world.peers]
    for name, number, used, total in figures:
        if total and name in thresholds:
            usage, level = round(100 * used / total, 6), levels.get(number, "info")
            forgotten = number is not None and not world.peers[number].connected and level == "info"
            if not forgotten and level not in _deserved(usage, thresholds[name]):
                of = "" if number is None else f" of {world.peers[number].name}"
                yield f"{name}{of} is {usage}%, and its alarm says {level}"


def _deserved(usage: float, thresholds: Thresholds) -> tuple[AlertLevel, ...]:
    """The levels that an alarm may have at this figure."""
    if usage >= thresholds.critical:
        return ("critical",)
    if usage < thresholds.clear:
        return ("info",)
    return ("warning", "critical") if usage >= thresholds.warning else ("info", "warning", "critical")
