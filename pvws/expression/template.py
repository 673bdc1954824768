"""Templates: texts with expressions in them, such as `file ${n} of ${count * 2}`."""

from collections.abc import Collection, Mapping
from typing import Any

from pvws.expression.expression import Expression, Lookup
from pvws.expression.source import behind_text
from pvws.expression.trouble import ExpressionError, MissingNameError
from pvws.expression.values import MISSING, text_of
from pvws.limits import MESSAGE_BYTES_MAX

__all__ = ["Template"]

_Part = tuple[int, Expression]
"""Where the expression begins in the template, in characters from 0; and the expression."""


class Template:
    """A parsed template. `names` are the dotted names that its expressions read, each once, in order."""

    __slots__ = ("_parts", "names", "text")

    def __init__(self, text: str, parts: list[str | _Part]) -> None:
        self.text = text
        self._parts = parts
        expressions = [part[1] for part in parts if not isinstance(part, str)]
        self.names = tuple(dict.fromkeys(name for each in expressions for name in each.names))

    @classmethod
    def parse(cls, text: str, known: Collection[str] | None = None) -> "Template":
        """The template of a text, in which `${…}` is an expression and `$${` stands for `${`.

        `known` are the first names that there are, where that is known. Raises ExpressionError, with the column.
        """
        if len(text) > MESSAGE_BYTES_MAX:
            raise ExpressionError(MESSAGE_BYTES_MAX + 1, f"at most {MESSAGE_BYTES_MAX} characters", f"{len(text)}")
        parts: list[str | _Part] = []
        written, at = "", 0
        while (dollar := text.find("${", at)) >= 0:
            if text[at:dollar].endswith("$"):
                written += text[at : dollar - 1] + "${"
                at = dollar + 2
                continue
            written += text[at:dollar]
            end = _end(text, dollar)
            if written:
                parts.append(written)
            written, at = "", end + 1
            parts.append((dollar + 2, _expression(text, dollar + 2, end, known)))
        if written := written + text[at:]:
            parts.append(written)
        return cls(text, parts)

    @property
    def is_plain(self) -> bool:
        """Whether there is no expression in it, so that it is filled in the same whatever the lookup."""
        return all(isinstance(part, str) for part in self._parts)

    def fill(self, lookup: Lookup) -> Any:
        """The text with each expression's value in its place; the value itself of a template that is one `${…}`.

        Raises MissingNameError where an expression has no value or, among other text, one that has no text;
        and ExpressionError where the text becomes longer than a message may be.
        """
        if len(self._parts) == 1 and not isinstance(self._parts[0], str):
            place, expression = self._parts[0]
            return _found(expression.evaluate(lookup), place, expression, lookup)
        filled, length = [], 0
        for part in self._parts:
            if isinstance(part, str):
                filled.append(part)
            else:
                place, expression = part
                filled.append(_found(text_of(expression.evaluate(lookup)), place, expression, lookup))
            length += len(filled[-1])
            if length > MESSAGE_BYTES_MAX:
                column = 1 if isinstance(part, str) else part[0] + 1
                raise ExpressionError(column, f"a text of at most {MESSAGE_BYTES_MAX} characters", "more")
        return "".join(filled)

    def fill_known(self, values: Mapping[str, Any]) -> Any:
        """The same with those expressions filled in that ask for nothing but `values`: a template of the others.

        Raises what `fill` does, and ExpressionError for an expression that asks for both.
        """
        if all(_is_of(part, values) for part in self._parts):
            return self.fill(values)
        filled = ""
        for part in self._parts:
            if isinstance(part, str):
                filled += part.replace("${", "$${")
                continue
            place, expression = part
            if _is_of(part, values):
                filled += text_of(_found(expression.evaluate(values), place, expression, values)).replace("${", "$${")
                continue
            both = [name for name in expression.names if _root(name) in values]
            if both:
                raise ExpressionError(place + 1, "parameters, or what there is in a run, not both in one", both[0])
            filled += f"${{{expression.text}}}"
        return filled

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Template({self.text!r})"


def _root(name: str) -> str:
    return name.partition(".")[0].partition("[")[0]


def _is_of(part: "str | _Part", values: Mapping[str, Any]) -> bool:
    """Whether a part of a template asks for nothing but these values."""
    return isinstance(part, str) or all(_root(name) in values for name in part[1].names)


def _found(value: Any, place: int, expression: Expression, lookup: Lookup) -> Any:
    if value is MISSING:
        raise MissingNameError(place + 1, expression.first_missing(lookup) or expression.text.strip())
    return value


def _end(text: str, dollar: int) -> int:
    """Where the brace stands that closes the `${` at a place. Braces in quotes are none."""
    at, depth = dollar + 2, 1
    while at < len(text):
        letter = text[at]
        if letter in "'\"":
            behind = behind_text(text, at)
            if behind < 0:
                break
            at = behind
            continue
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            return at
        at += 1
    raise ExpressionError(dollar + 1, 'a "}" for this "${"', "none")


def _expression(text: str, start: int, end: int, known: Collection[str] | None) -> Expression:
    try:
        return Expression.parse(text[start:end], known)
    except ExpressionError as error:
        raise error.moved(start) from None
