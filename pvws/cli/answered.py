"""The control plane's answers in lines for a person. Pure."""

import json
from collections.abc import Sequence

from pvws.answers import (
    ActiveFault,
    ActiveRule,
    ClientState,
    ClockState,
    Comparison,
    DeliveryReport,
    Difference,
    JournalEntry,
    Lateness,
    Moved,
    NodeInfo,
    ServerInfo,
    ShippedScenario,
    StageState,
    WorldInfo,
)
from pvws.terminal.columns import Cell, columns
from pvws.terminal.lines import Line
from pvws.terminal.printable import printable, printable_json, shown
from pvws.terminal.spans import Span
from pvws.units import duration_text, size_text
from pvws.world.truth import PeerTruth, Truth

__all__ = [
    "client_lines",
    "clients_table",
    "clock_text",
    "comparison_lines",
    "delivered_text",
    "fault_text",
    "faults_table",
    "info_lines",
    "journal_table",
    "ledger_lines",
    "moved_lines",
    "nodes_table",
    "rules_table",
    "scenarios_table",
    "state_lines",
    "value_text",
    "world_lines",
    "worlds_table",
]

_LABEL_COLUMNS = 11
_STATUS_STYLES = {"ONLINE": "good", "DEGRADED": "warning", "OFFLINE": "bad"}


def info_lines(info: ServerInfo) -> list[Line]:
    """What serves."""
    return _labelled(
        ("pvws", f"{info.pvws}, process {info.pid}"),
        ("clients", info.url),
        ("control", info.control),
        ("profile", info.profile),
        ("worlds", ", ".join(info.worlds)),
        ("started", "" if info.started is None else info.started.text),
    )


def state_lines(state: StageState) -> list[Line]:
    """A world at a glance."""
    scenario = state.scenario
    plays = "nothing" if state.quiet else "a recording"
    if scenario is not None:
        lasts = "" if scenario.duration_s is None else f", {_seconds(scenario.duration_s)}"
        plays = f"{scenario.name}, seed {scenario.seed}{lasts}"
    topics = ", ".join(f"{name} {count:,}" for name, count in state.events.by_topic.items() if count)
    return _labelled(
        ("world", state.world),
        ("plays", plays),
        ("clock", clock_text(state.clock)),
        ("clients", f"{state.clients:,}"),
        ("events", f"{state.events.total:,}" + (f" ({topics})" if topics else "")),
        ("faults", f"{state.faults:,}"),
        ("rules", f"{state.rules:,}"),
        ("delivered", delivered_text(state.ledger)),
    ) + _together_lines(state.ledger)


def clock_text(clock: ClockState) -> str:
    """Where stage time stands, in a sentence."""
    speed = "as fast as it goes" if clock.speed == "max" else f"at speed {clock.speed:g}"
    how = "held" if clock.held else "ended" if clock.ended else f"runs {speed}"
    played = duration_text(max(0, clock.at.micros - clock.start.micros) // 1000 * 1000)
    of = "" if clock.end is None else f" of {duration_text(clock.end.micros - clock.start.micros)}"
    return f"{clock.at} ({played}{of}), {how}"


def moved_lines(moved: Moved) -> list[Line]:
    """Where a clock stands that was moved, what was given out, and who has not got it."""
    parts = [clock_text(moved.clock), f"{moved.count:,} event{'' if moved.count == 1 else 's'} given out"]
    if moved.marks:
        parts.append(f"marks passed: {', '.join(moved.marks)}")
    lines = [[Span(printable("; ".join(parts)))]]
    if moved.matched is not None:
        lines.append([Span(printable_json(moved.matched.text))])
    for each in moved.stragglers:
        waiting = f"{each.messages:,} messages, {each.bytes:,} bytes waiting"
        where = f" of {each.node}" if each.node else ""
        text = f"client {each.client} ({each.client_id[:8]}){where} has not got everything: {each.why}, {waiting}"
        lines.append([Span(printable(text), "warning")])
    silent = (f"the node {node} has not said whether its clients have everything" for node in moved.silent)
    return [*lines, *([Span(printable(text), "warning")] for text in silent)]


def clients_table(clients: Sequence[ClientState]) -> list[Line]:
    """A line a client."""
    if not clients:
        return [[Span("nobody is connected")]]
    rows: list[list[Cell]] = [
        [
            str(each.number),
            each.id[:8],
            each.name or "",
            each.address,
            Span(", ".join(each.topics) or "none", "" if each.topics else "faint"),
            f"{each.sent:,}",
            f"{each.received:,}",
            Span(f"{each.backlog.messages:,}", "warning" if each.backlog.messages else ""),
            _seconds(each.lag_s),
            Span(f"{each.dropped:,}", "bad" if each.dropped else ""),
            Span(", ".join(each.faults), "warning"),
            each.node or "",
        ]
        for each in clients
    ]
    titles = ["#", "id", "name", "address", "topics", "sent", "received", "backlog", "lag", "dropped", "faults", "node"]
    return _of_nodes(titles, rows, clients, right="r....rrrrr")


def _of_nodes(
    titles: list[str], rows: list[list[Cell]], found: Sequence[ClientState | ActiveFault | JournalEntry], right: str
) -> list[Line]:
    """A table whose last column says at which node something is: where all were asked."""
    if any(each.node for each in found):
        return columns(titles, rows, right=right)
    return columns(titles[:-1], [row[:-1] for row in rows], right=right)


def nodes_table(nodes: Sequence[NodeInfo]) -> list[Line]:
    """A line a server of a bus."""
    rows: list[list[Cell]] = [
        [
            each.name,
            "" if each.clients is None else f"{each.clients:,}",
            "" if each.behind is None else f"{each.behind:,}",
            Span(f"{each.lost:,}", "bad" if each.lost else ""),
            ", ".join(word for word, so in (("source", each.source), ("asked here", each.here)) if so),
        ]
        for each in nodes
    ]
    return columns(["server", "clients", "behind", "lost", ""], rows, right=".rrr")


def client_lines(client: ClientState) -> list[Line]:
    """Everything about one."""
    return _labelled(
        ("client", f"{client.number}" + (f", {client.name}" if client.name else "")),
        ("id", client.id),
        ("address", client.address),
        ("connected", "" if client.connected_at is None else client.connected_at.text),
        ("topics", ", ".join(client.topics) or "none"),
        ("sent", f"{client.sent:,} messages to it, {client.received:,} from it"),
        ("backlog", f"{client.backlog.messages:,} messages, {size_text(client.backlog.bytes)}"),
        ("lag", _seconds(client.lag_s)),
        ("dropped", f"{client.dropped:,}"),
        ("faults", ", ".join(client.faults)),
    )


def journal_table(entries: Sequence[JournalEntry]) -> list[Line]:
    """A line an entry."""
    rows: list[list[Cell]] = [
        [
            str(each.sequence),
            Span(each.at.text, "time"),
            str(each.number),
            each.name or each.client[:8],
            each.did,
            each.topic,
            Span(_message(each), "" if each.valid else "bad"),
            each.node or "",
        ]
        for each in entries
    ]
    return _of_nodes(["#", "at", "client", "", "", "topic", "message", "node"], rows, entries, right="r.r")


def _message(entry: JournalEntry) -> str:
    said = "" if entry.text is None else printable_json(entry.text)
    return said if entry.valid or entry.error is None else f"{said} ({entry.error})"


def faults_table(faults: Sequence[ActiveFault]) -> list[Line]:
    """A line a fault."""
    if not faults:
        return [[Span("there is no fault")]]
    rows: list[list[Cell]] = [
        [
            each.id,
            fault_text(each),
            each.origin,
            f"{each.clients:,}",
            Span("" if each.ends_at is None else each.ends_at.text, "time"),
            ", ".join(f"{name} {count:,}" for name, count in each.effects.items() if count),
            each.node or "",
        ]
        for each in faults
    ]
    return _of_nodes(["id", "fault", "by", "clients", "ends", "has", "node"], rows, faults, right="...r")


def fault_text(fault: ActiveFault) -> str:
    """A fault as one would write it."""
    return fault.text or value_text({fault.kind: fault.value} | fault.scope)


def rules_table(rules: Sequence[ActiveRule]) -> list[Line]:
    """A line a rule."""
    if not rules:
        return [[Span("there is no rule")]]
    rows = [[each.id, f"{each.fired:,}", value_text(each.rule)] for each in rules]
    return columns(["id", "fired", "rule"], rows, right=".r")


def worlds_table(worlds: Sequence[WorldInfo]) -> list[Line]:
    """A line a world."""
    rows = [[each.name, f"{each.clients:,}", _leased(each), each.url] for each in worlds]
    return columns(["world", "clients", "leased", "clients join it at"], rows, right=".r")


def _leased(world: WorldInfo) -> str:
    if world.expires is not None:
        return f"until {world.expires}"
    return "yes" if world.leased else ""


def scenarios_table(scenarios: Sequence[ShippedScenario]) -> list[Line]:
    """A line a scenario."""
    rows = [
        [each.name, "" if each.duration_s is None else _seconds(each.duration_s), each.title or each.description]
        for each in scenarios
    ]
    return columns(["scenario", "lasts", ""], rows, right=".r")


def ledger_lines(ledger: DeliveryReport) -> list[Line]:
    """What was delivered, in all, to each client, and what faults did."""
    lines = [[Span(delivered_text(ledger))], *_together_lines(ledger)]
    if ledger.clients:
        rows: list[list[Cell]] = [
            [
                str(each.number),
                each.name or each.client[:8],
                f"{each.written:,}",
                f"{each.pending:,}",
                Span(f"{each.lost:,}", "bad" if each.lost else ""),
                _seconds(each.lateness.p50_s),
                _seconds(each.lateness.worst_s),
                Span(_effects(each.faults), "warning"),
            ]
            for each in ledger.clients
        ]
        titles = ["#", "client", "written", "pending", "lost", "late p50", "worst", "faults"]
        lines += columns(titles, rows, right="r.rrrrr")
    if done := {name: effects for name, each in ledger.faults.items() if (effects := _effects(each))}:
        lines += columns(["fault", "has"], [[name, effects] for name, effects in done.items()])
    return lines


def _together_lines(ledger: DeliveryReport) -> list[Line]:
    """What all servers of a bus delivered, and which have not said."""
    together = ledger.together
    if together is None:
        return []
    nodes = f"{together.nodes:,} node{'' if together.nodes == 1 else 's'}"
    lost = f", {together.lost:,} lost" if together.lost else ""
    clients = f"{together.clients:,} client{'' if together.clients == 1 else 's'}"
    said = f"all servers, with {nodes}: {together.written:,} of {together.owed:,} to {clients}{lost}"
    silent = [f"the node {node} has not said what it delivered" for node in together.silent]
    late = _late(together.lateness)
    return [[Span(printable(f"{said}; {late}"))], *([Span(printable(each), "warning")] for each in silent)]


def world_lines(truth: Truth, peers_max: int | None = 50) -> list[Line]:
    """The truth of a simulated network: figures, peers and open alerts."""
    connected = sum(peer.connected for peer in truth.peers)
    lines = _labelled(
        ("at", truth.at.text),
        ("peers", f"{connected:,} connected of {len(truth.peers):,}"),
        ("files", f"{truth.file_count:,}"),
        ("storage", f"{size_text(truth.used_space)} of {size_text(truth.total_space)}"),
        ("links", f"{truth.active_connections:,}"),
        ("alerts", f"{len(truth.alerts):,} open"),
    )
    if shown_peers := truth.peers[:peers_max]:
        titles = ["peer", "name", "status", "address", "used", "cluster"]
        lines += [[], *columns(titles, [_peer(peer) for peer in shown_peers], right="....rr")]
    if left_out := len(truth.peers) - len(shown_peers):
        lines.append([Span(f"… {left_out:,} more; --json has them all", "faint")])
    for alert in truth.alerts:
        where = "" if alert.node is None else f" at {shown(alert.node, wide=False)}"
        lines.append([Span(printable(f"{alert.level} {alert.metric}{where}"), alert.level)])
    return lines


def _peer(peer: PeerTruth) -> list[Cell]:
    status = peer.status if peer.connected else "GONE"
    return [
        shown(peer.id, wide=False),
        peer.name,
        Span(status, _STATUS_STYLES.get(status, "faint")),
        f"{peer.address}:{peer.port}",
        f"{size_text(peer.used)} of {size_text(peer.capacity)}",
        str(peer.cluster),
    ]


def comparison_lines(comparison: Comparison) -> list[Line]:
    """Whether a view is true, and if not where it isn't."""
    if comparison.equal:
        return [[Span("the view is true", "good")]]
    rows = [_difference(each) for each in comparison.differences]
    return columns(["path", "is", "the view has"], rows)


def _difference(difference: Difference) -> list[Cell]:
    return [difference.path, value_text(difference.expected), Span(value_text(difference.found), "bad")]


def value_text(value: object) -> str:
    """A JSON value in one line."""
    return json.dumps(value, ensure_ascii=False)


def _effects(done: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in done.items() if count)


def delivered_text(ledger: DeliveryReport) -> str:
    """How much was delivered of how much, and how late."""
    if not ledger.owed:
        return "nothing: nobody was subscribed to what happened"
    lost = f", {ledger.lost:,} lost" if ledger.lost else ""
    pending = f", {ledger.pending:,} pending" if ledger.pending else ""
    return f"{ledger.written:,} of {ledger.owed:,}{lost}{pending}; {_late(ledger.lateness)}"


def _late(lateness: Lateness) -> str:
    if not lateness.count:
        return "nobody kept up"
    p50, p99, worst = (_seconds(each) for each in (lateness.p50_s, lateness.p99_s, lateness.worst_s))
    return f"late by {p50} (p50), {p99} (p99), {worst} (worst)"


def _seconds(value: float) -> str:
    """Three digits are enough to be told."""
    micros = round(value * 1_000_000)
    digits = len(str(abs(micros)))
    return duration_text(round(micros, 3 - digits) if 3 < digits < 8 else micros)


def _labelled(*rows: tuple[str, str]) -> list[Line]:
    return [[Span(f"{label:<{_LABEL_COLUMNS}}", "faint"), Span(printable(text))] for label, text in rows if text]
