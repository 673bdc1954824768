"""What of Python's syntax the language has, and what is said of the rest."""

import re

import pytest

from pvws.expression.compiler import Compiler
from pvws.expression.expression import Expression
from pvws.expression.functions import FUNCTIONS
from pvws.expression.source import Source
from pvws.expression.trouble import ExpressionError
from pvws.expression.values import MISSING

NAMES = {"a": 1, "b": 2, "text": "word", "list": [1, 2, 3], "data": {"size": 5, "in": {"a b": 7}}}
ONE_OF_THE_FUNCTIONS = f"expected one of {', '.join(FUNCTIONS)}, got"


def value(text: str) -> object:
    """What a text gives with NAMES."""
    source = Source(text)
    return Compiler(source).compile(source.tree())(NAMES.__getitem__)


def names(text: str) -> list[str]:
    source = Source(text)
    compiler = Compiler(source)
    compiler.compile(source.tree())
    return list(compiler.names)


def said(text: str, known: tuple[str, ...] | None = None) -> str:
    source = Source(text)
    with pytest.raises(ExpressionError) as caught:
        Compiler(source, known).compile(source.tree())
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("null", None),
        ("None", None),
        ("true", True),
        ("True", True),
        ("false", False),
        ("3", 3),
        ("0x10", 16),
        ("1e3", 1000.0),
        ("'a' \"b\"", "ab"),
        ("a", 1),
        ("nothing", MISSING),
        ("data.size", 5),
        ("data['size']", 5),
        ("data['in']['a b']", 7),
        ("data['in'].nothing", MISSING),
        ("list[0] + list[-1]", 4),
        ("list[a]", 2),
        ("list[7]", MISSING),
        ("null.a", MISSING),
        ("[1, 2][1]", 2),
        ("(data or nothing).size", 5),
        ("a and b", 2),
        ("nothing and b", MISSING),
        ("a or b", 1),
        ("nothing or b", 2),
        ("false or nothing", MISSING),
        ("not a", False),
        ("not nothing", True),
        ("a < b", True),
        ("a < b < 3", True),
        ("a < b < 2", False),
        ("a < nothing < 3", False),
        ("nothing < a < 3", False),
        ("3 > b > a > 0 != 5", True),
        ("a != nothing", False),
        ("nothing != a", False),
        ("nothing == nothing", False),
        ("a in list", True),
        ("a not in list", False),
        ("nothing not in list", False),
        ("a not in nothing", False),
        ("-a", -1),
        ("--a", 1),
        ("-nothing", MISSING),
        ("a + b * 3 - 4 / 2", 5.0),
        ("7 // 2 % 2", 1),
        ("a + nothing", MISSING),
        ("b if a else 'no'", 2),
        ("b if nothing else 'no'", "no"),
        ("[]", []),
        ("[a, [b], 'c']", [1, [2], "c"]),
        ("[a, nothing]", MISSING),
        ("max(a, b, 0)", 2),
        ("matches(text, 'w*')", True),
        ("matches(nothing, 'w*')", False),
        ("len(nothing)", MISSING),
        ("has(data.size)", True),
        ("has(data.nothing)", False),
        ("has(list[2])", True),
        ("has(nothing) or has(nothing.at.all)", False),
    ],
)
def test_the_language_has(text: str, result: object) -> None:
    found = value(text)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lambda: 3", 'column 1: expected no lambda, got "lambda: 3"'),
        ("a ** 2", 'column 3: expected one of + - * / // %, got "**"'),
        ("(a) ** (2)", 'column 5: expected one of + - * / // %, got "**"'),
        ("a & b", 'column 3: expected "and", got "&"'),
        ("a | b", 'column 3: expected "or", got "|"'),
        ("a ^ b", 'column 3: expected one of + - * / // %, got "^"'),
        ("a @ b", 'column 3: expected one of + - * / // %, got "@"'),
        ("a << b", 'column 3: expected one of < <= > >=, got "<<"'),
        ("a >> b", 'column 3: expected one of < <= > >=, got ">>"'),
        ("a is null", 'column 3: expected "==", got "is"'),
        ("a is not null", 'column 3: expected "!=", got "is"'),
        ("1 < a is b", 'column 7: expected "==", got "is"'),
        ("~a", 'column 1: expected "not", got "~a"'),
        ("+a", 'column 1: expected no sign "+", got "+a"'),
        ("(a := 3)", 'column 2: expected "==", got "a := 3"'),
        ("a, b", 'column 1: expected a list in square brackets, got "a, b"'),
        ("a in (1, 2)", 'column 6: expected a list in square brackets, got "(1, 2)"'),
        ("{1, 2}", 'column 1: expected a list in square brackets, got "{1, 2}"'),
        ("{'a': 1}", "column 1: expected no mapping, got \"{'a': 1}\""),
        ("[a for a in b]", 'column 1: expected no comprehension, got "[a for a in b]"'),
        ("(a for a in b)", 'column 1: expected no comprehension, got "(a for a in b)"'),
        ("{a for a in b}", 'column 1: expected no comprehension, got "{a for a in b}"'),
        ("{a: a for a in b}", 'column 1: expected no comprehension, got "{a: a for a in b}"'),
        ("f'{a}'", "column 1: expected a text without f, got \"f'{a}'\""),
        ("b'a'", "column 1: expected a number, a text, true, false or null, got \"b'a'\""),
        ("3j", 'column 1: expected a number, a text, true, false or null, got "3j"'),
        ("...", 'column 1: expected a number, a text, true, false or null, got "..."'),
        ("a[1:2]", 'column 3: expected one index, got "1:2"'),
        ("a[1, 2]", 'column 3: expected a list in square brackets, got "1, 2"'),
        ("(await a)", 'column 2: expected a value, an operator or a function, got "await a"'),
        ("(yield)", 'column 2: expected a value, an operator or a function, got "yield"'),
        ("1e999", 'column 1: expected a number that a double can hold, got "1e999"'),
        (f"a > {2**63}", f'column 5: expected a whole number below 2^63, got "{2**63}"'),
        ("'\\ud800'", "column 1: expected whole characters, got \"'\\ud800'\""),
    ],
)
def test_the_language_has_not(text: str, message: str) -> None:
    assert said(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("open('x')", f'column 1: {ONE_OF_THE_FUNCTIONS} "open"'),
        ("match(a, 'b')", f'column 1: {ONE_OF_THE_FUNCTIONS} "match" (did you mean "matches"?)'),
        ("a.startsWith('b')", f'column 1: {ONE_OF_THE_FUNCTIONS} "a.startsWith" (did you mean "starts_with"?)'),
        ("a.b[0](1)", f'column 1: {ONE_OF_THE_FUNCTIONS} "a.b[0]"'),
        ("(lambda: 3)()", f'column 2: {ONE_OF_THE_FUNCTIONS} "lambda: 3"'),
        ("matches(a)", "column 1: expected 2 arguments in matches(text, glob), got 1"),
        ("b + len()", "column 5: expected 1 argument in len(value), got 0"),
        ("round(1, 2, 3)", "column 1: expected 1 to 2 arguments in round(number, decimals), got 3"),
        ("min()", "column 1: expected 1 or more arguments in min(value, …), got 0"),
        ("min(a, key=b)", 'column 12: expected min(value, …) without a name for an argument, got "b"'),
        ("min(**a)", 'column 7: expected min(value, …) without a name for an argument, got "a"'),
        ("min(*a)", 'column 5: expected no "*", got "*a"'),
        ("has('a')", "column 5: expected a name, such as has(data.size), got \"'a'\""),
        ("has(a + 1)", 'column 5: expected a name, such as has(data.size), got "a + 1"'),
    ],
)
def test_a_function_is_one_of_ours_with_its_arguments(text: str, message: str) -> None:
    assert said(text).startswith(message)


@pytest.mark.parametrize("text", ["a > '1 Mib'", "'5 sec' <= a", "1 < a < '10 minutes'", "a >= ' 3kb '"])
def test_a_quantity_that_is_none_is_refused_where_less_and_more_are_meant(text: str) -> None:
    assert "expected a number, or a quantity such as '1 MiB', '250ms' or '92%', got" in said(text)


@pytest.mark.parametrize(
    "text", ["a == '1 Mib'", "a > '2024-01'", "a > 'm'", "a > text('9f')", "a > '1 MiB'", "a > '9'"]
)
def test_a_text_that_is_just_a_text_is_not(text: str) -> None:
    assert value(text) is False or value(text) is True


@pytest.mark.parametrize("text", ["a * 'x'", "'a' * 10", "'ab' % 2", "1 - '1 Mib'"])
def test_nothing_but_joining_is_done_to_texts(text: str) -> None:
    assert "expected a number, or a quantity such as" in said(text)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    known = ("data", "type", "topic")
    assert said("typ == 'a'", known) == (
        'column 1: expected one of data, topic, type, got "typ" (did you mean "type"?)'
    )
    assert said("type == info", known) == (
        "column 9: expected one of data, topic, type, got \"info\" (a text is written in quotes: 'info')"
    )
    assert said("has(dat.size)", known).startswith("column 5: ")
    assert said("a", ()) == "column 1: expected no name, got \"a\" (a text is written in quotes: 'a')"


def test_names_are_listed_once_in_the_order_of_the_text() -> None:
    assert names("3") == []
    assert names("data.size > x and data.size < y.z or x") == ["data.size", "x", "y.z"]
    assert names("data == 1 and data.size > 1") == ["data", "data.size"]
    assert names("b if a else c") == ["b", "a", "c"]
    assert names("data.peers[n].id") == ["data.peers", "n"]
    assert names("data['a b'].c") == ["data.a b.c"]
    assert names("max(a, null, has(b.c), (d or e).f)") == ["a", "b.c", "d", "e"]


@pytest.mark.parametrize(
    "text",
    [
        "-" * 66 + "a",
        "not " * 66 + "a",
        "a" + " + a" * 66,
        "a" + ".b" * 66,
        "a" + "[0]" * 66,
        "a if b else " * 66 + "c",
    ],
)
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    assert said(text).endswith("expected at most 64 levels of nesting, got more")


@pytest.mark.parametrize(
    "text", ["-" * 64 + "a", "a" + " + a" * 64, "a" + ".b" * 64, "(" * 64 + "a" + ")" * 64, "a and " * 600 + "a"]
)
def test_what_is_nested_less_is_not(text: str) -> None:
    value(text)


def test_what_decides_is_all_that_is_asked_for() -> None:
    asked = []

    def roots(name: str) -> object:
        asked.append(name)
        return name == "yes"

    source = Source("(yes or a) and (no and b) or (1 if yes else c) or d")
    assert Compiler(source).compile(source.tree())(roots) == 1
    assert asked == ["yes", "no", "yes"]


KNOWN = {"n": {}, "peer": {"first": {"id": {}}, "*": {"id": {}, "tags": None}}}


@pytest.mark.parametrize(
    "text", ["n > 1", "peer", "peer.first.id", "peer['some one'].tags.x", "peer.b.tags[0].x", "[peer][0].x"]
)
def test_names_below_known_ones_pass_where_they_are_known_or_nobody_knows(text: str) -> None:
    assert Expression.parse(text, known=KNOWN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 < n.x", 'column 7: expected nothing behind "n", got "x"'),
        ("peer.first.idd", 'column 12: expected one of id behind peer.first., got "idd" (did you mean "id"?)'),
        ("peer.b.ids", 'column 8: expected one of id, tags behind peer.b., got "ids" (did you mean "id"?)'),
        ("peer['b']['ids']", 'column 1: expected one of id, tags behind peer.b., got "ids" (did you mean "id"?)'),
    ],
)
def test_a_name_below_a_known_one_that_it_has_not_is_refused(text: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(said)):
        Expression.parse(text, known=KNOWN)
