"""Expressions and templates: any text is parsed or refused, and nothing fails whatever the data."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Struct

from pvws.errors import InputError
from pvws.expression.arithmetic import OPERATIONS
from pvws.expression.comparison import ORDERS
from pvws.expression.expression import Expression
from pvws.expression.functions import FUNCTIONS
from pvws.expression.template import Template
from pvws.expression.trouble import ExpressionError
from pvws.expression.values import MISSING, NUMBERS, PLAIN, text_of
from pvws.wire.codec import encode_payload
from pvws.wire.events import Payload
from tests.property.strategies import payloads, timestamps

NAMES = ("a", "b", "data", "data.size", "data['x y']", "data.list[0]", "data.list[-1].size", "nothing", "b.a.c")
QUANTITIES = ("1 KiB", "1.5 MB", "250ms", "92%", "-3", "1e3", "2024-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00", "0")

literals = st.one_of(
    st.sampled_from(["null", "true", "false", "None", "[]", "0", "1", "0.5", str(2**63 - 1), "1e308"]),
    st.integers(0, 2**63 - 1).map(str),
    st.floats(0, allow_infinity=False, allow_nan=False).map(repr),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="'\\\""), max_size=8).map(
        lambda text: f"'{text}'"
    ),
    st.sampled_from(QUANTITIES).map(lambda text: f"'{text}'"),
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from([*ORDERS, *OPERATIONS, "and", "or"])
    calls = [
        st.tuples(*[inner] * max(function.least, 1)).map(lambda texts, name=name: f"{name}({', '.join(texts)})")
        for name, function in FUNCTIONS.items()
        if name != "has"
    ]
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} < {parts[1]} <= {parts[2]})"),
        st.tuples(st.sampled_from(["not ", "-"]), inner).map(lambda parts: f"({parts[0]}{parts[1]})"),
        st.lists(inner, max_size=3).map(lambda texts: f"[{', '.join(texts)}]"),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
        inner.map(lambda text: f"({text}).size"),
        st.sampled_from(NAMES).map(lambda name: f"has({name})"),
        st.tuples(inner, inner).map(lambda parts: f"round({parts[0]}, {parts[1]})"),
        *calls,
    )


expressions = st.recursive(literals | st.sampled_from(NAMES), _larger, max_leaves=12)

numbers = st.integers() | st.integers(-(10**400), 10**400) | st.floats()
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | numbers | st.text() | st.sampled_from(QUANTITIES) | timestamps,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "c", "size", "list", "x y"]), inner, max_size=4)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)
lookups = st.dictionaries(st.sampled_from(["a", "b", "data"]), values, max_size=3)

# Texts that are nearly expressions: a mistake is more often one letter than chaos.
PIECES = r"""
a data.size 1 2.5 'x' 'y z' == != < >= = ! && || ? : and or not in is if else ( ) [ ] { } , .
+ - * ** / % & | ~ ^ @ ; # $ ${ } \ ' " ''' lambda for f' b' len( min( has( é 日 “ 1x 0777 0x 1e 10ms 5%
yield await := ->
"""
pieces = st.sampled_from([*PIECES.split(), "\n", "\t", "'1 MiB'"])
texts = st.text() | st.lists(pieces, max_size=12).map(" ".join) | st.lists(pieces, max_size=12).map("".join)


def parsed(text: str) -> Expression | None:
    """The expression of a text, None where it is one that is refused."""
    try:
        return Expression.parse(text)
    except ExpressionError:
        return None


@given(texts)
@example("((((" * 1000)
@example("-" * 4000 + "a")
@example("a" + ".a" * 2000)
@example("[" * 4096)
@example("not " * 1000 + "a")
@example("lambda:" * 500 + "a")
@example("'\\N{x}'")
@example("'\\xé'")
@example("f'{a!x}'")
@example("a if")
@example("\x0c a")
@example("a\\\n")
def test_any_text_is_an_expression_or_refused_with_its_column(text: str) -> None:
    try:
        expression = Expression.parse(text)
    except ExpressionError as error:
        assert 1 <= error.column <= len(text) + 1
        assert str(error).startswith(f"column {error.column}: expected ")
        assert str(error).isprintable()
    else:
        expression.evaluate({})
        assert Expression.parse(text, known={name.partition(".")[0] for name in expression.names}).text == text


@given(expressions)
def test_what_is_made_by_the_grammar_is_an_expression_but_for_a_text_where_a_number_belongs(text: str) -> None:
    try:
        Expression.parse(text)
    except ExpressionError as error:
        assert "a quantity such as" in error.expected or error.expected.startswith("at most")


@given(expressions, lookups)
def test_evaluating_never_fails_and_gives_the_same_again(text: str, lookup: dict[str, Any]) -> None:
    expression = parsed(text)
    if expression is None:
        return
    value = expression.evaluate(lookup)
    assert type(value) in PLAIN or value is MISSING
    assert repr(expression.evaluate(lookup)) == repr(value)
    assert repr(expression.evaluate(lookup.__getitem__)) == repr(value)
    assert expression.holds(lookup) is bool(value)
    text_of(value)
    missing = expression.first_missing(lookup)
    assert missing is None or missing in expression.names


@given(lookups)
def test_a_comparison_and_its_opposite_agree_unless_something_is_missing(lookup: dict[str, Any]) -> None:
    there = "a" in lookup and "b" in lookup

    def holds(text: str) -> bool:
        return Expression.parse(text).holds(lookup)

    assert holds("a == b") == holds("b == a")
    assert holds("a < b") == holds("b > a")
    assert holds("a <= b") == holds("b >= a")
    assert holds("a != b") == (there and not holds("a == b"))
    assert holds("a not in b") == (there and not holds("a in b"))
    assert not (holds("a < b") and holds("a >= b"))
    assert holds("a == b") or not (holds("a <= b") and holds("a >= b"))
    if not there:
        assert not any(holds(f"a {operator} b") for operator in ("==", "!=", "<", "<=", ">", ">=", "in", "not in"))


@given(numbers, numbers)
def test_numbers_compare_as_numbers(left: float, right: float) -> None:
    lookup = {"a": left, "b": right}
    for operator, expected in (("<", left < right), ("<=", left <= right), ("==", left == right)):
        assert Expression.parse(f"a {operator} b").evaluate(lookup) is expected


@given(st.integers(-(2**31), 2**31), st.integers(-(2**31), 2**31))
def test_whole_numbers_are_reckoned_as_ever(left: int, right: int) -> None:
    lookup = {"a": left, "b": right}
    assert Expression.parse("a + b * 2 - (a - b)").evaluate(lookup) == left + right * 2 - (left - right)
    quotient, rest = Expression.parse("a // b").evaluate(lookup), Expression.parse("a % b").evaluate(lookup)
    assert (quotient, rest) == (divmod(left, right) if right else (MISSING, MISSING))


@given(expressions, lookups)
def test_no_number_is_made_that_json_has_not(text: str, lookup: dict[str, Any]) -> None:
    expression = parsed(f"({text}) * 1 + 0")
    value = None if expression is None else expression.evaluate(lookup)
    if type(value) in NUMBERS:
        assert value - value == 0  # neither infinite nor NaN
        assert type(value) is float or abs(value) < 2**63


def _paths(payload: Struct, path: str) -> list[str]:
    found = []
    for field in msgspec.structs.fields(payload):
        inner = f"{path}.{field.encode_name}"
        found += [inner, f"text({inner})", f"len({inner})", f"{inner}[0].size", f"{inner} > '1 KiB'", f"has({inner})"]
        value = getattr(payload, field.name)
        found += _paths(value, inner) if isinstance(value, Struct) else []
    return found


@given(payloads)
def test_a_payload_gives_the_same_decoded_as_struct_or_as_json(payload: Payload) -> None:
    raw = json.loads(encode_payload(payload))
    for text in _paths(payload, "data"):
        expression = Expression.parse(text)
        decoded, plain = expression.evaluate({"data": payload}), expression.evaluate({"data": raw})
        both = Expression.parse("decoded == plain").holds({"decoded": decoded, "plain": plain})
        assert both or (decoded is MISSING and plain is MISSING), text


@given(texts | st.lists(expressions.map(lambda text: f"${{{text}}}") | st.text(), max_size=4).map("".join), lookups)
@example("${", {})
@example("${'", {})
@example("$${${a}", {"a": 1})
@example("${a}" * 5000, {"a": 1})
def test_any_text_is_a_template_or_refused_and_filled_in_or_refused(text: str, lookup: dict[str, Any]) -> None:
    try:
        template = Template.parse(text)
    except ExpressionError as error:
        assert 1 <= error.column <= len(text) + 1
        return
    assert template.is_plain or "${" in text
    try:
        filled = template.fill(lookup)
    except InputError as error:
        assert str(error).startswith("column ")
        assert not template.is_plain
    else:
        assert filled is not MISSING
        assert repr(template.fill(lookup)) == repr(filled)


@given(st.text() | st.text("${}a"))
def test_a_text_with_its_dollars_doubled_stays_as_it_is(text: str) -> None:
    template = Template.parse(text.replace("${", "$${"))
    assert template.is_plain
    assert template.fill({}) == text


@given(st.text("ab*?[]\n", max_size=12), st.text("ab[]\n", max_size=12))
def test_a_glob_matches_what_the_plainest_matcher_says(glob: str, text: str) -> None:
    assert Expression.parse("matches(t, g)").evaluate({"t": text, "g": glob}) is _plainly(glob, text)


def _plainly(glob: str, text: str) -> bool:
    if not glob:
        return not text
    if glob[0] == "*":
        return _plainly(glob[1:], text) or (bool(text) and _plainly(glob, text[1:]))
    return bool(text) and glob[0] in ("?", text[0]) and _plainly(glob[1:], text[1:])


@pytest.mark.parametrize("read", [Expression.parse, Template.parse])
@given(text=expressions, at=st.integers(0, 200), letter=st.characters())
def test_a_slip_of_the_finger_is_refused_or_means_something(
    read: Callable[[str], Expression | Template], text: str, at: int, letter: str
) -> None:
    slipped = text[: at % (len(text) + 1)] + letter + text[at % (len(text) + 1) + 1 :]
    try:
        read(f"${{{slipped}}}" if read == Template.parse else slipped)
    except ExpressionError as error:
        assert 1 <= error.column <= len(slipped) + 4
