"""How distributions are written: a plain value, or one word with what it needs, in the unit of the quantity.

`2 MiB`, `{uniform: {from: 1 MiB, to: 4 MiB}}`, `{exponential: 45s}`, `{choice: [4 KiB, 1 MiB], weights: [3, 1]}`.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from msgspec import NODEFAULT, Meta, Struct, defstruct, field

from pvws import units
from pvws.notation.document import Node
from pvws.notation.forms import Builder, bounded, fields, notes
from pvws.notation.reader import INVALID, Form, Reader, Unit
from pvws.notation.written import written
from pvws.sim.chance import Stream
from pvws.sim.distributions import (
    Choice,
    Constant,
    Distribution,
    Exponential,
    Lognormal,
    Normal,
    Pareto,
    Uniform,
    Values,
    draw_whole,
    fresh,
)

__all__ = ["SIGMA_MAX", "VALUES_MAX", "Quantity", "Sampler", "distribution_form"]

VALUES_MAX = 100_000
"""Values of a list: a day of measurements, one a second; they are 3 MB in memory."""

SIGMA_MAX = 5
"""Spread of a logarithm: two thirds of all lie between the 150th part of the median and its 150-fold by then."""

_SHAPE_MAX = 100  # of a tail: past that all are the least one
_WEIGHT_MAX = 1_000_000


class Sampler:
    """Draws the values of one run, one after the other. It goes through a list in order, if that is what was asked."""

    __slots__ = ("_distribution", "_least")

    def __init__(self, distribution: Distribution, least: int) -> None:
        self._distribution = fresh(distribution)
        self._least = least

    def draw(self, chance: Stream) -> float:
        """One value, as it comes."""
        return self._distribution.draw(chance)

    def draw_whole(self, chance: Stream) -> int:
        """One value in whole units: bytes at least 1, all else at least 0."""
        return draw_whole(self._distribution, chance, self._least)


@dataclass(frozen=True, slots=True)
class Quantity:  # no Struct: those are mappings of the language
    """What chance makes of a quantity: values of a distribution, in the quantity's unit, whole ones at least `least`.

    It is a part of the script, which runs share; each run draws from a `sampler` of its own.
    """

    distribution: Distribution
    least: int = 0

    def sampler(self) -> Sampler:
        """What one run draws from."""
        return Sampler(self.distribution, self.least)


class _Key(NamedTuple):
    """A key under a word, and which attribute of the distribution it is. Without a kind it is in the unit."""

    key: str
    name: str
    said: str
    kind: Any = None
    default: Any = NODEFAULT
    above_0: bool = False


class _Shape(NamedTuple):
    """What stands under a word, and which distribution is made of it."""

    made: type[Struct]
    said: str
    keys: tuple[_Key, ...]


_MIN = _Key("min", "min", "What would be less becomes that.", default=None)
_MAX = _Key("max", "max", "What would be more becomes that.", default=None)
_SIGMA: TypeAlias = Annotated[float, Meta(ge=0, le=SIGMA_MAX)]
_TAIL: TypeAlias = Annotated[float, Meta(gt=0, le=_SHAPE_MAX)]

_SHAPES: dict[str, _Shape] = {
    "uniform": _Shape(
        Uniform,
        "From one value to another, each as likely.",
        (_Key("from", "low", "The lowest."), _Key("to", "high", "The highest.")),
    ),
    "normal": _Shape(
        Normal,
        "Around a mean, two thirds of all within one deviation from it.",
        (_Key("mean", "mean", "The average."), _Key("deviation", "deviation", "The standard deviation."), _MIN, _MAX),
    ),
    "lognormal": _Shape(
        Lognormal,
        "Many small ones, a few large ones: as sizes of files are.",
        (
            _Key("median", "median", "Half of all are below.", above_0=True),
            _Key("sigma", "sigma", "How wide they are spread: the deviation of the logarithm.", _SIGMA, 1.0),
            _MIN,
            _MAX,
        ),
    ),
    "pareto": _Shape(
        Pareto,
        "Never below the least, with a heavy tail.",
        (
            _Key("least", "minimum", "None is below.", above_0=True),
            _Key("shape", "shape", "How fast the tail falls; for 1.16 a fifth of all make four fifths.", _TAIL),
            _MAX,
        ),
    ),
    "exponential": _Shape(
        Exponential,
        "As long as one waits for what may happen at any moment.",
        (_Key("mean", "mean", "The average."), _MAX),
    ),
}

_WORDS = (*_SHAPES, "choice", "values")
_ORDERED = (("low", "high"), ("min", "max"), ("minimum", "max"))  # attributes of which none is above the other
_OWNERS = {"weights": ("choice",), "order": ("values", "csv"), "column": ("csv",)}

_Weight: TypeAlias = Annotated[float, Meta(ge=0, le=_WEIGHT_MAX)]
_Weights: TypeAlias = Annotated[tuple[_Weight, ...], Meta(min_length=1, max_length=VALUES_MAX)]
_Order: TypeAlias = Literal["random", "cycle"]


def distribution_form(noun: str, unit: Any, *, least: int = 0) -> Form:
    """How a `Quantity` is written whose values are of the type `unit`, for which `noun` is the word in errors.

    Exactly one word is given, and what goes with it. `{csv: FILE, column: NAME}` is `values` by the time it is read.
    """
    return _Notation(noun, unit, least).form


class _Notation:
    """The notation in one unit. What stands under the words are Structs made for it, so errors are in the unit too."""

    def __init__(self, noun: str, unit: Any, least: int) -> None:
        self._noun = noun
        self._unit = unit
        self._several: Any = types.GenericAlias(tuple, (unit, ...))
        self._least = least
        own = notes(unit).own
        self._write: Callable[[Any], str] = (own.write if isinstance(own, Unit) else None) or units.number_notation
        self._shapes = {word: self._shape(word) for word in _SHAPES}
        self._mapping = self._whole_mapping()
        self.form = Form(self._read, label=f"{noun} or distribution", schema=self._schema, write=self._written)

    def _shape(self, word: str) -> type[Struct]:
        """The Struct of what stands under a word."""
        _, said, keys = _SHAPES[word]
        made = []
        for key in keys:
            kind = self._unit if key.kind is None else key.kind
            kind = kind | None if key.default is None else kind
            about = Meta(description=key.said, gt=0) if key.above_0 else Meta(description=key.said)
            made.append((key.name, Annotated[kind, about], field(name=key.key, default=key.default)))
        name = f"{word.title()}{self._noun.title()}"
        return defstruct(name, made, frozen=True, namespace={"__doc__": said}, module=__name__)

    def _whole_mapping(self) -> type[Struct]:
        """The Struct of the whole mapping, in which all words but one are left out."""
        several: Any = Annotated[self._several, Meta(min_length=1, max_length=VALUES_MAX)]
        kinds: dict[str, tuple[Any, str]] = {
            **{word: (self._under(word), shape.said) for word, shape in _SHAPES.items()},
            "choice": (several, "One of these."),
            "weights": (_Weights, "How likely each choice is, relative to the others."),
            "values": (several, "Values of a list, such as measured ones."),
            "csv": (str, "A CSV file beside the script that has the values."),
            "column": (str, "The column in which they stand, by its title."),
            "order": (_Order, "Any of the values, or one after the other."),
        }
        made = [
            (word, Annotated[kind, Meta(description=said)], field(default=None)) for word, (kind, said) in kinds.items()
        ]
        said = f"What a {self._noun} is drawn from."
        name = f"{self._noun.title()}Distribution"
        return defstruct(name, made, frozen=True, namespace={"__doc__": said}, module=__name__)

    def _under(self, word: str) -> Any:
        """What stands under a word: a mapping; a mean may stand there alone."""
        shape = self._shapes[word]
        if word != "exponential":
            return shape

        def read(reader: Reader, node: Node, path: str) -> Any:
            if isinstance(node.value, dict):
                return reader.struct(node, shape, path)
            mean = reader.read(node, self._unit, path)
            return INVALID if mean is INVALID else shape(mean=mean)

        def schema(builder: Builder) -> dict[str, Any]:
            return {"anyOf": [builder.fragment(self._unit), builder.fragment(shape)]}

        return Annotated[shape, Form(read, label=f"mean {self._noun}", schema=schema)]

    def _read(self, reader: Reader, node: Node, path: str) -> Any:
        entries = node.value
        if not isinstance(entries, dict):
            value = reader.read(node, self._unit, path)
            return INVALID if value is INVALID else Quantity(Constant(value), self._least)
        known_problems = len(reader.problems)
        mapping = reader.struct(node, self._mapping, path)
        if len(reader.problems) > known_problems:
            return INVALID
        if "csv" in entries:
            return reader.problem(entries["csv"], f"{path}.csv", "a file that has been read", "none")
        given = [word for word in _WORDS if word in entries]
        if len(given) != 1:
            return reader.problem(node, path, f"one of {', '.join(_WORDS)}", " and ".join(given) or "none of them")
        for word, owners in _OWNERS.items():
            if word in entries and given[0] not in owners:
                return reader.problem(entries[word], f"{path}.{word}", f'nothing without "{owners[0]}"')
        distribution = self._distribution(reader, entries, path, given[0], mapping)
        return INVALID if distribution is INVALID else Quantity(distribution, self._least)

    def _distribution(self, reader: Reader, entries: Mapping[str, Node], path: str, word: str, mapping: Any) -> Any:
        """What the word makes of all that was given, which goes together."""
        if word == "choice":
            return self._choice(reader, entries, path, mapping)
        if word == "values":
            return Values(mapping.values, mapping.order or "random")
        shape = getattr(mapping, word)
        names = {each.name: each.key for each in fields(self._shapes[word])}
        for low, high in _ORDERED:
            least, most = getattr(shape, low, None), getattr(shape, high, None)
            if least is not None and most is not None and least > most:
                under = entries[word].value
                assert isinstance(under, dict), "two bounds were read from it"
                expected = bounded(f"a {self._noun}", Meta(ge=least), self._write)
                return reader.problem(under[names[high]], f"{path}.{word}.{names[high]}", expected)
        return _SHAPES[word].made(**{name: getattr(shape, name) for name in names})

    def _choice(self, reader: Reader, entries: Mapping[str, Node], path: str, mapping: Any) -> Any:
        choices, weights = len(mapping.choice), mapping.weights or ()
        if weights and len(weights) != choices:
            expected = f"{choices} weights, one for each choice"
            return reader.problem(entries["weights"], f"{path}.weights", expected, str(len(weights)))
        if weights and not any(weights):
            return reader.problem(entries["weights"], f"{path}.weights", "a weight above 0", "none")
        return Choice(mapping.choice, weights)

    def _schema(self, builder: Builder) -> dict[str, Any]:
        return {"anyOf": [builder.fragment(self._unit), builder.fragment(self._mapping) | {"minProperties": 1}]}

    def _written(self, quantity: Quantity) -> Any:
        found = quantity.distribution
        match found:
            case Constant():
                return written(self._unit, found.value)
            case Choice():
                beside = {"weights": written(_Weights, found.weights)} if found.weights else {}
                return {"choice": written(self._several, found.values)} | beside
            case Values():
                return {"values": written(self._several, found.values), "order": found.order}
            case _:
                pass
        word = next(word for word, shape in _SHAPES.items() if isinstance(found, shape.made))
        shape = self._shapes[word]
        return {word: written(shape, shape(**{each.name: getattr(found, each.name) for each in fields(shape)}))}
