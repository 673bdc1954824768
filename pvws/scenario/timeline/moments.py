"""When a step is taken, as a script says it: the keys `at`, `every` and `when`, and those that go with them."""

from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

from pvws.errors import InputError
from pvws.expression.trouble import ExpressionError
from pvws.limits import REPETITIONS_MAX
from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form, fields
from pvws.notation.quantities import Duration, Period
from pvws.notation.reader import INVALID, Reader
from pvws.notation.values import plain_value
from pvws.scenario.matching import check_schema, matcher, message_of, schema_text
from pvws.scenario.timeline.emission import TopicWord
from pvws.scenario.timeline.texts import Condition, Label
from pvws.scenario.triggers import At, ClientDoes, Every, Trigger, When
from pvws.sim.source import Deed
from pvws.wire.codec import CLIENT_TYPES

__all__ = ["MOMENTS", "AtKeys", "ClientKeys", "EveryKeys", "WhenKeys", "keys_of", "moment"]

_Times: TypeAlias = Annotated[int, Meta(ge=1, le=REPETITIONS_MAX)]


class AtKeys(Struct, frozen=True):
    """Once, at a time."""

    at: Annotated[Duration, Meta(description="When, counted from the start.")]

    def trigger(self) -> At:
        """The same, for a run."""
        return At(self.at)


class EveryKeys(Struct, frozen=True, rename={"first": "from"}):
    """Again and again."""

    every: Annotated[Period, Meta(description="How long it is from one time to the next.")]
    first: Annotated[Duration | None, Meta(description="When it is taken first; left out: after one period.")] = None
    until: Annotated[Duration | None, Meta(description="When it is taken last, at the latest.")] = None
    times: Annotated[_Times | None, Meta(description="How often at most, also counting when `if` says no.")] = None

    def trigger(self) -> Every:
        """The same, for a run."""
        return Every(self.every, self.every if self.first is None else self.first, self.until, self.times)


def _client_type(reader: Reader, node: Node, path: str) -> Any:
    return reader.word(node, CLIENT_TYPES, path)


_ClientType: TypeAlias = Annotated[
    str, Form(_client_type, label="message type", schema={"enum": list(CLIENT_TYPES)}, write=str)
]


def _match(reader: Reader, node: Node, path: str) -> Any:
    text = reader.read(node, str, path)
    if text is INVALID:
        return INVALID
    try:
        matcher(text)
    except ExpressionError as error:
        place = node.letter(error.column) or node
        return reader.problem(place, path, error.expected, error.found, error.hint)
    return text


def _schema(reader: Reader, node: Node, path: str) -> Any:
    if reader.mapping(node, path) is None:
        return INVALID
    schema = plain_value(node)
    try:
        check_schema(schema, path)
    except InputError as error:
        problem = error.problems[0]
        return reader.problem(node, problem.path, problem.expected, problem.found)
    return schema_text(schema)


def _by(reader: Reader, node: Node, path: str) -> Any:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return reader.read(node, _Number, path)
    return reader.read(node, Label, path)


_Number: TypeAlias = Annotated[int, Meta(ge=1)]
_Match: TypeAlias = Annotated[str, Form(_match, label="expression", schema={"type": "string", "minLength": 1})]
_JsonSchema: TypeAlias = Annotated[str, Form(_schema, label="JSON Schema", schema={"type": "object"}, write=message_of)]
_By: TypeAlias = Annotated[
    str | int,
    Form(
        _by,
        label="name or number",
        schema={"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "minLength": 1}]},
        write=lambda by: by,
    ),
]


class ClientKeys(Struct, frozen=True):
    """Something that a client does. `topic` goes with `subscribes` and `unsubscribes`; `type`, `match` and `schema` go
    with `sends`.
    """

    client: Annotated[Deed, Meta(description="What it does.")]
    topic: Annotated[TopicWord | None, Meta(description="Of which topic; left out: of any.")] = None
    type: Annotated[_ClientType | None, Meta(description="Which message; left out: any.")] = None
    match: Annotated[
        _Match | None,
        Meta(description="An expression on the message: its fields by their names, `message`, `text` and `client`."),
    ] = None
    schema: Annotated[_JsonSchema | None, Meta(description="A JSON Schema that the message fits.")] = None
    by: Annotated[
        _By | None,
        Meta(description="Which client: the name it has given itself (`?client=NAME`), or the how-manieth it was."),
    ] = None
    nth: Annotated[int, Meta(ge=1, le=REPETITIONS_MAX, description="From the how-manieth time on, of all clients.")] = 1
    each: Annotated[bool, Meta(description="Whether `nth` and `times` count for each client by itself.")] = False


def _when(reader: Reader, node: Node, path: str) -> Any:
    if not isinstance(node.value, dict):
        return reader.read(node, Condition, path)
    keys = reader.struct(node, ClientKeys, path)
    if keys is INVALID:
        return INVALID
    sends = ("sends",)
    goes_with = {"topic": ("subscribes", "unsubscribes"), "type": sends, "match": sends, "schema": sends}
    for key, deeds in goes_with.items():
        if key in node.value and keys.client not in deeds:
            expected = f'"{key}" only beside {" or ".join(deeds)}'
            return reader.problem(node.value[key], f"{path}.{key}", expected)
    return keys


def _when_schema(builder: Builder) -> dict[str, Any]:
    return {"anyOf": [builder.fragment(Condition), builder.struct(ClientKeys)]}


def _times(reader: Reader, node: Node, path: str) -> Any:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return reader.read(node, _Times, path)
    return None if node.value == "always" else reader.problem(node, path, "a whole number above 0, or always")


class WhenKeys(Struct, frozen=True, rename={"delay": "in"}):
    """When a condition of the network comes true, or when a client does something."""

    when: Annotated[
        Annotated[
            str | ClientKeys,
            Form(_when, label="condition, or {client: …}", schema=_when_schema),
        ],
        Meta(
            description="A condition of the network: the step is taken when it comes true, not as long as it is. Or "
            "what a client does."
        ),
    ]
    times: Annotated[
        Annotated[
            int | None,
            Form(
                _times,
                label="whole number, or always",
                schema={"anyOf": [{"type": "integer", "minimum": 1, "maximum": REPETITIONS_MAX}, {"const": "always"}]},
                write=lambda times: "always" if times is None else times,
            ),
        ],
        Meta(description="How often: a number, or `always`."),
    ] = 1
    delay: Annotated[Duration, Meta(description="How long after that the step is taken.")] = 0

    def trigger(self) -> When | ClientDoes:
        """The same, for a run."""
        when = self.when
        if isinstance(when, str):
            return When(when, self.times, self.delay)
        asks = when.match is not None or when.schema is not None or isinstance(when.by, str)
        return ClientDoes(
            when.client,
            when.topic,
            when.type,
            when.nth,
            self.times,
            self.delay,
            match=when.match,
            schema=when.schema,
            by=when.by,
            each=when.each,
            asks=asks,
        )


MOMENTS: dict[str, type[AtKeys] | type[EveryKeys] | type[WhenKeys]] = {
    "at": AtKeys,
    "every": EveryKeys,
    "when": WhenKeys,
}
"""What may be said of when, by the key that says which it is."""


def keys_of(moment: str) -> tuple[str, ...]:
    """The keys that go with `at`, `every` or `when`, itself the first of them."""
    return tuple(field.key for field in fields(MOMENTS[moment]))


def moment(reader: Reader, node: Node, word: str, path: str) -> Trigger | None:
    """The trigger that a mapping of the keys of one moment says; None, and problems, if there is none."""
    keys = reader.struct(node, MOMENTS[word], path)
    if keys is INVALID:
        return None
    if isinstance(keys, EveryKeys) and keys.until is not None:
        trigger = keys.trigger()
        if keys.until < trigger.start:
            assert isinstance(node.value, dict), "a Struct was read from it"
            reader.problem(node.value["until"], f"{path}.until", "a time at which it has been taken once")
            return None
    return keys.trigger()
