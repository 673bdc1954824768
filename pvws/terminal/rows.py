"""Peers, files and alerts as rows with columns. Pure."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Generic, TypeVar

from msgspec import Struct

from pvws.terminal.figures import number_text, seconds_text
from pvws.terminal.lines import Line, fitted
from pvws.terminal.network import Alert, File, Network, Peer
from pvws.terminal.printable import shown
from pvws.terminal.spans import Span
from pvws.units import size_text

__all__ = ["Rows", "Style", "alert_rows", "file_rows", "peer_rows", "peers_told", "trouble_first"]

_Entity = TypeVar("_Entity", Peer, File, Alert)

_STATUS_STYLES = {
    "ONLINE": "good",
    "DEGRADED": "warning",
    "OFFLINE": "bad",
    "GONE": "faint",
    "SYNCED": "good",
    "FAILED": "bad",
    "DELETED": "faint",
    "UPLOADED": "amount",
}
_PEER_STATUSES = ("OFFLINE", "DEGRADED", "UNKNOWN", "ONLINE", "GONE")  # trouble first
_PEERS_CONNECTED = ("DEGRADED", "UNKNOWN", "ONLINE")
_UNSURE = "?"  # told by an earlier connection: it may have changed unseen
_GAP = 2
_ID, _WHOLE_ID = 10, 64
_REST = 0  # the width of a last column, which takes what is left


class Style(Struct, frozen=True):
    """How rows are to be: how many columns there are, times as the log writes them, and whether ids are whole."""

    width: int
    time: Callable[[int], str]
    wide: bool = False

    def name(self, text: str, style: str = "") -> Span:
        """A name or an id."""
        return Span(shown(text, wide=self.wide), style)

    @property
    def id_width(self) -> int:
        """How wide a column of ids is."""
        return _WHOLE_ID if self.wide else _ID


class _Column(Struct, Generic[_Entity], frozen=True):
    """A column: title, width, what stands in it, whether on the right, and how wide the table must be to have it."""

    title: str
    width: int
    cell: Callable[[_Entity], Span]
    right: bool = False
    least: int = 0

    def fitted(self, span: Span) -> Line:
        """What stands in it, as wide as it is."""
        return fitted([Span(span.text.rjust(self.width), span.style) if self.right else span], self.width)


class Rows(Generic[_Entity]):
    """Rows of some entities, in their order, in as many columns as there is room for."""

    def __init__(self, entities: Iterable[_Entity], columns: Iterable[_Column[_Entity]], width: int) -> None:
        self._entities: Iterable[_Entity] = entities
        self._columns: list[_Column[_Entity]] = [column for column in columns if width >= column.least]
        self._width = width

    def header(self) -> Line:
        """The titles of the columns."""
        return self._row([Span(column.title, "faint") for column in self._columns])

    def lines(self, height: int | None, offset: int = 0) -> list[Line]:
        """As many rows as there is room for, from one on; all of them where the height is None."""
        end = None if height is None else offset + max(height, 0)
        return [
            self._row([column.cell(entity) for column in self._columns])
            for entity in islice(self._entities, offset, end)
        ]

    def _row(self, cells: list[Span]) -> Line:
        line = Line()
        for column, cell in zip(self._columns, cells, strict=True):
            if line:
                line.append(Span(" " * _GAP))
            line += [cell] if column.width == _REST else column.fitted(cell)
        return fitted(line, self._width)


def trouble_first(network: Network) -> list[Peer]:
    """All peers: those in trouble first, those that are gone last, otherwise by id."""
    ranks = {status: rank for rank, status in enumerate(_PEER_STATUSES)}
    return sorted(network.peers.values(), key=lambda peer: (ranks[peer.status], peer.id))


def peers_told(network: Network) -> str:
    """How many peers there are of each status: `2 degraded, 21 online, 138 unheard of`.

    A peer is heard of when it comes, goes or changes; of those that were there before, the topology tells the number.
    """
    counts = network.statuses
    told = [f"{counts[name]:,} {name.lower()}" for name in _PEER_STATUSES if counts[name]]
    if network.topology is not None and not network.forgotten["peers"]:
        unheard = network.topology.connected_nodes - sum(counts[name] for name in _PEERS_CONNECTED)
        told += [f"{unheard:,} unheard of"] if unheard > 0 else []
    return ", ".join(told) or "none heard of yet"


def peer_rows(peers: Iterable[Peer], style: Style, era: int) -> Rows[Peer]:
    """Id, status, response time, address, when it changed, and what else is known."""

    def latency(peer: Peer) -> Span:
        return Span("" if peer.response_time is None else seconds_text(peer.response_time))

    def known(peer: Peer) -> Span:
        if peer.status == "GONE":
            return style.name(peer.reason, "faint")
        return style.name(", ".join(peer.errors or peer.capabilities), "warning" if peer.errors else "faint")

    columns: list[_Column[Peer]] = [
        _Column("peer", style.id_width, lambda peer: style.name(peer.id)),
        _Column("status", 9, lambda peer: _status(peer.status, peer.era < era)),
        _Column("response", 8, latency, right=True),
        _Column("address", 21, lambda peer: style.name(peer.address, "name"), least=60),
        _Column("changed", 12, lambda peer: Span(style.time(peer.changed), "time"), least=80),
        _Column("", _REST, known),
    ]
    return Rows(peers, columns, style.width)


def file_rows(files: Iterable[File], style: Style, era: int) -> Rows[File]:
    """Key, size, status, copies, node, when it changed, content and tags."""

    def more(file: File) -> Span:
        return style.name(", ".join(part for part in (file.content_type, *file.tags) if part), "faint")

    columns: list[_Column[File]] = [
        _Column("file", style.id_width, lambda file: style.name(file.key)),
        _Column("size", 8, lambda file: Span("" if file.size is None else size_text(file.size), "amount"), right=True),
        _Column("status", 9, lambda file: _status(file.status, file.era < era)),
        _Column(
            "copies", 6, lambda file: Span("" if file.copies is None else f"{file.copies:,}"), right=True, least=60
        ),
        _Column("node", style.id_width, lambda file: style.name(file.node, "name")),
        _Column("changed", 12, lambda file: Span(style.time(file.changed), "time"), least=65),
        _Column("", _REST, more, least=75),
    ]
    return Rows(files, columns, style.width)


def alert_rows(alerts: Iterable[Alert], style: Style, era: int) -> Rows[Alert]:
    """Level, metric, value and threshold, since when, where, and the message."""

    def level(alert: Alert) -> Span:
        said = "cleared" if alert.level == "info" else alert.level
        return Span(said + (_UNSURE if alert.era < era else ""), alert.level)

    columns: list[_Column[Alert]] = [
        _Column("level", 9, level),
        _Column("metric", 19, lambda alert: style.name(alert.metric, "name")),
        _Column("value", 6, lambda alert: Span(number_text(alert.value), "amount"), right=True),
        _Column("threshold", 9, lambda alert: Span(number_text(alert.threshold), "faint"), right=True, least=60),
        _Column("since", 12, lambda alert: Span(style.time(alert.since), "time"), least=80),
        _Column("where", style.id_width if style.wide else 15, lambda alert: style.name(alert.where, "name"), least=80),
        _Column("", _REST, lambda alert: style.name(alert.message, "faint"), least=80),
        _Column("", _REST, lambda alert: style.name(alert.where or alert.message, "name"), least=48),
    ]
    return Rows(alerts, columns[:-1] if style.width >= 80 else columns, style.width)


def _status(status: str, unsure: bool) -> Span:
    return Span(status + (_UNSURE if unsure else ""), _STATUS_STYLES.get(status, ""))
