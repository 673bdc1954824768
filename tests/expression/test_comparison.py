"""How values compare: by kind, texts as numbers where they meet one, times as instants."""

from collections import UserDict
from typing import Any

import pytest

from pvws.expression.comparison import ORDERS, alike, contains, equal
from pvws.timestamp import Timestamp
from tests.expression.things import Color, File, Peer, nested

SECOND = "1970-01-01T00:00:01Z"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, 1.0),
        (2**53 + 1, 2**53 + 1),
        ("a", "a"),
        ("", ""),
        (None, None),
        (True, True),
        (1024, "1 KiB"),
        ("250ms", 0.25),
        (92, "92%"),
        (SECOND, "1970-01-01T01:00:01.000+01:00"),
        (Timestamp(1_000_000), SECOND),
        (Timestamp(5), Timestamp(5)),
        ([], []),
        ([1, ["a", None]], (1.0, ["a", None])),
        ({"a": [1], "b": 2}, {"b": 2, "a": [1.0]}),
        (UserDict(a=1), {"a": 1}),
        (File(3, ("a",)), {"usedSpace": 3, "tags": ["a"]}),
        (Color.RED, "red"),
        (["1 KiB"], [1024]),
    ],
)
def test_these_are_equal(left: object, right: object) -> None:
    assert equal(left, right)
    assert equal(right, left)
    assert ORDERS["=="](left, right)
    assert not ORDERS["!="](left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, 2),
        (1, True),
        (0, False),
        (0, None),
        (0, ""),
        (False, None),
        ("", None),
        ("true", True),
        ("a", "A"),
        (3, "three"),
        ("1 KiB", "1024"),
        (SECOND, "1970-01-01T00:00:02Z"),
        (SECOND, "a text of more than 20"),
        (Timestamp(1), 1),
        (Timestamp(1), "soon"),
        ([1], [1, 2]),
        ([1], 1),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 2}),
        ({}, []),
        (float("nan"), float("nan")),
        (2**53, 2**53 + 1),
        (10**400, 1e308),
        (Peer({}), Peer({})),
    ],
)
def test_these_are_not_equal(left: object, right: object) -> None:
    assert not equal(left, right)
    assert not equal(right, left)
    assert ORDERS["!="](left, right)


def test_a_thing_equals_itself_alone() -> None:
    peer = Peer({})
    assert equal(peer, peer)
    assert equal([peer], [peer])


def test_lists_deeper_than_a_message_are_not_equal() -> None:
    assert equal(nested(64), nested(64))
    assert not equal(nested(100_000), nested(100_000))


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (1, 2),
        (1, 1.5),
        (-1, "1 KiB"),
        ("100ms", 1),
        ("91.9%", 92),
        ("a", "b"),
        ("10", "9"),
        ("Z", "a"),
        (SECOND, "1970-01-01T00:00:01.001Z"),
        ("1970-01-01T09:00:00+09:00", SECOND),
        (Timestamp(0), SECOND),
        (SECOND, Timestamp(1_001_000)),
        (Timestamp(1000), Timestamp(2000)),
        (1e308, 10**400),
    ],
)
def test_this_is_less_than_that(less: object, more: object) -> None:
    assert [name for name in ("<", "<=", ">", ">=") if ORDERS[name](less, more)] == ["<", "<="]
    assert [name for name in ("<", "<=", ">", ">=") if ORDERS[name](more, less)] == [">", ">="]


def test_what_is_equal_is_neither_less_nor_more() -> None:
    assert [name for name in ("<", "<=", ">", ">=") if ORDERS[name]("1 KiB", 1024)] == ["<=", ">="]
    assert [name for name in ("<", "<=", ">", ">=") if ORDERS[name](3, 3)] == ["<=", ">="]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, "one"),
        (1, True),
        (1, None),
        ("a", None),
        (None, None),
        (True, False),
        ([1], [2]),
        ({}, {}),
        (Timestamp(0), 1),
        (Peer({}), 1),
        (float("nan"), 1),
        ([], "a"),
    ],
)
def test_of_what_cannot_be_compared_nothing_is_less(left: object, right: object) -> None:
    for name in ("<", "<=", ">", ">="):
        assert ORDERS[name](left, right) is False
        assert ORDERS[name](right, left) is False


def test_what_can_be_compared_comes_as_python_compares_it() -> None:
    assert alike(1, "1 KiB") == (1, 1024)
    assert alike("a", "b") == ("a", "b")
    assert alike(SECOND, SECOND) == (1_000_000, 1_000_000)
    assert alike(SECOND, "soon") == (SECOND, "soon")
    assert alike(1, None) is None


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ([1, 2], 2),
        ([1024], "1 KiB"),
        ([None], None),
        ([[1]], [1]),
        ("network error", "work"),
        ("a", ""),
        ({"a": None}, "a"),
        (UserDict(a=1), "a"),
        (Peer({"id": 1}), "id"),
    ],
)
def test_this_is_in_that(outer: object, inner: object) -> None:
    assert contains(outer, inner)
    assert ORDERS["in"](inner, outer)
    assert not ORDERS["not in"](inner, outer)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [([1, 2], 3), ([], None), ([True], 1), ("abc", "B"), ("1", 1), ({"a": 1}, 1), (5, 5), (None, "a"), (5, "5")],
)
def test_this_is_not_in_that(outer: Any, inner: Any) -> None:
    assert not contains(outer, inner)
    assert ORDERS["not in"](inner, outer)
