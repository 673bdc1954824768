"""Expressions as they are used: parsed once, asked often, of mappings, messages and functions."""

from collections import ChainMap

import msgspec
import pytest

from pvws.expression.expression import Expression
from pvws.expression.trouble import ExpressionError
from pvws.expression.values import MISSING
from pvws.timestamp import Timestamp
from tests.expression.things import Color, File, Peer, Plain

FILTER = "data.size > '1 MiB' and data.level != 'info'"


def test_a_filter_says_whether_a_message_is_meant() -> None:
    expression = Expression.parse(FILTER, known=("type", "topic", "data"))
    assert expression.names == ("data.size", "data.level")
    assert expression.holds({"data": {"size": 2_000_000, "level": "critical"}})
    assert not expression.holds({"data": {"size": 2_000_000, "level": "info"}})
    assert not expression.holds({"data": {"size": 2_000_000}})
    assert not expression.holds({})


def test_a_condition_asks_a_function_for_the_world() -> None:
    figures = {"storage_usage": 91.5, "connected_peers": 4}
    expression = Expression.parse("storage_usage > 90 and connected_peers < 10")
    assert expression.holds(figures.__getitem__)
    figures["connected_peers"] = 10
    assert not expression.holds(figures.__getitem__)


def test_any_mapping_will_do() -> None:
    assert Expression.parse("a + b").evaluate(ChainMap({"a": 1}, {"b": 2})) == 3


def test_a_name_that_the_function_does_not_know_is_missing_and_another_error_of_it_is_not_hidden() -> None:
    def lookup(name: str) -> object:
        raise KeyError(name) if name == "a" else ZeroDivisionError

    assert Expression.parse("a").evaluate(lookup) is MISSING
    with pytest.raises(ZeroDivisionError):
        Expression.parse("b").evaluate(lookup)


def test_a_message_gives_the_same_whether_it_is_decoded_or_not() -> None:
    class Message(msgspec.Struct, rename="camel"):
        at: Timestamp
        is_healthy: bool
        color: Color
        files: tuple[File, ...]

    decoded = Message(Timestamp(1_500_000), True, Color.RED, (File(3, ("a",)),))  # noqa: FBT003
    raw = {
        "at": "1970-01-01T00:00:01.500Z",
        "isHealthy": True,
        "color": "red",
        "files": [{"usedSpace": 3, "tags": ["a"]}],
    }
    for text in (
        "m.at > '1970-01-01T00:00:01Z'",
        "m.at == '1970-01-01T00:00:01.5Z'",
        "m.isHealthy",
        "m.color == 'red' and m.color in ['red', 'blue'] and starts_with(m.color, 'r')",
        "m.files[0].usedSpace * 2",
        "'a' in m.files[0].tags",
        "len(m.files)",
        "text(m.files)",
        "text(m.at)",
        "m.is_healthy",
        "has(m.files[0].node)",
    ):
        expression = Expression.parse(text)
        assert expression.evaluate({"m": decoded}) == expression.evaluate({"m": raw}), text


def test_a_thing_answers_for_itself_and_can_be_handed_on() -> None:
    peer = Peer({"id": "peer-1", "used": 10})
    assert Expression.parse("peer.used * 2").evaluate({"peer": peer}) == 20
    assert Expression.parse("peer").evaluate({"peer": peer}) is peer
    assert not Expression.parse("peer > 1 or peer == 'peer-1'").holds({"peer": peer})


@pytest.mark.parametrize(
    "text", ["x.method", "x.size", "x.__class__", "x.__init__.__globals__", "x['__class__']", "x._a"]
)
def test_there_is_no_way_into_an_object(text: str) -> None:
    for thing in (Plain(), Peer({}), File(1), "text", 3, [], Plain, len):
        assert Expression.parse(text).evaluate({"x": thing}) is MISSING


def test_the_first_missing_name_can_be_asked_for() -> None:
    expression = Expression.parse("a.b + a.c + d")
    assert expression.first_missing({"a": {"b": None, "c": 1}, "d": 1}) is None
    assert expression.first_missing({"a": {"b": None}, "d": 1}) == "a.c"
    assert expression.first_missing({}) == "a.b"


def test_a_mistake_is_told_with_its_column() -> None:
    with pytest.raises(ExpressionError, match=r'^column 11: expected "==", got "="$') as caught:
        Expression.parse("data.size = 3")
    assert caught.value.column == 11


def test_an_expression_shows_its_text() -> None:
    assert str(Expression.parse(" a > 1")) == " a > 1"
    assert repr(Expression.parse("a")) == "Expression('a')"
