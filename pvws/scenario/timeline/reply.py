"""The step that answers a client: reply."""

from collections.abc import Collection, Iterable
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from pvws.errors import InputError, Problem
from pvws.expression.values import MISSING, text_of
from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.observations import Observations
from pvws.scenario.play import Play
from pvws.scenario.timeline.action import Action, Mistake
from pvws.scenario.timeline.addressee import SENDER
from pvws.scenario.timeline.emission import Base64, Emit, filled, post, read_plain
from pvws.scenario.timeline.texts import TemplateText
from pvws.scenario.triggers import Act
from pvws.sim.source import Letter

__all__ = ["Reply"]


def _json(reader: Reader, node: Node, path: str) -> Any:
    value = read_plain(reader, node, path)
    return INVALID if value is INVALID else (value,)


_Json: TypeAlias = Annotated[
    tuple[Any, ...],
    Form(_json, label="any value, with templates", schema={}, write=lambda value: value[0] if value else None),
]
"""Any JSON value, in a tuple of its own, so that null is one. Texts may be templates."""


class Reply(Action, frozen=True):
    """The client that has done what the step waited for is answered, and nobody else.

    With a message of a `type`, whatever it is called, that has the time and the client's id as those of the server do;
    or a `raw` text, or bytes, exactly as they stand. `${message.FIELD}` is what it has sent, `${client.id}` who it is.
    """

    type: Annotated[TemplateText | None, Meta(description="The message's type: any word.")] = None
    topic: Annotated[TemplateText | None, Meta(description="Its topic; left out: none.")] = None
    data: Annotated[_Json, Meta(description="Its data: any value; left out: none.")] = ()
    raw: Annotated[TemplateText | None, Meta(description="Instead: a text that is sent as it stands.")] = None
    base64: Annotated[Base64 | None, Meta(description="Instead: a binary message, exactly these bytes.")] = None
    fragments: Annotated[
        list[Annotated[int, Meta(ge=0)]] | None,
        Meta(min_length=2, description="The sizes of the frames in which `raw` or `base64` goes."),
    ] = None

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """One of a type, a text and bytes."""
        if self.raw is None and self.base64 is None:
            if self.type is None:
                yield Mistake(("type",), "a type, or raw, or base64", "nothing")
            if "fragments" in keys:
                yield Mistake(("fragments",), 'a "raw" message beside it')
            return
        word = "base64" if self.raw is None else "raw"
        strangers = {"type", "topic", "data"} | ({"base64"} if word == "raw" else set())
        yield from (Mistake((key,), f'nothing beside "{word}"') for key in sorted(strangers & set(keys)))
        yield from self._as_emission().mistakes({"client", *({"raw", "base64", "fragments"} & set(keys))})

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        if self.raw is not None or self.base64 is not None:
            return self._as_emission().begin(name, play)
        return _Replying(self, name, play).take

    def _as_emission(self) -> Emit:
        return Emit(raw=self.raw, base64=self.base64, fragments=self.fragments, client=SENDER)


class _Replying:
    __slots__ = ("_action", "_name", "_play")

    def __init__(self, action: Reply, name: str, play: Play) -> None:
        self._action = action
        self._name = name
        self._play = play

    def take(self, observations: Observations) -> None:
        """Answer. Raises InputError, with the step and the field, if a template has no value."""
        action, path = self._action, self._name
        message = {"type": self._text("type", action.type, observations)}
        if action.topic is not None:
            message["topic"] = self._text("topic", action.topic, observations)
        if action.data:
            message["data"] = filled(action.data[0], observations, f"{path}.data")
        message["timestamp"] = self._play.world.herald.now.text
        if observations.deed is not None and observations.deed.client_id:
            message["clientId"] = observations.deed.client_id
        letter = Letter(self._play.kernel.now, "send", text=msgspec.json.encode(message))
        post(self._play, letter, SENDER, observations, path)

    def _text(self, key: str, text: str | None, observations: Observations) -> str:
        value: Any = text_of(filled(text, observations, f"{self._name}.{key}"))
        if value is MISSING:
            raise InputError(Problem(f"{self._name}.{key}", "a text", f"the value of {text}"))
        return str(value)
