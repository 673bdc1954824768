"""What a scenario may say. Its reference for people, `docs/scenario-reference.md`, is made from this."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct, field

from pvws.limits import PEERS_MAX, TIMELINE_STEPS_MAX
from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form
from pvws.notation.quantities import Duration, Percentage
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.behaviours.kinds import NamedBehaviours
from pvws.scenario.distributions import Quantity
from pvws.scenario.expectations import Expectation
from pvws.scenario.exploration import Exploration
from pvws.scenario.quantities import (
    DurationDistribution,
    SizeDistribution,
    Speed,
    Start,
)
from pvws.scenario.thresholds import Alerts
from pvws.scenario.timeline.presence import Newcomer, Newcomers
from pvws.scenario.timeline.step import TimelineStep
from pvws.sim.distributions import Constant, Uniform
from pvws.world.cast import Figures
from pvws.world.names import DEFAULT_NAMES, Names
from pvws.world.world import WorldRules

__all__ = [
    "DEFAULT_START",
    "Include",
    "Name",
    "NamesOf",
    "Network",
    "Parameters",
    "Peers",
    "Repair",
    "Scenario",
]

DEFAULT_START = 1_704_067_200_000_000
"""2024-01-01T00:00:00Z in microseconds: the same in every run, so that runs repeat."""


_CAPACITY = Quantity(Constant(64 * 1024**3), least=1)
_BANDWIDTH = Quantity(Uniform(8_000_000, 64_000_000), least=1)
_LATENCY = Quantity(Uniform(2_000, 60_000), least=1)


def _name(reader: Reader, node: Node, path: str) -> Any:
    name = reader.read(node, str, path)
    if name is INVALID or (name.strip() and name.isprintable()):
        return name
    return reader.problem(node, path, "a name of printable characters")


Name: TypeAlias = Annotated[str, Form(_name, label="name", schema={"type": ["string", "number"], "minLength": 1})]
"""A name, which is shown to people."""


def _peers(reader: Reader, node: Node, path: str) -> Any:
    return reader.read(node, Newcomers if isinstance(node.value, list) else _Count, path)


def _peers_schema(builder: Builder) -> dict[str, Any]:
    return {"anyOf": [builder.fragment(_Count), builder.fragment(Newcomers)]}


_Count: TypeAlias = Annotated[int, Meta(ge=0, le=PEERS_MAX)]

Peers: TypeAlias = Annotated[
    int | tuple[Newcomer, ...], Form(_peers, label="number of peers, or a list of them", schema=_peers_schema)
]
"""How many peers there are, or which."""


class Repair(Struct, frozen=True):
    """How copies that were lost are made again."""

    delay: Annotated[Duration, Meta(description="How long a peer may be away before what it held is copied again.")] = (
        10_000_000
    )
    parallel: Annotated[int, Meta(ge=1, le=10_000, description="How many repairs are on their way at a time.")] = 16


class NamesOf(Struct, frozen=True):
    """Where names come from that people see."""

    locale: Annotated[str, Meta(description="A locale that Faker knows, such as de_DE; left out: pvws's own names.")]


class Network(Struct, frozen=True):
    """The network at the start, and the rules it lives by."""

    peers: Annotated[Peers, Meta(description="How many peers are there from the start, or a list of them.")] = 12
    capacity: Annotated[SizeDistribution, Meta(description="What a peer can store.")] = _CAPACITY
    bandwidth: Annotated[SizeDistribution, Meta(description="What a peer can move in a second.")] = _BANDWIDTH
    latency: Annotated[DurationDistribution, Meta(description="How long a message to or from a peer takes.")] = _LATENCY
    replication: Annotated[int, Meta(ge=1, le=1_000, description="Copies that a file should have.")] = 3
    capabilities: Annotated[
        dict[str, Percentage], Meta(description="The share of peers that have each capability.")
    ] = field(default_factory=lambda: {"storage": 1.0, "compute": 0.4})
    repair: Annotated[Repair, Meta(description="How copies that were lost are made again.")] = Repair()
    scrub: Annotated[Duration, Meta(description="Within that time a corrupt copy is found out by itself.")] = 30_000_000
    forget: Annotated[
        Duration, Meta(description="A peer that is away for longer is gone: not missed, and its own alerts are over.")
    ] = 300_000_000
    names: Annotated[NamesOf | None, Meta(description="Where names come from that people see.")] = None

    @property
    def count(self) -> int:
        """How many peers are there from the start."""
        return self.peers if isinstance(self.peers, int) else len(self.peers)

    def figures(self) -> list[Figures]:
        """What is said of each peer that is there from the start."""
        if isinstance(self.peers, int):
            return [Figures()] * self.peers
        return [peer.figures() for peer in self.peers]


def _include(reader: Reader, node: Node, path: str) -> Any:
    return None  # what it includes is there by now


Include: TypeAlias = Annotated[
    None,
    Form(
        _include,
        label="file, or list of files",
        schema={"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    ),
]
"""Files that are part of the script: it is laid over them."""


def _parameters(reader: Reader, node: Node, path: str) -> Any:
    return dict.fromkeys(reader.mapping(node, path) or ())  # their values were read before all else


Parameters: TypeAlias = Annotated[
    Mapping[str, Any],
    Form(
        _parameters,
        label="mapping of names to defaults",
        schema={
            "type": "object",
            "propertyNames": {"pattern": "^[a-z_][a-z0-9_]*$"},
            "additionalProperties": {
                "anyOf": [
                    {"type": ["string", "number", "boolean"]},
                    {
                        "type": "object",
                        "properties": {
                            "default": {"type": ["string", "number", "boolean"]},
                            "description": {"type": "string"},
                        },
                        "required": ["default"],
                        "additionalProperties": False,
                    },
                ]
            },
        },
    ),
]
"""Values by name, which the command line may change."""


class Scenario(Struct, frozen=True, kw_only=True):
    """A whole script. Everything but its name may be left out."""

    pvws: Annotated[int, Meta(ge=1, le=1, description="The version of the language.")] = 1
    scenario: Annotated[Name, Meta(description="What it is called.")]
    description: Annotated[str, Meta(description="What it is for, in a sentence.")] = ""
    include: Annotated[
        Include,
        Meta(description="A file in this folder or below it, or a list of files: this script is laid over them."),
    ] = None
    parameters: Annotated[Parameters, Meta(description="Values for `${name}`, which `--set name=value` changes.")] = (
        field(default_factory=dict)
    )
    seed: Annotated[int, Meta(description="Of all chance: another seed, another run.")] = 0
    start: Annotated[Start, Meta(description="When it begins on the simulated clock.")] = DEFAULT_START
    duration: Annotated[Duration, Meta(description="How long it lasts.")] = 60_000_000
    speed: Annotated[Speed, Meta(description="How fast it is played.")] = 1.0
    network: Annotated[Network, Meta(description="The network at the start, and its rules.")] = field(
        default_factory=Network
    )
    behaviours: Annotated[NamedBehaviours, Meta(description="Open-ended processes, by name.")] = field(
        default_factory=dict
    )
    alerts: Annotated[Alerts, Meta(description="When figures alarm.")] = field(default_factory=Alerts)
    timeline: Annotated[
        list[TimelineStep],
        Meta(max_length=TIMELINE_STEPS_MAX, description="What happens at a time, every so often, or on a condition."),
    ] = field(default_factory=list)
    expect: Annotated[list[Expectation], Meta(max_length=1_000, description="What clients should do.")] = field(
        default_factory=list
    )
    explore: Annotated[Exploration, Meta(description="What varies when it is explored.")] = field(
        default_factory=Exploration
    )

    def rules(self, names: Names = DEFAULT_NAMES) -> WorldRules:
        """The rules by which its network lives, with the names that people see."""
        network = self.network
        return WorldRules(
            replication=network.replication,
            repair_delay=network.repair.delay,
            repairs_at_once=network.repair.parallel,
            scrub_micros=network.scrub,
            forget_micros=network.forget,
            thresholds=self.alerts.thresholds(),
            names=names,
        )
