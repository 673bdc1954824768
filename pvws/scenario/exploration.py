"""What a script lets vary when it is explored: the mapping under `explore`, bounds for timing, values and faults."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct, field

from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form
from pvws.notation.quantities import Duration, Percentage
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.faults.spec import FaultSpec, read_fault
from pvws.scenario.spans import Span
from pvws.scenario.timeline.action import Keys, Mistake
from pvws.scenario.timeline.step import tell_mistakes

__all__ = ["Exploration", "PossibleFault", "Varying", "borders", "usual_faults"]

_CHOICES_MAX = 100
_SCALAR = {"type": ["string", "number", "boolean"]}


class PossibleFault(FaultSpec, frozen=True, kw_only=True, rename={"since": "from"}):
    """A fault that a run may have. With `for` it lasts up to so long, which chance decides as well."""

    chance: Annotated[Percentage, Meta(description="Which share of the runs has it.")] = 0.5
    since: Annotated[Duration, Meta(description="When it begins at the earliest, since the start.")] = 0
    until: Annotated[Duration | None, Meta(description="And at the latest; left out: the end of the scenario.")] = None

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """What is wrong with it, although each value is right."""
        yield from super().mistakes(keys)
        if self.until is not None and self.until < self.since:
            yield Mistake(("until",), 'a time that is not before "from"')


def _possible_fault(reader: Reader, node: Node, path: str) -> Any:
    entries = reader.mapping(node, path)
    if entries is None:
        return INVALID
    spec = reader.struct(node, PossibleFault, path)
    if spec is INVALID:
        return INVALID
    before = len(reader.problems)
    tell_mistakes(reader, node, spec.mistakes(entries.keys()), path)
    return spec if len(reader.problems) == before else INVALID


def _possible_fault_schema(builder: Builder) -> dict[str, Any]:
    return builder.struct(PossibleFault)


_Possible: TypeAlias = Annotated[PossibleFault, Form(_possible_fault, label="fault", schema=_possible_fault_schema)]


Varying: TypeAlias = Span | tuple[str, ...]
"""What a value may be: anything within a span, or one of some texts."""


def _varying(reader: Reader, node: Node, path: str) -> Any:
    value = node.value
    if isinstance(value, list):
        if not 1 <= len(value) <= _CHOICES_MAX:
            return reader.problem(node, path, f"from 1 to {_CHOICES_MAX} values", str(len(value)))
        texts = [_text(reader, each, f"{path}[{place}]") for place, each in enumerate(value)]
        return INVALID if any(text is INVALID for text in texts) else tuple(texts)
    if isinstance(value, dict) and value.keys() == {"from", "to"}:
        low, high = (_text(reader, value[key], f"{path}.{key}") for key in ("from", "to"))
        return INVALID if low is INVALID or high is INVALID else _span(reader, value["to"], path, Span(low, high))
    return reader.problem(node, path, "a list of values, or a span: {from: 1, to: 5}")


def _span(reader: Reader, node: Node, path: str, span: Span) -> Any:
    try:
        span.check()
    except ValueError as error:
        return reader.problem(node, f"{path}.to", str(error))
    return span


def _text(reader: Reader, node: Node, path: str) -> Any:
    if isinstance(node.value, dict | list) or node.value is None:
        return reader.problem(node, path, "a text, a number, on or off")
    return node.source


def borders(varying: Varying) -> list[tuple[Keys, str]]:
    """Values that stand for all that there may be, and where each is written."""
    if isinstance(varying, Span):
        return [(("from",), varying.low), (("to",), varying.high)]
    return [((place,), text) for place, text in enumerate(varying)]


_Varying: TypeAlias = Annotated[
    Varying,
    Form(
        _varying,
        label="list of values, or {from: …, to: …}",
        schema={
            "anyOf": [
                {"type": "array", "items": _SCALAR, "minItems": 1, "maxItems": _CHOICES_MAX},
                {
                    "type": "object",
                    "properties": {"from": _SCALAR, "to": _SCALAR},
                    "required": ["from", "to"],
                    "additionalProperties": False,
                },
            ]
        },
        write=lambda varying: {"from": varying.low, "to": varying.high} if isinstance(varying, Span) else list(varying),
    ),
]


@cache
def usual_faults() -> tuple[PossibleFault, ...]:
    """What any network does, and no client may break from: all comes, whole and in order, but later, or in pieces."""
    texts = (
        "latency: 150ms +- 150ms, for: 10s, chance: 30%",
        "bandwidth: 32 KiB/s, for: 5s, chance: 20%",
        "stall: on, for: 2s, chance: 20%",
        "fragment: 32, for: 10s, chance: 20%",
    )
    return tuple(read_fault(text, kind=PossibleFault) for text in texts)


class Exploration(Struct, frozen=True):
    """How a scenario varies from run to run when it is explored. Its seed always does."""

    timing: Annotated[
        Duration,
        Meta(
            description="How much earlier or later what happens at a time may happen. What happens at one instant "
            "stays together, and nothing overtakes anything."
        ),
    ] = 500_000
    values: Annotated[
        dict[str, _Varying],
        Meta(
            max_length=100,
            description="Values that vary, each under its name or path as `--set` has it: one of a list, or any from "
            "one to another.",
        ),
    ] = field(default_factory=dict)
    faults: Annotated[
        list[_Possible] | None,
        Meta(
            max_length=100,
            description="Faults that a run may have beside those of the timeline; left out: slowness, as any network "
            "has it.",
        ),
    ] = None

    @property
    def possible_faults(self) -> tuple[PossibleFault, ...]:
        """Those that a run may have."""
        return usual_faults() if self.faults is None else tuple(self.faults)
