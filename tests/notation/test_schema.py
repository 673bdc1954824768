"""The JSON Schema of typed structs: valid, readable, and of one mind with the reader."""

from typing import Annotated, Any, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec import Meta, Struct, field

from pvws.notation.document import Node, parse
from pvws.notation.quantities import Duration, Factor, Percentage, PercentNumber, Period, Rate, Size
from pvws.notation.reader import INVALID, Builder, Form, Reader, Unit
from pvws.notation.schema import json_schema
from pvws.notation.written import flow
from tests.support.trees import plain

TEMPLATE = {"$ref": "#/$defs/template"}


def read_step(reader: Reader, node: Node, path: str) -> Any:
    entries = reader.mapping(node, path)
    if entries is None or "do" not in entries:
        return reader.problem(node, path, "a step")
    word = reader.word(entries["do"], tuple(STEPS), path)
    return INVALID if word is INVALID else reader.struct(node, STEPS[word], path, beside=("do",))


class Join(Struct, frozen=True):
    """Peers join."""

    at: Duration
    peers: Annotated[int, Meta(ge=1, le=9, description="How many.")] = 1


class Leave(Struct, frozen=True, rename={"lasting": "for"}):
    at: Duration
    lasting: Duration | None = None


STEPS: dict[str, type[Struct]] = {"join": Join, "leave": Leave}
Step = Annotated[Join | Leave, Form(read_step, label="step", schema=lambda builder: builder.choice("do", STEPS))]


def read_names(reader: Reader, node: Node, path: str) -> Any:
    names = reader.read(node, list[str], path) if isinstance(node.value, list) else reader.read(node, str, path)
    return names if isinstance(names, list) or names is INVALID else [names]


Names = Annotated[
    list[str],
    Form(
        read_names,
        label="name or list of names",
        schema=lambda builder: {"anyOf": [builder.fragment(str), builder.fragment(list[str])]},
        write=lambda names: names[0] if len(names) == 1 else names,
    ),
]


class Network(Struct, frozen=True):
    """The network at the start.

    Not what becomes of it.
    """

    peers: Annotated[int, Meta(ge=0, le=100)] = 12
    capacity: Size = 64 * 2**30
    shares: dict[str, Percentage] = field(default_factory=lambda: {"storage": 1.0, "compute": 0.4})


class Whole(Struct, frozen=True, kw_only=True):
    """All that there is to say."""

    pvws: Annotated[int, Meta(ge=1, le=1)] = 1
    name: Annotated[str, Meta(description="Its name.", examples=["storm"], min_length=1, max_length=20)]
    network: Annotated[Network, Meta(description="At first.")] = Network()
    later: Network | None = None
    every: Period | None = None
    rate: Annotated[Rate, Meta(le=100)] = 1 / 6
    factor: Factor = 1.0
    warning: PercentNumber = 80.0
    loud: bool = False
    share: Annotated[float, Meta(ge=0, lt=1)] = 0.5
    colour: Literal["red", "green"] = "red"
    names: Names = field(default_factory=lambda: ["on"])
    words: Annotated[tuple[str, ...], Meta(max_length=2)] = ()
    timeline: Annotated[list[Step], Meta(max_length=3)] = field(default_factory=list)
    anything: Annotated[Any, Form(lambda reader, node, path: node.source)] = None
    odd: Annotated[int, Unit(lambda text: int(text or "no"))] = 3


def made(kind: type[Struct] = Whole, *, templates: bool = False) -> dict[str, Any]:
    return json_schema(kind, title="Made up", templates=templates)


# What it says


def test_a_schema_has_a_head_and_is_valid() -> None:
    schema = json_schema(Whole, title="Made up", schema_id="tag:example.org,2024:made-up")
    Draft202012Validator.check_schema(schema)
    assert list(schema) == [
        *("$schema", "$id", "title", "description", "type", "properties", "additionalProperties", "required", "$defs")
    ]
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert schema["$id"] == "tag:example.org,2024:made-up"
    assert (schema["title"], schema["description"]) == ("Made up", "All that there is to say.")
    assert (schema["type"], schema["additionalProperties"], schema["required"]) == ("object", False, ["name"])
    assert "$id" not in made()


def test_keys_are_told_with_their_types_bounds_defaults_and_descriptions() -> None:
    properties = made()["properties"]
    assert list(properties) == list(Whole.__struct_fields__)
    assert properties["pvws"] == {"type": "integer", "minimum": 1, "maximum": 1, "default": 1}
    assert properties["name"] == {
        "type": ["string", "number"],
        "minLength": 1,
        "maxLength": 20,
        "description": "Its name.",
        "examples": ["storm"],
    }
    assert properties["network"] == {"$ref": "#/$defs/Network", "description": "At first."}
    assert properties["later"] == {"anyOf": [{"$ref": "#/$defs/Network"}, {"type": "null"}]}
    assert properties["loud"] == {"enum": [True, False, "on", "off"], "default": False}
    assert properties["share"] == {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0.5}
    assert properties["colour"] == {"enum": ["red", "green"], "default": "red"}
    assert properties["words"] == {"type": "array", "items": {"type": ["string", "number"]}, "maxItems": 2}
    assert properties["anything"] == {}
    assert properties["odd"] == {"type": ["string", "number"]}


def test_defaults_are_in_the_notation_that_one_would_write() -> None:
    schema = made()
    network = schema["$defs"]["Network"]["properties"]
    assert schema["properties"]["rate"]["default"] == "10/min"
    assert schema["properties"]["factor"]["default"] == 1
    assert schema["properties"]["warning"]["default"] == "80%"
    assert schema["properties"]["names"]["default"] == "on"
    assert network["capacity"]["default"] == "64 GiB"
    assert network["shares"]["default"] == {"storage": "100%", "compute": "40%"}


def test_what_several_places_refer_to_is_defined_once_and_what_one_does_stands_there() -> None:
    schema = made()
    assert set(schema["$defs"]) == {"Network", "duration"}
    assert schema["$defs"]["Network"]["description"] == "The network at the start."
    assert schema["properties"]["every"]["anyOf"][0]["description"] == "A duration above 0, like 5s."
    assert schema["properties"]["rate"]["examples"] == ["2/s", "0.5/s", "10/min"]


def test_a_choice_has_a_word_for_each_struct() -> None:
    step = made()["properties"]["timeline"]["items"]
    assert (step["type"], step["required"]) == ("object", ["do"])
    join, leave = step["anyOf"]
    assert join["properties"]["do"] == {"const": "join", "description": "Peers join."}
    assert join["required"] == leave["required"] == ["do", "at"]
    assert list(leave["properties"]) == ["do", "at", "for"]
    assert leave["properties"]["do"] == {"const": "leave"}


def test_a_struct_that_contains_itself_is_defined() -> None:
    def read_children(reader: Reader, node: Node, path: str) -> Any:
        return reader.read(node, list[Tree], path)

    class Tree(Struct):
        children: Annotated[
            list[Any], Form(read_children, schema=lambda builder: builder.fragment(list[Tree]))
        ] = field(default_factory=list)  # fmt: skip

    schema = made(kind=Tree)
    assert schema["properties"]["children"] == {"type": "array", "items": {"$ref": "#/$defs/Tree"}}
    assert schema["$defs"]["Tree"]["properties"] == schema["properties"]
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"children": [{"children": [{}]}]})
    assert not validator.is_valid({"children": [{"children": [{"a": 1}]}]})


def test_structs_of_one_name_are_told_apart() -> None:
    def inner(kind: Any) -> type[Struct]:
        class Inner(Struct):
            a: kind

        return Inner

    first, second = inner(int), inner(str)

    class Outer(Struct):
        a: first  # type: ignore[valid-type]
        b: second  # type: ignore[valid-type]
        c: Optional[first]  # type: ignore[valid-type]  # noqa: UP045
        d: Optional[second]  # type: ignore[valid-type]  # noqa: UP045

    schema = made(kind=Outer)
    assert set(schema["$defs"]) == {"Inner", "Inner-2"}
    assert Draft202012Validator(schema).is_valid({"a": {"a": 1}, "b": {"a": "x"}, "c": None, "d": None})
    assert not Draft202012Validator(schema).is_valid({"a": {"a": "x"}, "b": {"a": "x"}, "c": None, "d": None})


def test_a_schema_without_definitions_has_none() -> None:
    class Small(Struct):
        a: int

    assert made(kind=Small) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Made up",
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "additionalProperties": False,
        "required": ["a"],
    }


def test_a_bound_beside_a_reference_keeps_the_reference() -> None:
    class Bounded(Struct):
        a: Annotated[Network, Meta(max_length=1)]

    schema = made(kind=Bounded)
    assert schema["properties"]["a"]["$ref"] == "#/$defs/Network"
    assert "Network" in schema["$defs"]


# Templates


def test_any_text_or_number_may_be_a_template() -> None:
    schema = made(templates=True)
    Draft202012Validator.check_schema(schema)
    properties = schema["properties"]
    assert schema["$defs"]["template"]["pattern"] == r"\$\{"
    assert properties["pvws"] == {
        "anyOf": [{"type": "integer", "minimum": 1, "maximum": 1}, TEMPLATE],
        "default": 1,
    }
    assert properties["colour"] == {"anyOf": [{"enum": ["red", "green"]}, TEMPLATE], "default": "red"}
    assert properties["name"]["anyOf"][1] == TEMPLATE
    assert properties["every"]["anyOf"][-1] == {"type": "null"}
    assert properties["words"]["items"] == {"type": ["string", "number"]}, "it takes any text"
    assert schema["$defs"]["duration"]["anyOf"][-1] == TEMPLATE
    assert schema["$defs"]["Network"]["properties"]["peers"]["anyOf"][1] == TEMPLATE


@pytest.mark.parametrize(
    "key", ["pvws", "name", "every", "rate", "factor", "warning", "loud", "share", "colour", "odd"]
)
def test_a_template_is_valid_only_where_templates_are(key: str) -> None:
    instance = {"name": "x"} | {key: "half of ${peers.count} peers"}
    assert Draft202012Validator(made(templates=True)).is_valid(instance)
    assert Draft202012Validator(made()).is_valid(instance) == (key == "odd"), "which takes any text"
    for wrong in ({key: []}, {key: {}}):
        assert not Draft202012Validator(made(templates=True)).is_valid({"name": "x"} | wrong)


def test_a_form_may_take_templates_by_what_it_is_made_of_and_never_twice() -> None:
    class Formed(Struct):
        a: Annotated[int, Form(lambda reader, node, path: 1, schema={"enum": [1, "none"]})]
        b: Annotated[int, Form(lambda reader, node, path: 1, schema=lambda builder: builder.fragment(int | None))]
        c: Annotated[int, Form(lambda reader, node, path: 1, schema={"type": "object"})]

    properties = made(templates=True, kind=Formed)["properties"]
    assert properties["a"] == {"anyOf": [{"enum": [1, "none"]}, TEMPLATE]}
    assert properties["b"] == {"anyOf": [{"type": "integer"}, TEMPLATE, {"type": "null"}]}
    assert properties["c"] == {"type": "object"}


# Of one mind with the reader

SCALARS = (
    st.none()
    | st.booleans()
    | st.sampled_from(
        [
            *(0, 1, 5, -1, 101, 0.5, 1.5, "", "x", "x" * 21, "on", "red", "join", "leave", "1.5"),
            *("1s", "0s", "10/min", "92%", "120%", "64 GiB"),
        ]
    )
)
KEYS = st.sampled_from(
    sorted({"do", "at", "for", "peers", "capacity", "shares", "storage", "unknown"} | set(Whole.__struct_fields__))
)
ANY = st.recursive(SCALARS, lambda each: st.lists(each, max_size=3) | st.dictionaries(KEYS, each, max_size=3))
NETWORKS = st.fixed_dictionaries(
    {},
    optional={
        "peers": st.integers(0, 100) | SCALARS,
        "capacity": st.sampled_from(["1 GiB", 5, 1.5]) | SCALARS,
        "shares": st.dictionaries(KEYS, st.sampled_from(["5%", "92 %"]), max_size=2) | ANY,
    },
)
STEPS_WRITTEN = st.fixed_dictionaries(
    {"do": st.sampled_from(["join", "leave"]), "at": st.sampled_from(["1s", 0, "1m30s"])},
    optional={"peers": st.integers(1, 9), "for": st.sampled_from(["5s", None]), "unknown": SCALARS},
)
WHOLES = st.fixed_dictionaries(
    {"name": st.sampled_from(["storm", 7, 1.5]) | SCALARS},
    optional={
        "pvws": st.just(1) | SCALARS,
        "network": NETWORKS | ANY,
        "later": NETWORKS | st.none() | ANY,
        "every": st.sampled_from(["5s", None]) | SCALARS,
        "rate": st.sampled_from(["2/s", "1 / day"]) | SCALARS,
        "factor": st.sampled_from([2, 0.5, "3"]) | SCALARS,
        "warning": st.sampled_from([80, "80%", "80"]) | SCALARS,
        "loud": st.booleans() | SCALARS,
        "share": st.sampled_from([0, 0.5]) | SCALARS,
        "colour": st.sampled_from(["red", "green"]) | SCALARS,
        "names": st.lists(st.sampled_from(["a", 7]), max_size=2) | ANY,
        "words": st.lists(st.sampled_from(["a", 7]), max_size=2) | ANY,
        "timeline": st.lists(STEPS_WRITTEN, max_size=3) | ANY,
        "anything": ANY,
        "odd": st.integers() | SCALARS,
        "unknown": SCALARS,
    },
)


def taken(value: Any) -> tuple[bool, Any]:
    """Whether the reader takes a value, as YAML has it; and that."""
    root = parse(flow(value), "f.yaml")
    reader = Reader("f.yaml")
    reader.struct(root, Whole, "")
    return not reader.problems, plain(root)


@given(WHOLES | ANY)
def test_what_the_reader_takes_the_schema_takes(value: Any) -> None:
    is_taken, instance = taken(value)
    if is_taken:
        Draft202012Validator(made()).validate(instance)
        Draft202012Validator(made(templates=True)).validate(instance)


@given(WHOLES)
def test_what_the_schema_takes_the_reader_takes_but_for_what_no_schema_can_say(value: Any) -> None:
    """A unit may ask for more than a pattern can, and the schema takes what editors make of `on`."""
    is_taken, instance = taken(value)
    beyond = {"rate", "odd", "loud", "anything"} & set(value)
    if Draft202012Validator(made()).is_valid(instance) and not beyond:
        assert is_taken


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": None},
        {"name": "x", "unknown": 1},
        {"name": "x", "pvws": 2},
        {"name": "x", "network": {"peers": 101}},
        {"name": "x", "network": {"beers": 1}},
        {"name": "x", "rate": 2},
        {"name": "x", "rate": "fast"},
        {"name": "x", "colour": "blue"},
        {"name": "x", "words": "a"},
        {"name": "x", "words": ["a", "b", "c"]},
        {"name": "x", "timeline": [{"at": "1s"}]},
        {"name": "x", "timeline": [{"do": "fly", "at": "1s"}]},
        {"name": "x", "timeline": [{"do": "leave", "at": "1s", "peers": 1}]},
        [],
        "x",
    ],
)
def test_what_is_wrong_both_refuse(wrong: Any) -> None:
    assert not taken(wrong)[0]
    for templates in (False, True):
        assert not Draft202012Validator(made(templates=templates)).is_valid(wrong)


def test_defaults_are_valid_by_the_schema_itself() -> None:
    def check(schema: Any, fragment: Any) -> int:
        if isinstance(fragment, list):
            return sum(check(schema, each) for each in fragment)
        if not isinstance(fragment, dict):
            return 0
        found = sum(check(schema, each) for each in fragment.values())
        if "default" not in fragment:
            return found
        own = {key: each for key, each in fragment.items() if key not in ("default", "$schema")}
        Draft202012Validator(own | {"$defs": schema.get("$defs", {})}).validate(fragment["default"])
        return found + 1

    assert check(made(), made()) == 12
    assert check(made(templates=True), made(templates=True)) == 12


def test_a_form_is_given_a_builder() -> None:
    seen: list[Builder] = []

    def look(builder: Builder) -> dict[str, Any]:
        seen.append(builder)
        return builder.struct(Join, {"do": {"const": "join"}}, ["do"])

    class Formed(Struct):
        a: Annotated[Join, Form(lambda reader, node, path: INVALID, schema=look)]

    schema = made(kind=Formed)
    assert len(seen) == 1
    assert schema["properties"]["a"]["required"] == ["do", "at"]
