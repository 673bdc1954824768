"""Notes on the types of a schema: found beside any type, and told in words."""

from typing import Annotated, Any, Optional

import pytest
from msgspec import Meta, Struct, field

from pvws.notation.forms import Field, Form, Unit, alternatives, bounded, fields, notes, summary

UNIT = Unit(int)
FORM = Form(lambda reader, node, path: None)
LOW, HIGH = Meta(ge=1, description="Low.", examples=[1, 2]), Meta(le=9)


class Story(Struct, rename={"lasting": "for"}):
    """What happens.

    And then some.
    """

    at: int
    lasting: Annotated[int, UNIT, LOW] = 3
    words: list[str] = field(default_factory=lambda: ["x"])


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (int, (int, None, ())),
        (int | None, (int | None, None, ())),
        (Annotated[int, UNIT], (int, UNIT, ())),
        (Annotated[int, LOW, UNIT, HIGH], (int, UNIT, (LOW, HIGH))),
        (Annotated[Annotated[int, UNIT], LOW], (int, UNIT, (LOW,))),
        (Annotated[Annotated[int, UNIT], FORM], (int, UNIT, ())),
        (Annotated[Annotated[int, FORM, LOW], HIGH], (int, FORM, (LOW, HIGH))),
        (Annotated[int, "something else"], (int, None, ())),
    ],
)
def test_notes_are_found_beside_any_type_and_the_innermost_notation_counts(kind: Any, found: tuple[Any, ...]) -> None:
    assert tuple(notes(kind)) == found


def test_what_is_said_nearest_to_the_key_counts() -> None:
    kind = Annotated[Annotated[int, LOW], Meta(description="Near.", examples=[3])]
    assert (notes(kind).description, notes(kind).examples) == ("Near.", [3])
    kind = Annotated[Annotated[int, LOW], HIGH]
    assert (notes(kind).description, notes(kind).examples) == ("Low.", [1, 2])
    assert (notes(int).description, notes(int).examples) == ("", [])


def test_the_keys_of_a_struct_are_as_a_script_writes_them() -> None:
    assert fields(Story) == (
        Field("at", "at", int, is_required=True, default=None),
        Field("for", "lasting", Annotated[int, UNIT, LOW], is_required=False, default=3),
        Field("words", "words", list[str], is_required=False, default=["x"]),
    )


def test_a_struct_is_summed_up_by_the_first_line_of_its_docstring() -> None:
    class Silent(Struct):
        at: int

    assert summary(Story) == "What happens."
    assert summary(Silent) == ""


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        (Meta(), "a number"),
        (Meta(ge=1), "a number from 1 on"),
        (Meta(gt=0), "a number above 0"),
        (Meta(le=9), "a number of at most 9"),
        (Meta(lt=9), "a number below 9"),
        (Meta(ge=1, le=9), "a number from 1 to 9"),
        (Meta(ge=1, lt=9), "a number from 1 and below 9"),
        (Meta(gt=0, le=9), "a number above 0 and at most 9"),
        (Meta(gt=0, lt=9), "a number above 0 and below 9"),
        (Meta(ge=1, le=1), "1"),
        (Meta(ge=0, le=2**31), "a number from 0 to 2147483648"),
    ],
)
def test_bounds_are_told_in_words(meta: Meta, said: str) -> None:
    assert bounded("a number", meta) == said


def test_bounds_are_written_in_the_notation_of_the_value() -> None:
    assert bounded("a length", Meta(ge=1, le=9), lambda value: f"{value} m") == "a length from 1 m to 9 m"


def test_the_alternatives_of_a_type_are_those_of_a_union_or_itself() -> None:
    assert alternatives(int) == (int,)
    assert alternatives(int | None) == (int, type(None))
    assert alternatives(Optional[int]) == (int, type(None))  # noqa: UP045
    assert alternatives(list[int]) == (list[int],)
    assert alternatives(Annotated[int | None, UNIT]) == (Annotated[int | None, UNIT],)
