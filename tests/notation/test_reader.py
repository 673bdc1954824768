"""From a tree to typed structs: strict about every value, and telling of all mistakes at once."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from pvws.errors import InputError
from pvws.notation.document import Node, parse, scalar
from pvws.notation.quantities import Duration, Rate
from pvws.notation.reader import INVALID, Form, Reader, Unit, nearest


def even(text: str) -> int:
    if not text.isdigit() or int(text) % 2:
        raise ValueError("an even number")
    return int(text)


class Inner(Struct, frozen=True, rename={"lasting": "for"}):
    lasting: Annotated[int, Unit(even)]
    colour: Literal["red", "green"] = "red"


class Outer(Struct, frozen=True):
    name: str
    count: Annotated[int, Meta(ge=1, le=9)] = 1
    one: Annotated[int, Meta(ge=1, le=1)] = 1
    share: Annotated[float, Meta(ge=0, le=1)] = 0.5
    on: bool = False
    maybe: str | None = "so"
    inner: Inner | None = None
    words: Annotated[list[str], Meta(max_length=2)] = []
    counts: dict[str, Annotated[int, Meta(ge=0, le=9)]] = {}
    form: Annotated[int, Form(lambda reader, node, path: reader.problem(node, path, "another form"))] = 0


def read(text: str) -> tuple[Any, list[str]]:
    reader = Reader("f.yaml")
    value = reader.struct(parse(text, "f.yaml"), Outer, "")
    return value, [str(problem) for problem in reader.problems]


def test_what_is_left_out_has_its_default() -> None:
    assert read("name: x") == (Outer("x"), [])


def test_every_kind_of_value_is_read() -> None:
    value, problems = read(
        "{name: x, count: 9, share: 1, on: on, maybe: ~, inner: {for: 4, colour: green}, words: [a, 1], counts: {a: 3}}"
    )
    assert problems == []
    assert value == Outer(
        "x", count=9, share=1.0, on=True, maybe=None, inner=Inner(4, "green"), words=["a", "1"], counts={"a": 3}
    )


def test_a_number_where_text_belongs_is_taken_as_it_was_written() -> None:
    assert read("name: 1.10")[0].name == "1.10"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "f.yaml:1:1: name: expected a value, got nothing"),
        ("[]", "f.yaml:1:1: expected a mapping, got a list"),
        ("{name: }", "f.yaml:1:7: name: expected a text, got nothing"),
        ("{name: off}", "f.yaml:1:8: name: expected a text, got off"),
        ("{name: {a: 1}}", "f.yaml:1:8: name: expected a text, got a mapping"),
        ("{name: x, count: 0}", "f.yaml:1:18: count: expected a whole number from 1 to 9, got 0"),
        ("{name: x, count: 10}", "f.yaml:1:18: count: expected a whole number from 1 to 9, got 10"),
        ("{name: x, count: 1.0}", "f.yaml:1:18: count: expected a whole number, got 1.0"),
        ("{name: x, count: true}", "f.yaml:1:18: count: expected a whole number, got true"),
        ("{name: x, count: '1'}", 'f.yaml:1:18: count: expected a whole number, got "1"'),
        ("{name: x, one: 2}", "f.yaml:1:16: one: expected 1, got 2"),
        ("{name: x, share: 1.5}", "f.yaml:1:18: share: expected a number from 0 to 1, got 1.5"),
        ("{name: x, share: 50%}", 'f.yaml:1:18: share: expected a number, got "50%"'),
        ("{name: x, on: yes}", 'f.yaml:1:15: on: expected on or off, got "yes"'),
        ("{name: x, on: 1}", "f.yaml:1:15: on: expected on or off, got 1"),
        ("{name: x, maybe: []}", "f.yaml:1:18: maybe: expected a text, got a list"),
        ("{name: x, inner: 3}", "f.yaml:1:18: inner: expected a mapping, got 3"),
        ("{name: x, inner: {}}", "f.yaml:1:18: inner.for: expected a value, got nothing"),
        ("{name: x, inner: {for: 3}}", "f.yaml:1:24: inner.for: expected an even number, got 3"),
        ("{name: x, inner: {for: }}", "f.yaml:1:23: inner.for: expected an even number, got nothing"),
        ("{name: x, inner: {for: on}}", "f.yaml:1:24: inner.for: expected an even number, got on"),
        ("{name: x, inner: {for: [2]}}", "f.yaml:1:24: inner.for: expected an even number, got a list"),
        (
            "{name: x, inner: {for: 2, colour: gren}}",
            'f.yaml:1:35: inner.colour: expected one of red, green, got "gren" (did you mean "green"?)',
        ),
        (
            "{name: x, inner: {for: 2, colour: {a: b}}}",
            "f.yaml:1:35: inner.colour: expected one of red, green, got a mapping",
        ),
        ("{name: x, words: a}", 'f.yaml:1:18: words: expected a list, got "a"'),
        ("{name: x, words: [a, b, c]}", "f.yaml:1:18: words: expected at most 2 of them, got 3"),
        ("{name: x, words: [a, []]}", "f.yaml:1:22: words[1]: expected a text, got a list"),
        ("{name: x, counts: 1}", "f.yaml:1:19: counts: expected a mapping, got 1"),
        ("{name: x, counts: {a: -1}}", "f.yaml:1:23: counts.a: expected a whole number from 0 to 9, got -1"),
        ("{name: x, form: 1}", "f.yaml:1:17: form: expected another form, got 1"),
    ],
)
def test_a_wrong_value_is_told_with_place_path_expected_and_found(text: str, said: str) -> None:
    value, problems = read(text)
    assert value is INVALID
    assert problems == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "{name: x, inner: {for: 2, color: red}}",
            'f.yaml:1:27: inner: expected one of for, colour, got "color" (did you mean "colour"?)',
        ),
        (
            "{name: x, inner: {for: 2, lasting: 2}}",
            'f.yaml:1:27: inner: expected one of for, colour, got "lasting"',
        ),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest_known_one(text: str, said: str) -> None:
    assert read(text) == (Outer("x", inner=Inner(2)), [said])


def test_an_unknown_key_stands_beside_what_can_be_read() -> None:
    value, problems = read("{name: x, conut: 1}")
    assert value == Outer("x"), "whoever reads looks at the problems"
    assert problems == [
        "f.yaml:1:11: expected one of name, count, one, share, on, maybe, inner, words, counts, form, "
        'got "conut" (did you mean "count"?)'
    ]


def test_a_bound_on_one_side_is_told_as_one() -> None:
    class Open(Struct):
        count: Annotated[int, Meta(ge=126)]

    reader = Reader("f.yaml")
    assert reader.struct(parse("count: 125", "f.yaml"), Open, "") is INVALID
    assert [str(problem) for problem in reader.problems] == [
        "f.yaml:1:8: count: expected a whole number from 126 on, got 125"
    ]


def test_a_large_bound_is_told_in_digits() -> None:
    class Large(Struct):
        count: Annotated[int, Meta(ge=1, le=2**31)]

    reader = Reader("f.yaml")
    reader.struct(parse("count: 0", "f.yaml"), Large, "")
    assert str(reader.problems[0]).endswith("expected a whole number from 1 to 2147483648, got 0")


def test_what_is_secret_is_not_quoted() -> None:
    reader = Reader("f.yaml", lambda path: path.startswith("inner"))
    reader.struct(parse("{name: [], inner: {for: hunter2, hunter2: 2}}", "f.yaml"), Outer, "")
    assert [str(problem) for problem in reader.problems] == [
        "f.yaml:1:8: name: expected a text, got a list",
        "f.yaml:1:34: inner: expected one of for, colour, got something else",
        "f.yaml:1:25: inner.for: expected an even number, got something else",
    ]


def test_all_problems_are_found_at_once() -> None:
    value, problems = read("{count: 0, inner: {colour: blue, x: 1}, words: [[], {}]}")
    assert value is INVALID
    assert [problem.split(": expected")[0] for problem in problems] == [
        "f.yaml:1:1: name",
        "f.yaml:1:9: count",
        "f.yaml:1:34: inner",
        "f.yaml:1:19: inner.for",
        "f.yaml:1:28: inner.colour",
        "f.yaml:1:49: words[0]",
        "f.yaml:1:53: words[1]",
    ]


def test_a_word_that_is_near_is_a_hint() -> None:
    """For callers with words of their own."""
    assert nearest("uplods", ("uploads", "deletes")) == 'did you mean "uploads"?'


def test_after_a_hundred_problems_no_more_hints_are_looked_for() -> None:
    reader = Reader("f.yaml")
    reader.read(parse("[grean, 5 sec]", "f.yaml"), list[Literal["green"]], "")
    assert [problem.hint for problem in reader.problems] == ['did you mean "green"?', None]
    many = parse(f"[{', '.join(['grean'] * 200)}]", "f.yaml")
    reader.read(many, list[Literal["green"]], "")
    reader.read(many, list[Duration], "")
    assert len(reader.problems) == 402
    assert sum(problem.hint is not None for problem in reader.problems) == 99


def test_a_problem_is_told_with_the_file_that_the_node_knows() -> None:
    reader = Reader("outer.yaml")
    reader.read(parse("x", "inner.yaml"), int, "a")
    reader.read(Node("x", 2, 3), int, "b")
    reader.read(scalar("x", "--set"), int, "c")
    assert [str(problem) for problem in reader.problems] == [
        'inner.yaml:1:1: a: expected a whole number, got "x"',
        'outer.yaml:2:3: b: expected a whole number, got "x"',
        '--set: c: expected a whole number, got "x"',
    ]


def test_an_unknown_key_of_a_tree_that_nobody_wrote_is_told_as_well_as_can_be() -> None:
    reader = Reader("f.yaml")
    reader.struct(Node({"name": Node("x"), "count": Node(1, 3, 4), "nmae": Node(1, 5, 6)}), Outer, "")
    assert [str(problem).partition(": expected")[0] for problem in reader.problems] == ["f.yaml:5:6"]


def test_a_struct_without_keys_takes_none() -> None:
    class Empty(Struct):
        pass

    reader = Reader("f.yaml")
    assert reader.struct(parse("{a: 1}", "f.yaml"), Empty, "x") == Empty()
    assert [str(problem) for problem in reader.problems] == ['f.yaml:1:2: x: expected no key, got "a"']


# Descriptions and bounds, beside anything

SAID = Meta(description="What it is.", examples=["x"])


class Described(Struct, frozen=True):
    name: Annotated[str, SAID] = ""
    inner: Annotated[Inner | None, SAID] = None
    colour: Annotated[Literal["red", "green"], SAID] = "red"
    lasting: Annotated[Duration, SAID] = 0
    maybe: Annotated[Duration | None, SAID] = 0
    perhaps: Annotated[Duration, SAID] | None = 0
    counts: Annotated[dict[str, Annotated[int, SAID]], SAID] = {}
    words: Annotated[tuple[str, ...], SAID] = ()
    form: Annotated[Annotated[int, Form(lambda reader, node, path: 7)], SAID] = 0


def test_a_description_may_stand_beside_anything() -> None:
    reader = Reader("f.yaml")
    text = (
        "{name: x, inner: {for: 2}, colour: green, lasting: 1s, maybe: , perhaps: 2s, counts: {a: 1}, words: [a],"
        " form: x}"
    )
    value = reader.struct(parse(text, "f.yaml"), Described, "")
    assert reader.problems == []
    assert value == Described("x", Inner(2), "green", 1_000_000, None, 2_000_000, {"a": 1}, ("a",), 7)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (Annotated[float, Meta(gt=0)], "0", "a number above 0, got 0"),
        (Annotated[int, Meta(le=9)], "10", "a whole number of at most 9, got 10"),
        (Annotated[int, Meta(ge=1, lt=9)], "9", "a whole number from 1 and below 9, got 9"),
        (Annotated[str, Meta(min_length=1)], "''", "at least 1 character, got 0"),
        (Annotated[str, Meta(max_length=3)], "abcd", "at most 3 characters, got 4"),
        (Annotated[list[int], Meta(min_length=1)], "[]", "at least 1 of them, got 0"),
        (Annotated[tuple[int, ...], Meta(max_length=1)], "[1, 2]", "at most 1 of them, got 2"),
        (Annotated[dict[str, int], Meta(max_length=1)], "{a: 1, b: 2}", "at most 1 of them, got 2"),
        (Annotated[int | None, Meta(ge=1)], "0", "a whole number from 1 on, got 0"),
        (Annotated[Duration, Meta(ge=1_000_000)], "500ms", 'a duration from 1s on, got "500ms"'),
        (Annotated[Rate, Meta(gt=0, le=10)], "11/s", 'a rate above 0/s and at most 10/s, got "11/s"'),
        (Annotated[int, Unit(even), Meta(le=4)], "6", "a whole number of at most 4, got 6"),
    ],
)
def test_bounds_may_stand_beside_anything(kind: Any, text: str, said: str) -> None:
    reader = Reader("f.yaml")
    assert reader.read(parse(text, "f.yaml"), kind, "") is INVALID
    assert [str(problem) for problem in reader.problems] == [f"f.yaml:1:1: expected {said}"]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Annotated[int | None, Meta(ge=1)], "~", None),
        (Annotated[float, Meta(gt=0, lt=1)], "0.5", 0.5),
        (Annotated[Duration, Meta(ge=1_000_000)], "1s", 1_000_000),
        (Annotated[bool, SAID], "on", True),
    ],
)
def test_what_is_within_its_bounds_is_taken(kind: Any, text: str, value: object) -> None:
    reader = Reader("f.yaml")
    assert reader.read(parse(text, "f.yaml"), kind, "") == value
    assert not reader.problems


def test_a_hint_never_quotes_what_is_secret() -> None:
    reader = Reader("f.yaml", lambda path: True)
    reader.read(parse("30 sec", "f.yaml"), Duration, "token")
    assert [str(problem) for problem in reader.problems] == [
        'f.yaml:1:1: token: expected a duration like "30s", "1m30s" or "500ms", got something else'
    ]


@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from(
            [
                *("name: ", "count: ", "inner: ", "for: ", "lasting: ", "words: ", "counts: ", "form: ", "colour: "),
                *("x", "1", "1s", "on", "~", "green", "[", "]", "{", "}", ", ", "\n", "\n  ", "- "),
            ]
        ),
        max_size=16,
    ).map("".join)
)
def test_any_text_is_a_value_or_an_error_that_says_where(text: str) -> None:
    for kind in (Outer, Described):
        reader = Reader("f.yaml")
        try:
            value = reader.struct(parse(text, "f.yaml"), kind, "")
        except InputError:
            continue
        assert isinstance(value, kind) or (value is INVALID and reader.problems)
        for problem in reader.problems:
            assert problem.file == "f.yaml"
            assert (problem.line or 0) >= 1
            assert problem.expected
            assert str(problem).isprintable()


def test_a_unit_that_takes_an_empty_text_is_our_own_mistake() -> None:
    class Wrong(Struct):
        x: Annotated[str, Unit(str)]

    with pytest.raises(AssertionError, match="no unit takes an empty text"):
        Reader("f.yaml").struct(parse("x: []", "f.yaml"), Wrong, "")
