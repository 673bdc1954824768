"""Values as the language knows them: names in them, and what they are as truths, numbers and texts."""

from collections import UserDict, defaultdict
from enum import Enum, IntEnum

import pytest
from msgspec import UNSET

from pvws.expression.values import MISSING, Missing, instant_of, item, member, number_of, plain, text_of, truth
from pvws.timestamp import Timestamp
from tests.expression.things import Color, File, Peer, Plain, nested


class Level(IntEnum):
    LOW = 1


class Wrapped(Enum):
    PAIR = (1, 2)


@pytest.mark.parametrize(
    ("value", "known_as"),
    [
        (3, 3),
        (True, True),
        (None, None),
        ([1], [1]),
        ((1, 2), [1, 2]),
        (Color.RED, "red"),
        (Level.LOW, 1),
        (Wrapped.PAIR, [1, 2]),
        (Timestamp(0), "1970-01-01T00:00:00.000Z"),
        (UNSET, MISSING),
        (MISSING, MISSING),
    ],
)
def test_a_value_is_known_as_json_would_have_it(value: object, known_as: object) -> None:
    known = plain(value)
    assert known == known_as
    assert type(known) is type(known_as)


def test_what_is_missing_counts_as_false_and_says_so() -> None:
    assert not Missing()
    assert repr(MISSING) == "missing"


def test_a_member_of_a_mapping_is_found_by_its_key() -> None:
    assert member({"size": 3}, "size") == 3
    assert member({"size": 3}, "keys") is MISSING
    assert member(UserDict({"size": 3}), "size") == 3
    assert member(UserDict(), "keys") is MISSING


def test_looking_for_a_key_never_makes_it() -> None:
    counts: defaultdict[str, int] = defaultdict(int)
    assert member(counts, "a") is MISSING
    assert not counts


def test_a_member_of_a_struct_has_the_name_that_it_has_on_the_wire() -> None:
    file = File(3, ("a",))
    assert member(file, "usedSpace") == 3
    assert member(file, "tags") == ["a"]
    for name in ("used_space", "node", "_secret", "Secret", "__class__", "__struct_fields__", "nothing"):
        assert member(file, name) is MISSING, name


def test_a_thing_is_asked_for_its_names() -> None:
    peer = Peer({"id": "peer-1", "kind": Color.RED})
    assert member(peer, "id") == "peer-1"
    assert member(peer, "kind") == "red"
    for name in ("public", "look_up", "_names", "__class__"):
        assert member(peer, name) is MISSING, name


@pytest.mark.parametrize("value", [Plain(), 3, "text", None, [1], MISSING, Plain])
@pytest.mark.parametrize("name", ["size", "method", "__class__", "real", "upper", "append"])
def test_nothing_else_has_names(value: object, name: str) -> None:
    assert member(value, name) is MISSING


@pytest.mark.parametrize(
    ("value", "index", "found"),
    [
        ([1, 2], 0, 1),
        ([1, 2], -1, 2),
        ([1, 2], -2, 1),
        ([1, 2], 2, MISSING),
        ([1, 2], -3, MISSING),
        ([1, 2], True, MISSING),
        ([1, 2], 0.0, MISSING),
        ([(1, 2)], 0, [1, 2]),
        ({"a": 1}, "a", 1),
        ({"a": 1}, 0, MISSING),
        ("text", 0, MISSING),
        ([1], 10**30, MISSING),
        ([1], [], MISSING),
    ],
)
def test_an_item_is_found_by_a_whole_number(value: object, index: object, found: object) -> None:
    assert item(value, index) == found


@pytest.mark.parametrize("value", [None, False, 0, 0.0, "", [], {}, UserDict(), MISSING])
def test_what_is_nothing_counts_as_false(value: object) -> None:
    assert truth(value) is False


@pytest.mark.parametrize("value", [True, 1, -0.1, "false", [0], {"a": 0}, UserDict(a=0), Plain(), File(0)])
def test_what_is_something_counts_as_true(value: object) -> None:
    assert truth(value) is True


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        (2.5, 2.5),
        ("3", 3),
        ("-3", -3),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1 KiB", 1024),
        ("1.5 MB", 1_500_000),
        ("-1 KiB", -1024),
        ("250ms", 0.25),
        ("1m30s", 90.0),
        ("92%", 92.0),
        ("7%", 7.0),
        ("150 %", 150.0),
        ("9007199254740993", 9007199254740993),
    ],
)
def test_a_text_is_read_as_a_number(value: object, number: float) -> None:
    assert number_of(value) == number
    assert type(number_of(value)) is type(number)


@pytest.mark.parametrize(
    "value",
    [
        *("", "-", "x", "1 Mib", "1 x", "--1", "+1", "1,5", "٣", "1e999", "1_000", "0x10", "inf", "nan", "%", "- 1"),
        *("9" * 41, "9 PiB", "999999h", True, None, [], {}, [1], MISSING, Timestamp(0)),
    ],
)
def test_what_is_no_number_is_none(value: object) -> None:
    assert number_of(value) is None


def test_a_time_is_an_instant() -> None:
    assert instant_of("1970-01-01T00:00:01Z") == 1_000_000
    assert instant_of("1970-01-01T01:00:01.000000+01:00") == 1_000_000


@pytest.mark.parametrize("text", ["", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z", "x" * 24, "0" * 100])
def test_what_is_no_time_is_none(text: str) -> None:
    assert instant_of(text) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        ("a", "a"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (3.0, "3"),
        (-0.0, "0"),
        (2.5, "2.5"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e15, "1000000000000000"),
        (1e16, "1e+16"),
        (1e-7, "1e-07"),
        (2**64, "18446744073709551616"),
        (Timestamp(0), "1970-01-01T00:00:00.000Z"),
        ([], "[]"),
        ([1, 2.0, None, True, "a\n"], '[1,2,null,true,"a\\n"]'),
        ({"b": [Timestamp(0)], "a": {"é": 1}}, '{"b":["1970-01-01T00:00:00.000Z"],"a":{"é":1}}'),
        ((Color.RED, Level.LOW), '["red",1]'),
        (File(3, ("a",)), '{"usedSpace":3,"tags":["a"]}'),
    ],
)
def test_a_value_has_a_short_text(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    "value",
    [
        MISSING,
        Plain(),
        Peer({}),
        [Plain()],
        float("nan"),
        float("inf"),
        [float("-inf")],
        10**5000,
        {"a", "b"},
        b"bytes",
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_text_is_missing(value: object) -> None:
    assert text_of(value) is MISSING


def test_a_text_is_no_longer_and_no_deeper_than_a_message() -> None:
    assert text_of("x" * 2**20) == "x" * 2**20
    assert text_of("x" * (2**20 + 1)) is MISSING
    assert text_of(nested(64)) == "[" * 65 + "]" * 65
    assert text_of(nested(65)) is MISSING
    assert text_of(nested(100_000)) is MISSING
