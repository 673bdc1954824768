"""What a stage is and has, in the types that the control plane answers with."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import structs

from pvws.answers import (
    ActiveFault,
    ActiveRule,
    Backlog,
    ClientLedger,
    ClientState,
    ClockState,
    DeliveryReport,
    EventCounts,
    FaultsElsewhere,
    JournalEntry,
    Lateness,
    Message,
    Moved,
    NodeInfo,
    OfNodes,
    Playing,
    StageState,
    Straggling,
    Together,
)
from pvws.histogram import Spread
from pvws.server.delivered import StageDelivery
from pvws.server.room import Client
from pvws.sim.source import Timed
from pvws.stage import clients, controller
from pvws.stage.advance import Advance
from pvws.stage.faults import Active
from pvws.stage.journal import Entry
from pvws.stage.rules import Rule
from pvws.stage.stage import Stage
from pvws.timestamp import Timestamp

__all__ = [
    "client_ledger_of",
    "client_of",
    "clock_of",
    "entry_of",
    "fault_of",
    "fault_of_all",
    "labelled",
    "lateness_of",
    "ledger_of",
    "message_of",
    "moved_of",
    "nodes_of",
    "playing_of",
    "rule_of",
    "state_of",
    "together_of",
]

if TYPE_CHECKING:
    from pvws.stage.company import Company
    from pvws.stage.nodes import Merged


def clock_of(stage: Stage) -> ClockState:
    """A stage's clock; on a node of a bus as its source's, of which it may be ahead by what the bus takes."""
    clock, company = stage.clock, stage.controller.company
    stood = None if company is None else company.stands()
    if stood is not None:
        return ClockState(
            world=stage.name,
            at=Timestamp(stood.at) if stood.held else clock.now,
            start=Timestamp(stood.start),
            end=None if stood.end is None else Timestamp(stood.end),
            held=clock.held,
            ended=stood.ended and not stage.quiet,
            speed="max" if clock.speed is None else clock.speed,
        )
    return ClockState(
        world=stage.name,
        at=clock.now,
        start=Timestamp(clock.start),
        end=None if clock.end is None else Timestamp(clock.end),
        held=clock.held,
        ended=clock.ended and not stage.quiet,
        speed="max" if clock.speed is None else clock.speed,
    )


def moved_of(stage: Stage, advance: Advance, wanted: int = 0) -> Moved:
    """What came of moving its clock, with so many of the last messages."""
    last = advance.events[-wanted:] if wanted else ()
    return Moved(
        clock=clock_of(stage),
        count=advance.count,
        marks=list(advance.marks),
        matched=None if advance.matched is None else message_of(advance.matched),
        events=[message_of(timed) for timed in last],
        stragglers=[
            Straggling(
                client=each.client,
                client_id=each.client_id,
                why=each.why,
                messages=each.messages,
                bytes=each.bytes,
                faults=list(each.faults),
                node=each.node or None,
            )
            for each in advance.stragglers
        ],
        silent=list(advance.silent),
    )


def message_of(timed: Timed) -> Message:
    """A message that was given out."""
    return Message(
        at=Timestamp(timed.at),
        sequence=timed.sequence,
        topic=timed.topic,
        type=timed.type,
        text=timed.text.decode("utf-8", "replace"),
    )


def state_of(stage: Stage) -> StageState:
    """How a stage is doing."""
    state = stage.controller.state()
    return StageState(
        world=stage.name,
        clock=clock_of(stage),
        scenario=None if state.playing is None else playing_of(state.playing),
        quiet=stage.quiet,
        clients=state.clients,
        events=EventCounts(total=state.events, by_topic=dict(state.by_topic), by_type=dict(state.by_type)),
        faults=len(stage.faults.active()),
        rules=state.rules,
        ledger=_report(state.delivery),
    )


def playing_of(playing: controller.Playing) -> Playing:
    """The scenario that plays."""
    return Playing(
        name=playing.name,
        title=playing.title,
        seed=playing.seed,
        duration_s=_seconds(playing.duration),
        source=playing.source,
    )


def client_of(stage: Stage, state: clients.ClientState, client: Client | None) -> ClientState:
    """A client that is here, or was just now."""
    touching = () if client is None else stage.faults.touching(client)
    return ClientState(
        id=state.id,
        number=state.number,
        name=state.name or None,
        address=state.address,
        topics=list(state.topics),
        received=state.received,
        errors=state.errors,
        sent=state.sent,
        backlog=Backlog(messages=state.backlog, bytes=state.backlog_bytes),
        lag_s=_seconds(state.lag),
        dropped=state.lost,
        faults=[active.id for active in touching],
        connected_at=Timestamp(state.connected),
        connected_real=Timestamp(state.connected_real),
    )


def entry_of(entry: Entry) -> JournalEntry:
    """What a client did."""
    return JournalEntry(
        sequence=entry.number,
        at=Timestamp(entry.at),
        real=Timestamp(entry.real),
        did=entry.did,
        client=entry.client_id,
        number=entry.client,
        name=entry.name or None,
        topic=entry.topic,
        type=entry.type,
        text=entry.text if entry.did == "sends" else None,
        binary=entry.binary,
        size=entry.size,
        valid=entry.valid,
        error=entry.error or None,
        why=entry.why or None,
        code=entry.code,
    )


def fault_of(active: Active) -> ActiveFault:
    """A fault that is on, or was."""
    spec = active.spec
    written = spec.written()
    kind = spec.kind
    whole = spec.fault.level == "listener"
    return ActiveFault(
        id=active.id,
        kind=kind,
        value=written[kind],
        scope={key: value for key, value in written.items() if key != kind},
        text=str(spec),
        origin=active.origin,
        added_at=Timestamp(active.since),
        ends_at=None if active.until is None else Timestamp(active.until),
        clients=len(active.touched),
        effects=dict(active.counts),
        note="it concerns the whole server, with all its worlds" if whole else None,
    )


def rule_of(rule: Rule) -> ActiveRule:
    """A rule that holds."""
    return ActiveRule(id=rule.id, rule=dict(rule.step), fired=rule.fired, trouble=rule.trouble or None)


def client_ledger_of(stage: Stage, number: int, client: Client) -> ClientLedger:
    """What became of what a client was owed."""
    delivery = stage.delivery.client(client.member)
    return ClientLedger(
        client=client.client_id,
        number=number,
        name=client.name or None,
        written=delivery.written,
        pending=delivery.pending,
        pending_bytes=delivery.pending_bytes,
        lost=delivery.lost,
        lateness=lateness_of(delivery.lateness),
        faults=dict(delivery.faults),
    )


def ledger_of(stage: Stage, of_clients: Iterable[ClientLedger] = ()) -> DeliveryReport:
    """What was delivered on a stage, to whom, and what its faults did."""
    faults = {active.id: dict(active.counts) for active in (*stage.faults.past, *stage.faults.active())}
    return _report(stage.delivery.stage(), list(of_clients), faults)


def nodes_of(stage: Stage, company: "Company", url: str) -> list[NodeInfo]:
    """The servers of a bus, as one of them knows them: the stage's, where clients connect at an address."""
    clients, place = len(stage.clients()), company.last()
    own = NodeInfo(name=company.name, url=url, clients=clients, behind=0, source=company.leads, here=True)
    if (said := company.own()) is not None:
        own = structs.replace(own, behind=max(0, place - said.place), lost=said.lost)
    found = [own]
    for other in company.others():
        node = other.node
        if node is None:
            found.append(NodeInfo(name=other.name, source=True))
        else:
            behind = max(0, place - node.place)
            found.append(
                NodeInfo(name=other.name, url=node.url or None, clients=node.clients, behind=behind, lost=node.lost)
            )
    return sorted(found, key=lambda each: not each.source)


def together_of(merged: "Merged") -> Together:
    """What the source of a bus and its nodes delivered."""
    return Together(
        nodes=merged.nodes,
        silent=list(merged.silent),
        clients=merged.clients,
        owed=merged.owed,
        written=merged.written,
        lost=merged.lost,
        lateness=lateness_of(merged.lateness),
    )


def _report(
    delivery: StageDelivery,
    of_clients: list[ClientLedger] | None = None,
    faults: dict[str, dict[str, int]] | None = None,
) -> DeliveryReport:
    return DeliveryReport(
        events=delivery.events,
        owed=delivery.owed,
        written=delivery.written,
        pending=delivery.pending,
        lost=delivery.lost,
        lateness=lateness_of(delivery.lateness),
        clients=of_clients or [],
        faults=faults or {},
    )


def lateness_of(spread: Spread) -> Lateness:
    """How late deliveries were."""
    return Lateness(
        count=spread.count,
        p50_s=_seconds(spread.p50),
        p99_s=_seconds(spread.p99),
        worst_s=_seconds(spread.worst),
    )


def _seconds(micros: int) -> float:
    return micros / 1_000_000


def labelled(values: Sequence[tuple[str, Any]], name: str) -> list[Any]:
    """All that several servers list under a name, each with its server."""
    return [structs.replace(each, node=node) for node, value in values for each in getattr(value, name)]


def fault_of_all(values: Sequence[tuple[str, ActiveFault]], missing: OfNodes) -> ActiveFault:
    """A fault as the first of several servers has it, and as it is on the others."""
    (node, first), *rest = values
    others = [structs.replace(value, node=name) for name, value in rest]
    elsewhere = FaultsElsewhere(faults=others, silent=missing.silent, refused=missing.refused)
    return structs.replace(first, node=node, elsewhere=elsewhere)
