"""latency: messages come late, as over a slow network."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeAlias

from msgspec import Meta

from pvws import units
from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form
from pvws.notation.reader import Reader
from pvws.notation.written import written
from pvws.scenario.distributions import Quantity
from pvws.scenario.faults.effect import Did, Effect, Queue
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.message import Message
from pvws.scenario.quantities import DurationDistribution
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream
from pvws.sim.distributions import Constant, Uniform

__all__ = ["Delay", "Latency"]

_PATTERN = r"^\s*[0-9][^+±]*(\+-|±)\s*[0-9].*$"


def _read(reader: Reader, node: Node, path: str) -> Any:
    text = node.source.replace("±", "+-")
    if not isinstance(node.value, str) or "+-" not in text:
        return reader.read(node, DurationDistribution, path)
    middle, _, jitter = text.partition("+-")
    try:
        delay, spread = units.duration(middle.strip()), units.duration(jitter.strip())
    except ValueError:
        return reader.problem(node, path, 'a delay with its jitter, like "200ms +- 50ms"')
    if spread > delay:
        return reader.problem(node, path, f"a jitter of at most the delay, {units.duration_notation(delay)}")
    return Quantity(Uniform(float(delay - spread), float(delay + spread)))


def _schema(builder: Builder) -> dict[str, Any]:
    jitter = {"type": "string", "pattern": _PATTERN}
    return {"anyOf": [*builder.fragment(DurationDistribution)["anyOf"], jitter]}


def _write(delay: Quantity) -> Any:
    found = delay.distribution
    if isinstance(found, Uniform) and (found.low + found.high) % 2 == 0:
        middle, jitter = int(found.low + found.high) // 2, int(found.high - found.low) // 2
        return f"{units.duration_notation(middle)} +- {units.duration_notation(jitter)}"
    return written(DurationDistribution, delay)


Delay: TypeAlias = Annotated[
    Quantity, Form(_read, label="duration, duration +- jitter, or distribution", schema=_schema, write=_write)
]
"""Durations that chance decides, in microseconds: `200ms`, `200ms +- 50ms`, or `{lognormal: {median: 100ms}}`."""


class Latency(MessageFault, frozen=True):
    """Messages come late, as over a slow network. None overtakes another: TCP keeps them in order.

    With `+-` every delay from the one bound to the other is as likely. Control frames are late as well, unless the
    fault is about some topics, types or messages alone: so pings measure it. Those that it is not about overtake those
    that are late.

    A client sees every message, in order, later than its timestamps say; the bytes are the same. A held clock holds
    what is late. Counted as `delayed`.
    """

    delay: Annotated[
        Delay,
        Meta(
            description="How late each message is, in stage time.",
            examples=["200ms", "200ms +- 50ms", {"lognormal": {"median": "80ms", "sigma": 0.5}}],
        ),
    ]

    @property
    def never(self) -> bool:
        """A delay of 0 is none."""
        return isinstance(self.delay.distribution, Constant) and self.delay.distribution.value == 0

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Hold each message for as long as is drawn."""
        return _Late(self.delay, chance, did)


class _Late(Queue):
    __slots__ = ("_chance", "_delays")

    passes_control = True

    def __init__(self, delay: Quantity, chance: Stream, did: Did) -> None:
        super().__init__(did)
        self._chance = chance
        self._delays = delay.sampler()

    def take(self, message: Message, now: Instant) -> Sequence[Message]:
        delay = self._delays.draw_whole(self._chance)
        if not delay and self.due() is None:
            return (message,)
        self.did("delayed")
        self.hold(message, now + delay)
        return ()
