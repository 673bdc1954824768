"""Expressions: filters such as `data.size > '1 MiB'`, conditions on the world, and what stands in a template's `${…}`.

The language is in docs/expressions.md, what is missing or of the wrong kind in `pvws.expression.values`. A text is
parsed as Python's syntax, of which a list of allowed nodes is compiled to closures; nothing is ever run as Python.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from pvws.expression.compiler import Compiler, Roots, Run
from pvws.expression.source import Source
from pvws.expression.values import MISSING, truth

__all__ = ["Expression", "Lookup"]

Lookup: TypeAlias = Mapping[str, Any] | Callable[[str], object]
"""What first names stand for: a mapping, or a function that raises KeyError for a name that it doesn't know."""


class Expression:
    """A parsed expression. `names` are the dotted names that it reads, each once, in the order of the text."""

    __slots__ = ("_readers", "_run", "names", "text")

    def __init__(self, text: str, run: Run, readers: Mapping[str, Run]) -> None:
        self.text = text
        self.names = tuple(readers)
        self._run = run
        self._readers = readers

    @classmethod
    def parse(cls, text: str, known: Collection[str] | None = None) -> "Expression":
        """The expression of a text. `known` are the first names that there are, where that is known.

        Raises ExpressionError, with the column of the first mistake.
        """
        source = Source(text)
        compiler = Compiler(source, known)
        return cls(text, compiler.compile(source.tree()), compiler.names)

    def evaluate(self, lookup: Lookup) -> Any:
        """The value: a JSON value, a thing that a name stands for, or `MISSING`.

        Raises nothing whatever the data; only what a function given as lookup raises beside KeyError comes through.
        """
        return self._run(_roots(lookup))

    def holds(self, lookup: Lookup) -> bool:
        """Whether the value counts as true: it isn't missing, null, false, zero or empty."""
        return truth(self._run(_roots(lookup)))

    def first_missing(self, lookup: Lookup) -> str | None:
        """The first of `names` that has no value; None if all have one."""
        roots = _roots(lookup)
        return next((name for name, read in self._readers.items() if read(roots) is MISSING), None)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def _roots(lookup: Lookup) -> Roots:
    # A dict is told apart first, since asking for the abstract class takes as long as a comparison.
    return lookup.__getitem__ if type(lookup) is dict or isinstance(lookup, Mapping) else lookup
