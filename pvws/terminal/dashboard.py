"""The dashboard: the network at a glance. A function of the model and the size. Pure."""

from collections.abc import Sequence
from textwrap import wrap

from pvws.terminal.charts import bar, sparkline
from pvws.terminal.figures import number_text, seconds_text
from pvws.terminal.lines import Line, beside, fitted, heading, padded
from pvws.terminal.model import Model
from pvws.terminal.network import Network
from pvws.terminal.printable import printable
from pvws.terminal.rows import Style, alert_rows, file_rows, peer_rows, peers_told, trouble_first
from pvws.terminal.spans import Span
from pvws.units import size_text
from pvws.wire.topics import TOPICS

__all__ = ["dashboard"]

_NAME = max(len(topic) for topic in TOPICS) + 3  # "1 file_operations "
_FIGURES = 24  # "  20,012/s  1,234,567,890"
_WIDE = 150  # columns from which there is room for three panels in a row
_GAP = 2
_NOTE_LINES = 4  # of one note, which may be as long as a server likes


def dashboard(model: Model, off: frozenset[str], style: Style, height: int, *, ours: Style) -> list[Line]:
    """Rates of every topic, the network's figures, and panels: peers, files, alerts, and what went wrong.

    `off` are topics that are switched off; `ours` writes times of this machine's clock.
    """
    width = style.width
    lines = [*_topics(model, off, width), *_figures(model.network, width)]
    left = height - len(lines)
    if left <= 0:
        return lines[:height]
    if width >= _WIDE:
        return [*lines, *_three(model, style, ours, left)]
    upper = (left + 1) // 2
    half = max((width - _GAP) // 2, 0)
    halves = (half, width - _GAP - half)
    top = _row([_peers(model, _of(style, halves[0]), upper), _files(model, _of(style, halves[1]), upper)], halves)
    low = left - upper
    bottom = _row([_alerts(model, _of(style, halves[0]), low), _troubles(model, _of(ours, halves[1]), low)], halves)
    return [*lines, *top, *bottom]


def _three(model: Model, style: Style, ours: Style, height: int) -> list[Line]:
    third = (width := style.width) // 3 - _GAP
    widths = (third, third, width - 2 * third - 2 * _GAP)
    upper = (height + 1) // 2
    right = _of(style, widths[2])
    stacked = [
        *padded(_alerts(model, right, upper), upper),
        *_troubles(model, _of(ours, widths[2]), height - upper),
    ]
    peers, files = (_of(style, each) for each in widths[:2])
    return _row([_peers(model, peers, height), _files(model, files, height), stacked], widths)


def _row(panels: Sequence[list[Line]], widths: Sequence[int]) -> list[Line]:
    whole = sum(widths) + _GAP * (len(widths) - 1)
    # On a screen of two columns the gap alone would be too much.
    return [fitted(line, whole) for line in beside(list(zip(panels, widths, strict=True)), _GAP)]


def _of(style: Style, width: int) -> Style:
    return Style(width, style.time, wide=False)


def _topics(model: Model, off: frozenset[str], width: int) -> list[Line]:
    counts, rates = model.ledger.topics(), model.rates
    room = width - _NAME - _FIGURES
    lines = []
    for number, topic in enumerate(TOPICS, 1):
        style = "faint" if topic in off else topic
        name = Span(f"{number} {topic}".ljust(_NAME), style)
        figures = f"{rates.rate(topic):>9,.0f}/s{counts[topic]:>13,}"
        lines.append(fitted([name, Span(sparkline(rates.series(topic), room), style), Span(figures, style)], width))
    return lines


def _figures(network: Network, width: int) -> list[Line]:
    """Storage as a bar, the topology, traffic and load."""
    return [_storage(network, width), _topology(network, width), _load(network, width)]


def _storage(network: Network, width: int) -> Line:
    storage, files = network.storage, network.files_stored
    if storage is None:
        return fitted([Span("storage".ljust(_NAME), "title"), Span("not told yet", "faint")], width)
    share = storage.used_space / storage.total_space if storage.total_space else 0.0
    figures = f"  {share:.0%} of {size_text(storage.total_space)}"
    if files is not None:
        figures += f", {files.file_count:,} files, {files.replication_factor:.3g} copies each"
    room = max(width - _NAME - len(figures), 8)
    style = "critical" if share >= 0.95 else "warning" if share >= 0.8 else "good"
    filled, rest = bar(share, room - 2)
    spans = [Span("storage".ljust(_NAME), "title"), Span("▕", "rule")]
    fill = Span(filled, "bad" if style == "critical" else style)
    return fitted([*spans, fill, Span(rest), Span("▏", "rule"), Span(figures, "amount")], width)


def _topology(network: Network, width: int) -> Line:
    spans = [Span("network".ljust(_NAME), "title")]
    if (topology := network.topology) is not None:
        spans.append(Span(f"{topology.connected_nodes:,} of {topology.total_nodes:,} peers", "amount"))
        clusters = topology.clusters
        if len(clusters) > 1:
            sizes = "+".join(str(cluster.size) for cluster in clusters[:6]) + ("+…" if len(clusters) > 6 else "")
            spans.append(Span(f"  split into {len(clusters)}: {sizes}", "warning"))
        spans.append(Span(f"  {topology.network_diameter} hops across, {seconds_text(topology.average_latency)}"))
    if (traffic := network.traffic) is not None:
        links, moved = f"{traffic.active_connections:,} links", size_text(traffic.total_bytes_transferred)
        spans.append(Span(f"  {links}, {moved} moved", "name"))
    if len(spans) == 1:
        spans.append(Span("not told yet", "faint"))
    return fitted(spans, width)


def _load(network: Network, width: int) -> Line:
    spans = [Span("performance".ljust(_NAME), "title")]
    if (pace := network.pace) is not None:
        requests, answer = number_text(pace.requests_per_second), seconds_text(pace.average_response_time)
        spans.append(Span(f"{requests} requests/s in {answer}", "amount"))
    if (load := network.load) is not None:
        spans.append(Span(f"  CPU {load.cpu_usage:.0f}%  memory {load.memory_usage:.0f}%", "name"))
        spans.append(Span(f"  errors {load.error_rate:.1%}", "warning" if load.error_rate else "faint"))
    if (bandwidth := network.bandwidth) is not None:
        spans.append(Span(f"  {size_text(int(min(max(bandwidth.average_bandwidth, 0.0), 1e15)))}/s", "name"))
    if len(spans) == 1:
        spans.append(Span("not told yet", "faint"))
    return fitted(spans, width)


def _peers(model: Model, style: Style, height: int) -> list[Line]:
    network = model.network
    rows = peer_rows(trouble_first(network), style, network.era)
    return _panel("peers", peers_told(network), rows.lines(height - 1), style.width, height)


def _files(model: Model, style: Style, height: int) -> list[Line]:
    network = model.network
    latest = [file for file, _ in zip(reversed(network.files.values()), range(height), strict=False)]
    rows = file_rows(latest, style, network.era)
    note = "" if latest else "none yet"
    return _panel("recent files", note, rows.lines(height - 1), style.width, height)


def _alerts(model: Model, style: Style, height: int) -> list[Line]:
    network = model.network
    rows = alert_rows(list(network.worst_alerts()), style, network.era)
    count = f"{network.open_alerts:,}" if network.open_alerts else "none"
    return _panel("open alerts", count, rows.lines(height - 1), style.width, height)


def _troubles(model: Model, style: Style, height: int) -> list[Line]:
    """Errors and notes on the connection, the latest first: there is room for few, and old ones are old."""
    told = [(at, text, "bad") for at, text in model.troubles] + [(at, text, "name") for at, text in model.notes]
    told.sort(key=lambda each: each[0], reverse=True)
    lines = list[Line]()
    for at, text, kind in told[: max(height - 1, 0)]:
        time = style.time(int(at * 1_000_000))
        for piece in wrap(printable(text), max(style.width - len(time) - 1, 1), max_lines=_NOTE_LINES):
            lines.append(fitted([Span(time, "time"), Span(f" {piece}", kind)], style.width))
            time = " " * len(time)
    count = model.ledger.types["error"] + model.ledger.unreadable
    return _panel(
        "errors and notes", f"{count:,} error{'s' if count > 1 else ''}" if count else "", lines, style.width, height
    )


def _panel(title: str, note: str, lines: list[Line], width: int, height: int) -> list[Line]:
    return padded([heading(title, width, note), *lines], height) if height > 0 else []
