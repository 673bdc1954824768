"""Values as one would write them: only what is read as the same again."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, field

from pvws.notation.document import Node, parse
from pvws.notation.forms import Form, Unit, fields
from pvws.notation.quantities import Duration, Factor, Percentage, Rate, Size
from pvws.notation.reader import Reader
from pvws.notation.written import UNWRITTEN, default, flow, key_text, written
from tests.support.trees import plain


def instant(text: str) -> int | None:
    if text == "now":
        return None
    if not text.startswith("at "):
        raise ValueError('"now" or "at 5"')
    return int(text[3:])


Instant = Annotated[int | None, Unit(instant, write=lambda value: "now" if value is None else f"at {value}")]
Silent = Annotated[int, Unit(lambda text: int(text or "no number"))]
Lying = Annotated[int, Unit(lambda text: int(text or "no number") + 1, write=str)]


def one_of(reader: Reader, node: Node, path: str) -> Any:
    return reader.read(node, int, path) if isinstance(node.value, int) else reader.read(node, list[int], path)


def form(**notes: Any) -> Any:
    return Annotated[int | list[int], Form(one_of, **notes)]


class Inner(Struct, frozen=True, rename={"lasting": "for"}):
    at: Duration
    lasting: Duration = 5_000_000
    colour: Literal["red", "green"] = "red"


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        (str, "x", "x"),
        (str, "on", "on"),
        (int, 7, 7),
        (float, 1.0, 1),
        (float, 0.25, 0.25),
        (bool, True, True),
        (Literal["a", "b"], "b", "b"),
        (int | None, None, None),
        (int | None, 5, 5),
        (Duration, 90_000_000, "1m30s"),
        (Duration | None, 90_000_000, "1m30s"),
        (Annotated[Duration | None, "a note"], None, None),
        (Size, 64 * 2**30, "64 GiB"),
        (Rate, 1 / 6, "10/min"),
        (Percentage, 0.4, "40%"),
        (Factor, 2.0, 2),
        (Instant, None, "now"),
        (Instant, 5, "at 5"),
        (list[Duration], [0, 1_000_000], ["0s", "1s"]),
        (tuple[str, ...], ("*", "on"), ["*", "on"]),
        (dict[str, Percentage], {"on": 0.5}, {"on": "50%"}),
        (Inner, Inner(0), {"at": "0s"}),
        (Inner, Inner(1_000_000, lasting=2_000_000, colour="green"), {"at": "1s", "for": "2s", "colour": "green"}),
        (list[Inner], [Inner(0)], [{"at": "0s"}]),
        (form(write=lambda value: [value]), [3], UNWRITTEN),
        (form(write=lambda value: value), [3], [3]),
        (Annotated[Inner, Form(lambda reader, node, path: reader.struct(node, Inner, path))], Inner(0), {"at": "0s"}),
    ],
)
def test_a_value_is_told_in_the_notation_of_its_type(kind: Any, value: Any, told: Any) -> None:
    found = written(kind, value)
    assert found == told
    assert type(found) is type(told)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Silent, 5),
        (Silent | None, 5),
        (list[Silent], [5]),
        (dict[str, Silent], {"a": 5}),
        (Lying, 5),
        (Rate, 1 / 7),
        (float, 1e-30),
        (float, float("inf")),
        (int, 10**18),
        (str, "\ud800"),
        (int, None),
        (form(), 3),
        (Inner, None),
    ],
)
def test_what_cannot_be_told_truly_is_not_told(kind: Any, value: Any) -> None:
    assert written(kind, value) is UNWRITTEN


def test_a_default_is_told_if_there_is_something_to_tell() -> None:
    class Whole(Struct):
        inner: Inner | None = None
        instant: Instant = None
        here: Inner = Inner(0)
        words: list[str] = field(default_factory=list)
        shares: dict[str, Percentage] = field(default_factory=lambda: {"a": 0.5})
        off: bool = False
        zero: int = 0
        silent: Silent = 5

    class Settled(Struct):
        whole: Whole = field(default_factory=Whole)

    assert {key.key: told for key in fields(Whole) if (told := default(key)) is not UNWRITTEN} == {
        "instant": "now",
        "here": {"at": "0s"},
        "shares": {"a": "50%"},
        "off": False,
        "zero": 0,
    }
    assert default(fields(Settled)[0]) is UNWRITTEN


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "on"),
        (False, "off"),
        (-7, "-7"),
        (0.5, "0.5"),
        (2.0, "2.0"),
        (1e-7, "0.0000001"),
        ("64 GiB", "64 GiB"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("10/min", "10/min"),
        ("on", '"on"'),
        ("7", '"7"'),
        ("", '""'),
        ("*", '"*"'),
        ("a, b", '"a, b"'),
        ("a: b", '"a: b"'),
        ("a\nb", '"a\\nb"'),
        ([], "[]"),
        (["a", [1]], "[a, [1]]"),
        ({"on": {"a b": True}, "*": 1}, '{on: {a b: on}, "*": 1}'),
    ],
)
def test_yaml_is_written_on_one_line(value: Any, text: str) -> None:
    assert flow(value) == text


def test_what_is_written_as_nothing_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError, match="nothing is written as a set"):
        flow({1})


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.text(
    "ab:-?[]{},&*!|>'\"%@ #.~<=", max_size=6
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.decimals(-(10**9), 10**9, places=6).map(float)
    | st.sampled_from(["on", "null", "1:30", "0123", "...", "---", "1.5"])
    | WORDS,
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(WORDS.filter(lambda word: bool(word) and word.isprintable()), each, max_size=3)
    ),
    max_leaves=6,
)


@given(VALUES)
def test_what_is_written_is_read_as_the_same(value: Any) -> None:
    text = flow(value)
    assert text.isprintable()
    assert plain(parse(text, "f.yaml")) == value
    assert plain(parse(f"a:\n  - {text}", "f.yaml")) == {"a": [value]}


@given(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=9))
def test_a_key_is_read_as_the_same_again(key: str) -> None:
    assert plain(parse(f"{key_text(key)}: 1", "f")) == {key: 1}
