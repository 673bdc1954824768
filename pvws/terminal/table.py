"""The table: one row an entity, kept up to date. A function of the model and the size. Pure."""

from collections.abc import Callable

from pvws.terminal.controls import Controls, Section
from pvws.terminal.lines import Line, heading
from pvws.terminal.model import Model
from pvws.terminal.network import Network
from pvws.terminal.rows import Style, alert_rows, file_rows, peer_rows, peers_told, trouble_first

__all__ = ["table"]

_ABOVE = 2  # lines of a section above its rows


def table(model: Model, controls: Controls, style: Style, height: int | None) -> list[Line]:
    """Alerts, peers and files, each below a heading with its counts; a `height` of None has room for all.

    Sections that need less leave their room to the others; a section chosen by the controls has all of it, from its
    offset on.
    """
    network = model.network
    sizes: dict[Section, int] = {
        "alerts": len(network.alerts),
        "peers": len(network.peers),
        "files": len(network.files),
    }
    chosen = controls.section
    if chosen is not None:
        room = None if height is None else height - _ABOVE
        # Not past the last row: who scrolls on and then back must not wait for the first row to move.
        controls.offset = min(controls.offset, max(0, sizes[chosen] - (room or 0)))
        return _section(chosen, network, style, room, controls.offset)
    rooms = _shared(sizes, None if height is None else height - _ABOVE * len(sizes))
    return [line for name in sizes for line in _section(name, network, style, rooms[name], 0)]


def _shared(wanted: dict[Section, int], room: int | None) -> dict[Section, int | None]:
    """How many rows each section gets: the smallest wishes first, each at most an even share of what is left."""
    if room is None:
        return dict.fromkeys(wanted, None)
    given: dict[Section, int | None] = {}
    left = max(room, 0)
    for number, (name, wish) in enumerate(sorted(wanted.items(), key=lambda item: item[1])):
        share = min(wish, left // (len(wanted) - number))
        given[name] = share
        left -= share
    return given


def _section(name: Section, network: Network, style: Style, room: int | None, offset: int) -> list[Line]:
    build: dict[Section, Callable[[], tuple[str, list[Line]]]] = {
        "alerts": lambda: _alerts(network, style, room, offset),
        "peers": lambda: _peers(network, style, room, offset),
        "files": lambda: _files(network, style, room, offset),
    }
    note, lines = build[name]()
    if forgotten := network.forgotten[name]:
        note += f"; {forgotten:,} more that changed longest ago are left out"
    return [heading(name, style.width, note), *lines]


def _alerts(network: Network, style: Style, room: int | None, offset: int) -> tuple[str, list[Line]]:
    alerts = [*network.worst_alerts(), *(each for each in reversed(network.alerts.values()) if each.level == "info")]
    rows = alert_rows(alerts, style, network.era)
    note = f"{network.open_alerts:,} open, {len(alerts) - network.open_alerts:,} cleared"
    return note, [rows.header(), *rows.lines(room, offset)]


def _peers(network: Network, style: Style, room: int | None, offset: int) -> tuple[str, list[Line]]:
    rows = peer_rows(trouble_first(network), style, network.era)
    return peers_told(network), [rows.header(), *rows.lines(room, offset)]


def _files(network: Network, style: Style, room: int | None, offset: int) -> tuple[str, list[Line]]:
    rows = file_rows(list(reversed(network.files.values())), style, network.era)
    note = f"{len(network.files):,} that changed lately" if network.files else "none yet"
    return note, [rows.header(), *rows.lines(room, offset)]
