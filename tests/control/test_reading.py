"""What is said in a body or a query: read strictly, every mistake with its path and what would be right."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from pvws.control.problems import Refusal
from pvws.control.reading import Json, Nothing, body_of, node_of, plain, query_of
from pvws.notation.quantities import Duration


class Inner(Struct, frozen=True):
    size: Annotated[int, Meta(ge=1, le=9)] = 1


class Said(Struct, frozen=True):
    name: str
    kind: Literal["left", "right"] = "left"
    wait: Duration = 0
    share: float = 0.5
    often: bool = False
    inner: Inner = Inner()
    data: Json = None
    names: list[str] = []


def wrong(content: bytes, kind: type[Struct] = Said) -> tuple[str, list[tuple[str, str, str | None, str | None]]]:
    with pytest.raises(Refusal) as refusal:
        body_of(content, kind)
    found = refusal.value
    return found.kind, [(each.path, each.expected, each.found, each.hint) for each in found.document.errors]


def test_a_body_is_read_into_its_type() -> None:
    body = b"""{"name": "n", "kind": "right", "wait": "1m30s", "share": 1, "often": true, "inner": {"size": 9},
        "data": {"a": [1, 2.5, null, "t", {"b": false}]}, "names": ["x"]}"""
    data = {"a": [1, 2.5, None, "t", {"b": False}]}
    assert body_of(body, Said) == Said(
        "n", "right", 90_000_000, 1.0, often=True, inner=Inner(9), data=data, names=["x"]
    )


def test_nothing_said_is_an_empty_object() -> None:
    assert body_of(b"", Nothing) == body_of(b"  \n", Nothing) == body_of(b"{}", Nothing) == Nothing()
    assert wrong(b"") == ("invalid", [("name", "a value", "nothing", None)])


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ('{"name": 5}', ("name", "a text", "5", None)),
        ('{"name": "n", "kind": "rihgt"}', ("kind", "one of left, right", '"rihgt"', 'did you mean "right"?')),
        ('{"name": "n", "knid": "left"}', ("", None, '"knid"', 'did you mean "kind"?')),
        ('{"name": "n", "wait": "30 sec"}', ("wait", None, '"30 sec"', 'did you mean "30s"?')),
        ('{"name": "n", "wait": 30}', ("wait", None, "30", None)),
        ('{"name": "n", "share": "half"}', ("share", "a number", '"half"', None)),
        ('{"name": "n", "share": true}', ("share", "a number", "true", None)),
        ('{"name": "n", "often": "on"}', ("often", "true or false", '"on"', None)),
        ('{"name": "n", "often": 1}', ("often", "true or false", "1", None)),
        ('{"name": "n", "inner": {"size": 10}}', ("inner.size", "a whole number from 1 to 9", "10", None)),
        ('{"name": "n", "inner": {"size": 1.5}}', ("inner.size", "a whole number", "1.5", None)),
        ('{"name": "n", "inner": {"size": true}}', ("inner.size", "a whole number", "true", None)),
        ('{"name": "n", "inner": []}', ("inner", "a mapping", "a list", None)),
        ('{"name": "n", "names": ["a", 1]}', ("names[1]", "a text", "1", None)),
        ('["name"]', ("", "a mapping", "a list", None)),
        ("null", ("", "a mapping", "nothing", None)),
    ],
)
def test_a_mistake_is_told_with_its_path_and_what_would_be_right(said: str, mistake: tuple[Any, ...]) -> None:
    kind, ((path, expected, found, hint),) = wrong(said.encode())
    assert kind == "invalid"
    assert (path, mistake[1] and expected, found, hint) == mistake


def test_every_mistake_is_told_at_once() -> None:
    _, mistakes = wrong(b'{"kind": 1, "wait": "x", "inner": {"size": 0, "sise": 1}}')
    assert {path for path, *_ in mistakes} == {"kind", "wait", "inner.size", "inner", "name"}


@pytest.mark.parametrize(
    ("content", "line", "column", "found"),
    [
        (b'{"name": }', 1, 10, "invalid character"),
        (b'{"name": "n",\n  "kind": lft}', 2, 11, "invalid character"),
        ('{"näme": "ö",,}'.encode(), 1, 14, "object keys must be strings"),
        (b'{"name": "n"', 1, 13, "its end"),
        (b'{"name": "n"} {}', 1, 16, "trailing characters"),
        (b'{"name": NaN}', 1, 10, "invalid character"),
        (b"{'name': 'n'}", 1, 2, "object keys must be strings"),
    ],
)
def test_what_is_no_json_is_told_with_line_and_column(content: bytes, line: int, column: int, found: str) -> None:
    with pytest.raises(Refusal, match=f"line {line}, column {column} of the body") as refusal:
        body_of(content, Said)
    (mistake,) = refusal.value.document.errors
    assert (refusal.value.kind, mistake.line, mistake.column, mistake.found) == ("syntax", line, column, found)


def test_bytes_that_are_no_text_are_refused() -> None:
    kind, _ = wrong(b'{"name": "\xff"}')
    assert kind == "syntax"


def test_what_is_nested_too_deeply_is_refused() -> None:
    assert wrong(b'{"name": "n", "data": ' + b"[" * 100 + b"]" * 100 + b"}")[0] == "invalid"
    assert wrong(b"[" * 1_000_000)[0] in ("invalid", "syntax")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(json_values)
def test_a_value_that_is_passed_on_is_as_it_was(value: Any) -> None:
    assert plain(node_of(value)) == value


@given(st.binary(max_size=60))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    try:
        body_of(content, Said)
    except Refusal as refusal:
        assert refusal.kind in ("syntax", "invalid")


class Asked(Struct, frozen=True):
    world: str = "main"
    limit: Annotated[int, Meta(ge=1)] = 100
    after: int | None = None


def test_a_query_is_read_into_its_type() -> None:
    assert query_of([], Asked) == Asked()
    assert query_of([("world", "12"), ("limit", "7"), ("after", "0")], Asked) == Asked("12", 7, 0)


@pytest.mark.parametrize(
    ("pairs", "path", "hint"),
    [
        ([("wrold", "a")], "", 'did you mean "world"?'),
        ([("limit", "0")], "limit", None),
        ([("limit", "many")], "limit", None),
        ([("limit", "")], "limit", None),
        ([("limit", "1"), ("limit", "2")], "limit", None),
    ],
)
def test_a_mistake_in_a_query_is_told_with_its_parameter(
    pairs: list[tuple[str, str]], path: str, hint: str | None
) -> None:
    with pytest.raises(Refusal) as refusal:
        query_of(pairs, Asked)
    assert refusal.value.kind == "query"
    assert (refusal.value.document.errors[0].path, refusal.value.document.errors[0].hint) == (path, hint)
