"""Words of which chance takes one: always the same, or some more often than others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, defstruct

from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form
from pvws.notation.reader import INVALID, Reader
from pvws.notation.written import written
from pvws.sim.chance import Stream

__all__ = ["Weighted", "weighted_form"]

_WEIGHT_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Weighted:  # no Struct: those are mappings of the language
    """Words and how often each is taken, relative to the others; at least one weight is above 0."""

    words: tuple[str, ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, *words: str) -> "Weighted":
        """Words that are all as likely."""
        return cls(words, (1.0,) * len(words))

    def draw(self, chance: Stream) -> str:
        """One of the words. Takes one number from the stream."""
        left, drawn = chance.random() * sum(self.weights), ""
        for word, weight in zip(self.words, self.weights, strict=True):
            if weight:
                drawn = word
                left -= weight
                if left < 0:
                    break
        return drawn


def weighted_form(name: str, words: Sequence[str]) -> Form:
    """How a `Weighted` is written whose words are some of these: one word, or weights by word.

    `name` is that of the mapping in a JSON Schema.
    """
    kinds = [(word, Annotated[float, Meta(ge=0, le=_WEIGHT_MAX)], 0.0) for word in words]
    said = "How often each is taken, relative to the others."
    mapping = defstruct(name, kinds, frozen=True, namespace={"__doc__": said}, module=__name__)

    def read(reader: Reader, node: Node, path: str) -> Any:
        if not isinstance(node.value, dict):
            word = reader.word(node, words, path)
            return INVALID if word is INVALID else Weighted.of(word)
        known_problems = len(reader.problems)
        weights = reader.struct(node, mapping, path)
        if len(reader.problems) > known_problems:
            return INVALID
        given = {word: float(getattr(weights, word)) for word in words if getattr(weights, word)}
        if not given:
            return reader.problem(node, path, "a weight above 0", "none")
        return Weighted(tuple(given), tuple(given.values()))

    def write(value: Weighted) -> Any:
        if len(value.words) == 1:
            return value.words[0]
        return written(mapping, mapping(**dict(zip(value.words, value.weights, strict=True))))

    def schema(builder: Builder) -> dict[str, Any]:
        return {"anyOf": [{"enum": list(words)}, builder.fragment(mapping) | {"minProperties": 1}]}

    return Form(read, label="word, or weights by word", schema=schema, write=write)
