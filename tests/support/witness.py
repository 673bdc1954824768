"""A witness: folds a stream of events, and objects to what can't be true of any network."""

from typing import assert_never

from pvws.wire.codec import decode_server_message
from pvws.wire.events import (
    FileDeleted,
    FileReplicated,
    FileUpdated,
    FileUploaded,
    NetworkAlert,
    NetworkMetrics,
    NetworkTopologyChanged,
    PeerConnected,
    PeerDisconnected,
    PeerHealthChanged,
    PerformanceAlert,
    PerformanceMetrics,
    SecurityAlert,
    StorageAlert,
    StorageMetrics,
    SystemMetrics,
)
from pvws.wire.messages import Event


class Witness:
    """Hears events in order, by their texts; what it knows comes from them alone."""

    def __init__(self) -> None:
        self.connected: set[str] = set()
        self.sizes: dict[str, int] = {}
        self.copies: dict[str, set[str]] = {}
        self.level = "info"
        self.heard: dict[str, int] = {}
        self._last = 0

    def hear(self, text: str | bytes) -> None:
        """Hear one event; AssertionError if it contradicts what came before."""
        event = decode_server_message(text)
        assert isinstance(event, Event), event
        assert event.timestamp.micros >= self._last, "time never falls"
        self._last = event.timestamp.micros
        self.heard[event.type] = self.heard.get(event.type, 0) + 1
        match event.data:
            case PeerConnected() | PeerDisconnected() as data:
                self._peer(data)
            case FileUploaded() | FileDeleted() | FileReplicated() as data:
                self._file(data)
            case SystemMetrics(storage=totals):
                assert totals.used_space + totals.available_space == totals.total_space
            case StorageMetrics() as data:
                self._storage(data)
            case StorageAlert() as data:
                self._alert(data)
            case (
                FileUpdated()
                | PeerHealthChanged()
                | NetworkTopologyChanged()
                | NetworkMetrics()
                | PerformanceMetrics()
                | PerformanceAlert()
                | NetworkAlert()
                | SecurityAlert()
            ):
                pass
            case _:
                assert_never(event.data)

    def here(self, key: str) -> set[str]:
        """The connected peers that have a file."""
        return self.copies.get(key, set()) & self.connected

    def _peer(self, data: PeerConnected | PeerDisconnected) -> None:
        if isinstance(data, PeerConnected):
            assert data.id not in self.connected, "only who is away connects"
            self.connected.add(data.id)
        else:
            assert data.id in self.connected, "only who is connected disconnects"
            self.connected.remove(data.id)

    def _file(self, data: FileUploaded | FileDeleted | FileReplicated) -> None:
        if isinstance(data, FileUploaded):
            assert data.key not in self.sizes, "a file comes in once"
            assert data.node in self.connected, "at a connected peer"
            self.sizes[data.key] = data.size
            self.copies[data.key] = {data.node}
            return
        assert data.key in self.sizes, "only what is stored is deleted or copied"
        if isinstance(data, FileDeleted):
            assert data.node in self.here(data.key), "by a peer that has it"
            del self.sizes[data.key], self.copies[data.key]
            return
        assert data.size == self.sizes[data.key]
        if data.status == "SYNCED":
            assert data.source in self.here(data.key), "from a connected peer that has it"
            assert data.node in self.connected, "onto a connected peer"
            assert data.node not in self.copies[data.key], "that does not have it yet"
            self.copies[data.key].add(data.node)
        assert data.replicas == len(self.here(data.key))

    def _storage(self, data: StorageMetrics) -> None:
        assert data.used_space + data.available_space == data.total_space
        files = [key for key in self.sizes if self.here(key)]
        assert data.file_count == len(files)
        assert data.used_space == sum(self.sizes[key] * len(self.here(key)) for key in files)

    def _alert(self, data: StorageAlert) -> None:
        assert data.level != self.level, "an alert comes with a crossing"
        assert (data.value < data.threshold) == (data.level == "info"), "of that threshold"
        self.level = data.level
