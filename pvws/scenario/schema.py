"""What a scenario may say. Its reference for people is `docs/scenario-reference.md`."""

from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct, field

from pvws.limits import PEERS_MAX, TIMELINE_STEPS_MAX
from pvws.notation.document import Node
from pvws.notation.quantities import Duration, Percentage, Size
from pvws.notation.reader import INVALID, Form, Reader, nearest
from pvws.scenario.behaviours.churn import Churn
from pvws.scenario.behaviours.deletes import Deletes
from pvws.scenario.behaviours.metrics import Metrics
from pvws.scenario.behaviours.uploads import Uploads
from pvws.scenario.quantities import Speed, Start
from pvws.scenario.timeline import TimelineStep
from pvws.world.alerts import Thresholds

__all__ = ["BEHAVIOUR_KINDS", "DEFAULT_START", "Alerts", "Behaviour", "Name", "NamedBehaviours", "Network", "Scenario"]

DEFAULT_START = 1_704_067_200_000_000
"""2024-01-01T00:00:00Z in microseconds: the same in every run, so that runs repeat."""

Behaviour: TypeAlias = Uploads | Deletes | Churn | Metrics
"""An open-ended process."""

BEHAVIOUR_KINDS: dict[str, type[Behaviour]] = {
    "uploads": Uploads,
    "deletes": Deletes,
    "churn": Churn,
    "metrics": Metrics,
}
"""Every kind of behaviour by its word."""


def _behaviour(reader: Reader, node: Node, path: str, name: str) -> Any:
    entries = reader.mapping(node, path)
    if entries is None:
        return INVALID
    words = tuple(BEHAVIOUR_KINDS)
    if "kind" in entries:
        word = reader.word(entries["kind"], words, f"{path}.kind")
    elif name in words:
        word = name
    else:
        expected = f"a kind, one of {', '.join(words)}, since the name is none"
        word = reader.problem(node, f"{path}.kind", expected, "nothing", hint=nearest(name, words))
    return INVALID if word is INVALID else reader.struct(node, BEHAVIOUR_KINDS[word], path, beside=("kind",))


def _behaviours(reader: Reader, node: Node, path: str) -> Any:
    entries = reader.mapping(node, path)
    if entries is None:
        return INVALID
    behaviours = {name: _behaviour(reader, each, f"{path}.{name}", name) for name, each in entries.items()}
    return INVALID if any(each is INVALID for each in behaviours.values()) else behaviours


NamedBehaviours: TypeAlias = Annotated[dict[str, Behaviour], Form(_behaviours)]
"""Behaviours by name; the name is the kind unless `kind` says another."""


def _name(reader: Reader, node: Node, path: str) -> Any:
    name = reader.read(node, str, path)
    if name is INVALID or (name.strip() and name.isprintable()):
        return name
    return reader.problem(node, path, "a name of printable characters")


Name: TypeAlias = Annotated[str, Form(_name)]
"""A name, which is shown to people."""


class Network(Struct, frozen=True):
    """The network at the start. `capabilities` gives the share of peers that have each."""

    peers: Annotated[int, Meta(ge=0, le=PEERS_MAX)] = 12
    capacity: Size = 64 * 1024**3
    replication: Annotated[int, Meta(ge=1, le=PEERS_MAX)] = 3
    capabilities: dict[str, Percentage] = field(default_factory=lambda: {"storage": 1.0, "compute": 0.4})


def _percentages(reader: Reader, node: Node, path: str) -> Any:
    thresholds = reader.struct(node, Thresholds, path)
    if thresholds is INVALID:
        return INVALID
    for name, value, low, high in (
        ("clear", thresholds.clear, 0.0, thresholds.warning),
        ("warning", thresholds.warning, 0.0, thresholds.critical),
        ("critical", thresholds.critical, 0.0, 100.0),
    ):
        if not low <= value <= high:
            entries = reader.mapping(node, path)
            assert entries is not None, "it was read as a mapping"
            return reader.problem(entries[name], f"{path}.{name}", f"a percentage from {low:g} to {high:g}")
    return thresholds


class Alerts(Struct, frozen=True):
    """When figures alarm, in percent: at or above `warning` and `critical`, and well again below `clear`."""

    storage_usage: Annotated[Thresholds, Form(_percentages)] = Thresholds(warning=80, critical=95, clear=75)


class Scenario(Struct, frozen=True, kw_only=True):
    """A whole script. Everything but its name may be left out; `pvws` is the version of the language."""

    pvws: Annotated[int, Meta(ge=1, le=1)] = 1
    scenario: Name
    description: str = ""
    seed: int = 0
    start: Start = DEFAULT_START
    duration: Duration = 60_000_000
    speed: Speed = 1.0
    network: Network = Network()
    behaviours: NamedBehaviours = field(default_factory=dict)
    alerts: Alerts = Alerts()
    timeline: Annotated[list[TimelineStep], Meta(max_length=TIMELINE_STEPS_MAX)] = field(default_factory=list)
