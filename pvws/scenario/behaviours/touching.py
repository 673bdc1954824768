"""What touches files in a script: any one, or some more often than others; of all, or of those of one behaviour."""

from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.behaviours.arrivals import Arriving

__all__ = ["Exponent", "Touching"]

_WORDS = ("uniform", "zipf")
_ZIPF = 1.0  # what is measured of what people read, and what Zipf found of words


class _Zipf(Struct, frozen=True):
    """The second most popular file is touched half as often as the first for 1, a quarter as often for 2."""

    zipf: Annotated[float, Meta(ge=0, le=10, description="The exponent.")]


def _read(reader: Reader, node: Node, path: str) -> Any:
    if isinstance(node.value, dict):
        zipf = reader.struct(node, _Zipf, path)
        return INVALID if zipf is INVALID else zipf.zipf
    word = reader.word(node, _WORDS, path)
    return INVALID if word is INVALID else _ZIPF if word == "zipf" else 0.0


def _written(exponent: float) -> Any:
    if exponent in (0.0, _ZIPF):
        return _WORDS[bool(exponent)]
    return {"zipf": int(exponent) if exponent.is_integer() else exponent}


def _schema(builder: Builder) -> dict[str, Any]:
    return {"anyOf": [{"enum": list(_WORDS)}, builder.fragment(_Zipf)]}


Exponent: TypeAlias = Annotated[
    float, Form(_read, label="uniform, zipf or {zipf: exponent}", schema=_schema, write=_written)
]
"""How popularity falls from one file to the next: 0 is `uniform`, 1 is `zipf`, others `{zipf: 1.2}`."""


class Touching(Arriving, frozen=True, kw_only=True):
    """What happens again and again to some file.

    Files keep their rank while they are there: the first to come is the most popular. When one goes, the one that
    came last takes its rank, so that there is always a favourite, and no file but that one is touched more or less.
    """

    popularity: Annotated[
        Exponent,
        Meta(
            description="Which files are touched more often. A file keeps its rank: the first to come has the first; "
            "when one goes, the last to come takes its rank."
        ),
    ] = 0.0
    of: Annotated[str | None, Meta(description="Files of these uploads alone, by name; left out: all files.")] = None
