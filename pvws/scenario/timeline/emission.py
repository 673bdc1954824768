"""The step that sends an event of the script's own: emit."""

import re
from base64 import b64decode
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, structs

from pvws.errors import InputError, MessageError, Problem
from pvws.expression.trouble import ExpressionError, MissingNameError
from pvws.expression.values import MISSING, text_of
from pvws.limits import EXCERPT_CHARACTERS_MAX, FRAGMENTS_MAX, MESSAGE_BYTES_MAX
from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.nearest import nearest
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.observations import Observations
from pvws.scenario.play import Play, RawEvent, RawMessage
from pvws.scenario.timeline.action import Action, Keys, Mistake
from pvws.scenario.timeline.addressee import Addressee, addressed
from pvws.scenario.timeline.texts import TemplateText, is_template, read_template, template
from pvws.scenario.triggers import Act
from pvws.sim.source import Letter
from pvws.wire.codec import decode_payload, encode_event
from pvws.wire.defaults import EXAMPLE_TIMESTAMP, completed, unknown_fields
from pvws.wire.events import EVENT_TYPES
from pvws.wire.topics import TOPICS, Topic

__all__ = ["Base64", "Data", "Emit", "EventType", "TopicWord", "filled", "post", "read_plain"]

_STEP = re.compile(r"[.\[]")  # of a path such as `data.clusters[0].size`, behind its first word
_GUARD = 'a guard such as "if: has(peer.random)" leaves the step out while there is none'
_TYPES = tuple(EVENT_TYPES)
_NAMES_OF_TOPICS = tuple(str(topic) for topic in TOPICS)


def _data(reader: Reader, node: Node, path: str) -> Any:
    return INVALID if reader.mapping(node, path) is None else read_plain(reader, node, path)


def read_plain(reader: Reader, node: Node, path: str) -> Any:
    """What a node holds, as JSON has it. Texts are templates, and can be parsed."""
    match node.value:
        case dict():
            entries = {key: read_plain(reader, each, f"{path}.{key}") for key, each in node.value.items()}
            return INVALID if any(each is INVALID for each in entries.values()) else entries
        case list():
            items = [read_plain(reader, each, f"{path}[{place}]") for place, each in enumerate(node.value)]
            return INVALID if any(each is INVALID for each in items) else items
        case str():
            return read_template(reader, node, path)
        case _:
            return node.value


def _topic(reader: Reader, node: Node, path: str) -> Any:
    return reader.word(node, _NAMES_OF_TOPICS, path)


def _type(reader: Reader, node: Node, path: str) -> Any:
    name = reader.read(node, str, path)
    if name is INVALID or name.strip():
        return name
    return reader.problem(node, path, "the type of an event")


Data: TypeAlias = Annotated[
    dict[str, Any],
    Form(_data, label="mapping of fields to values", schema={"type": "object"}, write=lambda data: data),
]
"""Fields of a payload, as JSON values; texts may be templates."""

EventType: TypeAlias = Annotated[
    str,
    Form(
        _type,
        label="event type",
        schema={"anyOf": [{"enum": list(_TYPES)}, {"type": ["string", "number"], "minLength": 1}]},
        write=str,
    ),
]
"""One of the sixteen event types; of a raw message, any word."""

TopicWord: TypeAlias = Annotated[str, Form(_topic, label="topic", schema={"enum": list(_NAMES_OF_TOPICS)}, write=str)]
"""One of the four topics."""


def _base64(reader: Reader, node: Node, path: str) -> Any:
    text = reader.read(node, str, path)
    try:
        return text if text is INVALID or b64decode(text, validate=True) is not None else INVALID
    except ValueError:
        return reader.problem(node, path, "bytes in base64")


Base64: TypeAlias = Annotated[str, Form(_base64, label="base64", schema={"type": "string"}, write=str)]
"""Bytes, written in base64 (RFC 4648, section 4)."""


class Emit(Action, frozen=True):
    """An event is sent as the script has it, whatever the network is like; nothing else changes.

    It is of a `type`, with what `data` says and the type's defaults for what that leaves out; or a `raw` text.
    """

    type: Annotated[EventType | None, Meta(description="The event's type.")] = None
    data: Annotated[
        Data,
        Meta(
            description="Fields of its payload, by their names on the wire. What is left out has the type's defaults; "
            "times are those of the stage."
        ),
    ] = msgspec.field(default_factory=dict)
    raw: Annotated[
        TemplateText | None, Meta(description="Instead: a message that is sent as it stands, right or wrong.")
    ] = None
    topic: Annotated[
        TopicWord | None, Meta(description="Whose subscribers get a raw message; left out: those of its type.")
    ] = None
    extra: Annotated[bool, Meta(description="Whether `data` may have fields that the type has not.")] = False
    base64: Annotated[Base64 | None, Meta(description="Instead of `raw`: a message of exactly these bytes.")] = None
    binary: Annotated[bool, Meta(description="Whether `base64` goes as a binary message, and not as a text.")] = True
    topics: Annotated[
        list[TopicWord] | None,
        Meta(
            max_length=4,
            description="Whose subscribers get a raw message, exactly as it stands whatever the server's profile.",
        ),
    ] = None
    fragments: Annotated[
        list[Annotated[int, Meta(ge=0, le=MESSAGE_BYTES_MAX)]] | None,
        Meta(
            min_length=2,
            max_length=FRAGMENTS_MAX,
            description="The sizes of the frames in which a raw message goes; they add up to its bytes.",
        ),
    ] = None
    client: Annotated[
        Addressee | None,
        Meta(description="The one client that gets it, subscribed or not: its name or number, or `sender`."),
    ] = None
    to_all: Annotated[bool, Meta(description="Whether everybody gets it, subscribed or not.")] = False

    @property
    def is_raw(self) -> bool:
        """Whether it is a message of the script's own, right or wrong."""
        return self.raw is not None or self.base64 is not None

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """What `data` says must be what the type has; a raw message needs a topic, and nothing else."""
        if self.to_all and self.client is not None:
            yield Mistake(("client",), 'nothing beside "to_all"')
        if self.is_raw:
            yield from self._raw_mistakes(keys)
            return
        alone = ("binary", "fragments", "topics")
        yield from (Mistake((key,), 'a "raw" message beside it') for key in alone if key in keys)
        if self.type is None:
            yield Mistake(("type",), f"one of {', '.join(_TYPES)}", "nothing")
        elif self.type not in EVENT_TYPES:
            yield Mistake(("type",), f"one of {', '.join(_TYPES)}", hint=nearest(self.type, _TYPES))
        else:
            topic = EVENT_TYPES[self.type].topic
            if self.topic not in (None, topic):
                yield Mistake(("topic",), f"{topic}, which is the topic of {self.type}")
            yield from _wrong_data(self.type, self.data, extra=self.extra)

    def _raw_mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        word = "base64" if self.raw is None else "raw"
        strangers = {"data", "extra"} | ({"base64", "binary"} if word == "raw" else set())
        yield from (Mistake((key,), f'nothing beside "{word}"') for key in strangers & set(keys))
        if self.topics and self.topic is not None:
            yield Mistake(("topic",), 'nothing beside "topics"')
        nobody = self.client is None and not self.topics and not self.to_all
        if nobody and self.topic is None and self.type not in EVENT_TYPES:
            yield Mistake(("topic",), f"one of {', '.join(_NAMES_OF_TOPICS)}", "nothing")
        text = self.raw or ""
        if self.fragments is not None and (self.base64 is not None or not is_template(text)):
            size = len(self.payload(text) if self.base64 is not None else self.payload(template(text).fill({})))
            if sum(self.fragments) != size:
                yield Mistake(("fragments",), f"sizes that add up to {size:,} bytes", f"{sum(self.fragments)}")

    def payload(self, text: str) -> bytes:
        """The bytes of a raw message, of which `text` is the text if it has one."""
        return text.encode() if self.base64 is None else b64decode(self.base64)

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _SendingRaw(self, name, play).take if self.is_raw else _Sending(self, name, play).take


class _Sending:
    __slots__ = ("_action", "_name", "_play", "_type")

    def __init__(self, action: Emit, name: str, play: Play) -> None:
        assert action.type is not None, "the reader has seen to that"
        self._action = action
        self._type = action.type
        self._name = name
        self._play = play

    def take(self, observations: Observations) -> None:
        """Send it. Raises InputError, with the step and the field, if a template has no value or a wrong one."""
        herald = self._play.world.herald
        data = filled(self._action.data, observations, f"{self._name}.data")
        whole = completed(self._type, data, herald.now.text)
        try:
            payload = decode_payload(self._type, msgspec.json.encode(whole))
        except MessageError as error:
            raise InputError(Problem(f"{self._name}.{error.path}", error.expected, error.found)) from None
        action, topic = self._action, payload.topic
        alone = action.to_all or action.client is not None
        if not action.extra and not alone:
            herald.outbox.append(payload)
            return
        message = {"type": self._type, "topic": topic, "data": whole, "timestamp": herald.now.text}
        text = msgspec.json.encode(message) if action.extra else encode_event(payload, herald.now)
        if not alone:
            herald.outbox.append(RawEvent(topic, self._type, text))
            return
        letter = Letter(self._play.kernel.now, "send", text=text, topic=topic, type=self._type, to_all=action.to_all)
        post(self._play, letter, action.client, observations, f"{self._name}.client")


class _SendingRaw:
    __slots__ = ("_action", "_name", "_play", "_topic", "_type")

    def __init__(self, action: Emit, name: str, play: Play) -> None:
        self._action = action
        self._type = action.type or "raw"
        payload = EVENT_TYPES.get(self._type)
        self._topic = action.topic if payload is None or action.topic is not None else str(payload.topic)
        self._name = name
        self._play = play

    def take(self, observations: Observations) -> None:
        """Send it. Raises InputError, with the step, if a template has no value."""
        action, path = self._action, f"{self._name}.raw"
        text = "" if action.raw is None else text_of(filled(action.raw, observations, path))
        if text is MISSING:
            raise InputError(Problem(path, "a text", f"the value of {(action.raw or '')[:EXCERPT_CHARACTERS_MAX]}"))
        payload, binary = action.payload(text), action.base64 is not None and action.binary
        fragments = None if action.fragments is None else tuple(action.fragments)
        if fragments is not None and sum(fragments) != len(payload):
            expected = f"sizes that add up to {len(payload):,} bytes"
            raise InputError(Problem(f"{self._name}.fragments", expected, f"{sum(fragments)}"))
        if action.client is not None or action.to_all:
            at, to_all = self._play.kernel.now, action.to_all
            letter = Letter(at, "send", text=payload, binary=binary, fragments=fragments, to_all=to_all)
            post(self._play, letter, action.client, observations, f"{self._name}.client")
        elif action.topics or action.base64 is not None or fragments is not None:
            topics = tuple(dict.fromkeys(action.topics or [self._topic or ""]))
            self._play.world.herald.outbox.append(RawMessage(topics, self._type, payload, binary, fragments))
        else:
            assert self._topic is not None, "the reader has seen to that"
            self._play.world.herald.outbox.append(RawEvent(Topic(self._topic), self._type, payload))


def post(play: Play, letter: Letter, whom: str | int | None, observations: Observations, path: str) -> None:
    """Have one client alone get a message, or everybody. Raises InputError, with the path, if nobody is meant."""
    number, name = (None, "") if whom is None else addressed(whom, observations, path)
    play.world.herald.cue(structs.replace(letter, client=number, whom=name))


def filled(value: Any, observations: Observations, path: str) -> Any:
    """A value with every template in it filled in. Raises InputError with the path of one that has no value."""
    match value:
        case str():
            return value if "${" not in value else _filled_text(value, observations, path)
        case dict():
            return {key: filled(each, observations, f"{path}.{key}") for key, each in value.items()}
        case list():
            return [filled(each, observations, f"{path}[{place}]") for place, each in enumerate(value)]
        case _:
            return value


def _filled_text(text: str, observations: Observations, path: str) -> Any:
    try:
        value = template(text).fill(observations)
        msgspec.json.encode(value)  # a thing without a value, such as `${peer}`, is none for a message either
    except MissingNameError as error:
        raise InputError(Problem(path, f"a value of {error.name}", "nothing", hint=_GUARD)) from None
    except ExpressionError as error:
        raise InputError(Problem(path, error.expected, error.found)) from None
    except (TypeError, ValueError):
        raise InputError(Problem(path, "a text, a number or a list", f"a thing: {text}")) from None
    return value


def _wrong_data(event_type: str, data: Mapping[str, Any], *, extra: bool) -> Iterator[Mistake]:
    """Everything in a payload that is not of its type; what templates will give is not known yet."""
    unknown = dict(unknown_fields(event_type, data))
    if not extra:
        for keys, names in unknown.items():
            hint = nearest(keys[-1], names) or "extra: true lets it pass"
            yield Mistake(("data", *keys), f"one of {', '.join(names)}", f'"{keys[-1]}"', hint, of_key=True)
    told: set[Keys] = set()
    for keys in _leaves(data, ()):
        if any(keys[:length] in unknown for length in range(1, len(keys) + 1)):
            continue
        try:
            decode_payload(
                event_type, msgspec.json.encode(completed(event_type, _alone(data, keys), EXAMPLE_TIMESTAMP))
            )
        except MessageError as error:
            wrong = keys[: len(_STEP.findall(error.path))]  # what is wrong may be a mapping that this is in
            if wrong not in told:
                yield Mistake(("data", *wrong), error.expected, error.found)
            told.add(wrong)


def _leaves(value: Any, keys: Keys) -> Iterator[Keys]:
    """Where the values stand that say something for themselves, and ask nothing about the run."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _leaves(each, (*keys, key))
    elif isinstance(value, list) and value:
        for place, each in enumerate(value):
            yield from _leaves(each, (*keys, place))
    elif keys and not (isinstance(value, str) and is_template(value)):
        yield keys


def _alone(data: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
    """A payload that says one thing and nothing else, at the same place; of a list, the only item."""
    value: Any = data
    for key in keys:
        value = value[key]
    for key in reversed(keys):
        value = [value] if isinstance(key, int) else {key: value}
    assert isinstance(value, dict), "a payload is an object"
    return deepcopy(value)
