"""What a reference says of each key: how it is written, its default as written, and what it means."""

from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, Struct, field

from pvws.notation.quantities import Duration, Percentage, PercentNumber, Rate, Size
from pvws.notation.reader import Form, Unit
from pvws.notation.reference import Chapter, Row, chapters, tables


class Network(Struct, frozen=True):
    """The network at the start.

    Not what becomes
    of it.

    Ever.
    """

    peers: Annotated[int, Meta(ge=0, le=100, description="How many at first.")] = 12
    capacity: Annotated[Size, Meta(description="Of each.")] = 64 * 2**30


class _Join(Struct, frozen=True, rename={"lasting": "for"}):
    at: Duration
    lasting: Duration | None = None


class Whole(Struct):
    """All there is."""

    name: Annotated[str, Meta(description="Its name.", max_length=20)]
    network: Network = Network()
    more: dict[str, Network] = field(default_factory=dict)
    shares: dict[str, Percentage] = field(default_factory=lambda: {"storage": 1.0, "compute": 0.4})
    later: Annotated[Network | None, Meta(description="Afterwards.")] = None
    steps: Annotated[
        list[Annotated[_Join, Form(lambda reader, node, path: None, label="step")]], Meta(max_length=9)
    ] = field(default_factory=list)


def test_a_key_is_told_with_its_notation_its_default_and_its_meaning() -> None:
    assert tables(Whole) == [
        Row("name", "text of at most 20 characters", None, "Its name."),
        Row("network", "Network", "", "The network at the start."),
        Row("more", "mapping of names to Network", "", ""),
        Row("shares", "mapping of names to percentage", "{storage: 100%, compute: 40%}", ""),
        Row("later", "Network", "", "Afterwards."),
        Row("steps", "list of step, at most 9", "", ""),
    ]
    assert tables(_Join) == [Row("at", "duration", None, ""), Row("for", "duration", "", "")]


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (str, "text"),
        (int, "whole number"),
        (float, "number"),
        (bool, "on or off"),
        (int | None, "whole number"),
        (Literal["red"], "red"),
        (Literal["red", "green", "blue"], "red, green or blue"),
        (Annotated[int, Meta(ge=1)], "whole number from 1 on"),
        (Annotated[int | None, Meta(ge=1, le=9)], "whole number from 1 to 9"),
        (Annotated[int, Meta(ge=1, le=1)], "1"),
        (Duration, "duration"),
        (Annotated[Duration, Meta(ge=1_000_000)], "duration from 1s on"),
        (Annotated[Rate, Meta(gt=0, le=10)], "rate above 0/s and at most 10/s"),
        (Annotated[PercentNumber, Meta(description="x")], "percentage"),
        (list[Duration], "list of duration"),
        (tuple[Literal["a", "b"], ...], "list of a or b"),
        (Network | None, "Network"),
        (_Join, "Join"),
        (Annotated[int, Unit(int)], "text"),
        (Annotated[int | None, Form(lambda reader, node, path: None)], "whole number"),
        (Annotated[int, Form(lambda reader, node, path: None, label="number or none")], "number or none"),
        (Annotated[Any, Form(lambda reader, node, path: None)], "value"),
    ],
)
def test_every_type_has_words_for_how_it_is_written(kind: Any, written: str) -> None:
    class Made(Struct):
        key: kind

    assert [row.written for row in tables(Made)] == [written]


def test_a_struct_and_all_that_it_names_are_told_once_each() -> None:
    told = chapters(Whole)
    assert told == [
        Chapter("Whole", ["All there is."], tables(Whole)),
        Chapter("Network", ["The network at the start.", "Not what becomes of it.", "Ever."], tables(Network)),
        Chapter("Join", [], tables(_Join)),
    ]
    assert chapters(Network) == told[1:2]


def test_structs_that_stand_side_by_side_or_in_each_other_are_all_told() -> None:
    class Leave(Struct):
        """Goes."""

        at: Duration = 0

    class Told(Struct):
        """Of itself."""

        step: Annotated[_Join | Leave, Form(lambda reader, node, path: None)]
        again: "list[Told] | None" = None

    Told.__annotations__["again"] = list[Told] | None
    assert [chapter.name for chapter in chapters(Told)] == ["Told", "Join", "Leave"]
    assert tables(Told)[0] == Row("step", "Join or Leave", None, "")
