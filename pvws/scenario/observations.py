"""What conditions and templates of a script may ask about: figures of the network, peers, files, the time."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from pvws.scenario.matching import message_of
from pvws.scenario.play import Play
from pvws.sim.chance import Stream
from pvws.sim.source import ClientInput
from pvws.world.entities import File, Peer

__all__ = ["FIGURES", "OBSERVATIONS", "Observations"]


def _storage_usage(play: Play) -> float:
    store = play.world.store
    return round(100 * store.used_space / store.total_space, 6) if store.total_space else 0.0


def _replication_factor(play: Play) -> float:
    store = play.world.store
    return round(store.copies / len(store.available), 6) if store.available else 0.0


FIGURES: dict[str, tuple[Callable[[Play], float], str]] = {
    "time": (lambda play: (play.kernel.now - play.start) / 1_000_000, "seconds since the start"),
    "peers": (lambda play: len(play.world.store.connected), "connected peers"),
    "known_peers": (lambda play: len(play.world.peers), "peers that ever connected"),
    "missing_peers": (lambda play: play.world.missing, "peers that can't be reached and have not said goodbye"),
    "degraded_peers": (lambda play: play.world.care.degraded, "peers whose health is DEGRADED"),
    "clusters": (
        lambda play: sum(1 for side in play.world.overlay.sides if side),
        "groups of peers that reach each other",
    ),
    "links": (lambda play: play.world.overlay.links, "links between peers"),
    "files": (lambda play: len(play.world.store.available), "files of which a connected peer has a copy"),
    "copies": (lambda play: play.world.store.copies, "copies on connected peers"),
    "transfers": (lambda play: play.world.store.transfers, "copies on their way"),
    "lacking_files": (lambda play: len(play.world.store.lacking), "files for whose copies no place was found"),
    "replication_factor": (_replication_factor, "mean number of copies of a file"),
    "total_space": (lambda play: play.world.store.total_space, "bytes that connected peers have"),
    "used_space": (lambda play: play.world.store.used_space, "bytes of them that are used"),
    "storage_usage": (_storage_usage, "percent of them that are used"),
    "requests": (lambda play: play.world.store.traffic.requests, "requests since the start"),
    "failures": (lambda play: play.world.store.traffic.failures, "requests that failed since the start"),
    "bytes_transferred": (lambda play: play.world.store.traffic.bytes, "bytes moved since the start"),
    "open_alerts": (lambda play: len(play.world.watch.uncleared()), "alerts that have not been cleared"),
}
"""Figures by name: how to read each off a run, and what it is."""

_T = TypeVar("_T", Peer, File)

_PEER_WORDS = "name id address port capabilities capacity used usage connected health latency"
_FILE_WORDS = "key size name type owner tags replicas node"
_PEER: dict[str, Any] = {word: {} for word in _PEER_WORDS.split()}
_FILE: dict[str, Any] = {word: {} for word in _FILE_WORDS.split()}

OBSERVATIONS: dict[str, Any] = {
    **{name: {} for name in (*FIGURES, "n", "now")},
    "peer": {"random": _PEER, "first": _PEER, "last": _PEER, "*": _PEER},
    "file": {"random": _FILE, "latest": _FILE},
    "client": {"number": {}, "id": {}, "name": {}},
    "message": None,
}
"""Every name that a condition or a template may begin with, and what may follow it (`*` is the name of a peer)."""


class Observations:
    """A run as an expression sees it. What is random about it comes from `chance`; `number` counts, from 1, how often
    the step that asks has been taken. `deed` is what a client did, where that is why the step is taken.
    """

    __slots__ = ("_chance", "_drawn", "_drawn_at", "_play", "deed", "number")

    def __init__(self, play: Play, chance: Stream) -> None:
        self._play = play
        self._chance = chance
        self._drawn: dict[str, Peer | File] = {}
        self._drawn_at = -1
        self.number = 0
        self.deed: ClientInput | None = None

    def __call__(self, name: str) -> object:
        """What a name stands for. Raises KeyError for one that there is not."""
        figure = FIGURES.get(name)
        if figure is not None:
            return figure[0](self._play)
        match name:
            case "n":
                return self.number
            case "now":
                return self._play.world.herald.now.text
            case "peer":
                return _Peers(self._play, self)
            case "file":
                return _Files(self._play, self)
            case "client" if self.deed is not None:
                return {"number": self.deed.client, "id": self.deed.client_id, "name": self.deed.name}
            case "message" if self.deed is not None:
                return message_of(self.deed.message)
            case _:
                raise KeyError(name)

    def drawn(self, what: str, among: Sequence[_T]) -> _T:
        """What chance gives for a word: the same wherever it stands in the condition, the guard and the action of one
        taking, if these are asked at one instant and it is still there.

        Raises IndexError when there is none among them.
        """
        now = self._play.kernel.now
        if now != self._drawn_at:
            self._drawn_at = now
            self._drawn.clear()
        drawn = self._drawn.get(what)
        if drawn is None or drawn.place < 0:  # it may have gone within the instant
            drawn = self._drawn[what] = self._chance.choice(among)
        return cast(_T, drawn)

    def forget(self) -> None:
        """The step has been taken: what chance gave for it is not that of the next taking."""
        self._drawn.clear()


class _Peers:
    """`peer.random`, `peer.first`, `peer.last`: of the connected ones; `peer.NAME` one that ever connected."""

    def __init__(self, play: Play, observations: Observations) -> None:
        self._play = play
        self._observations = observations

    def look_up(self, name: str) -> object:
        """The peer that a word means. Raises KeyError when there is none."""
        world = self._play.world
        connected = world.store.connected
        match name:
            case "random" if connected:
                return _described(self._observations.drawn("peer", connected))
            case "first" if connected:
                return _described(min(connected, key=lambda peer: peer.number))
            case "last" if connected:
                return _described(max(connected, key=lambda peer: peer.number))
        peer = world.find(name)
        if peer is None:
            raise KeyError(name)
        return _described(peer)


def _described(peer: Peer) -> dict[str, Any]:
    return {
        "name": peer.name,
        "id": peer.id,
        "address": peer.address,
        "port": peer.port,
        "capabilities": peer.capabilities,
        "capacity": peer.capacity,
        "used": peer.used,
        "usage": round(100 * peer.used / peer.capacity, 6) if peer.capacity else 0.0,
        "connected": peer.connected,
        "health": peer.health,
        "latency": round(peer.latency / 1_000_000, 6),
    }


class _Files:
    """`file.random`: of those of which a connected peer has a copy; `file.latest` the one that was listed last."""

    def __init__(self, play: Play, observations: Observations) -> None:
        self._play = play
        self._observations = observations

    def look_up(self, name: str) -> object:
        """The file that a word means. Raises KeyError when there is none."""
        available = self._play.world.store.available
        match name:
            case "random" if available:
                return self._described(self._observations.drawn("file", available))
            case "latest" if available:
                return self._described(available[-1])
        raise KeyError(name)

    def _described(self, file: File) -> dict[str, Any]:
        world, key = self._play.world, file.key
        return {
            "key": key,
            "size": file.size,
            "name": world.descriptions.file_name(key),
            "type": world.descriptions.content_type(key),
            "owner": world.descriptions.owner(key),
            "tags": list(world.descriptions.tags(key) if file.tags is None else file.tags),
            "replicas": len(file.copies),
            "node": world.peers[file.copies[0]].id,
        }
