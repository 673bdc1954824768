"""An event as a user of the library sees it: typed where the contract knows it, kept where it does not."""

from dataclasses import dataclass
from typing import Any

from pvws.client.happenings import Received
from pvws.client.reading import Outline, outline
from pvws.errors import MessageError
from pvws.timestamp import Timestamp
from pvws.wire import messages
from pvws.wire.events import Payload

__all__ = ["Event", "Unknown"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The data of an event that the contract does not know: a new type, a wrong field, no JSON at all.

    `value` is what stands under `data`, as plain JSON values; of a text that is no JSON object, all of it, and None
    where it is no JSON. `trouble` says what is wrong with it.
    """

    value: Any
    trouble: MessageError


class Event:
    """One event. `text` is the message as it came; `at` is when, in seconds since the epoch.

    It is decoded when one of its other attributes is first asked for. None of them raises, whatever the text.
    """

    __slots__ = ("_outline", "_received", "at", "text")

    def __init__(self, received: Received) -> None:
        self.text = received.text
        self.at = received.at
        self._received = received
        self._outline: Outline | None = None

    @property
    def data(self) -> Payload | Unknown:
        """The payload: match on its class. `Unknown` for what the contract does not know."""
        message = self._received.message
        if isinstance(message, messages.Event):
            return message.data
        trouble = self._received.trouble or MessageError("type", "an event", "an answer")
        return Unknown(self._read().data, trouble)

    @property
    def type(self) -> str:
        """The event type by its name on the wire, or as `inferred`; `""` for a text that has none."""
        message = self._received.message
        return message.data.type if isinstance(message, messages.Event) else self._read().type

    @property
    def topic(self) -> str | None:
        """The topic, which for a known event is a `Topic`; None for a text that has none."""
        message = self._received.message
        return message.data.topic if isinstance(message, messages.Event) else self._read().topic

    @property
    def timestamp(self) -> Timestamp | None:
        """When it was due to be sent; a payload's own `timestamp` is when it happened. None where there is none."""
        message = self._received.message
        return self._read().timestamp if message is None else message.timestamp

    @property
    def lag_s(self) -> float | None:
        """Seconds from its timestamp to its arrival, by two clocks that may differ; None without a timestamp.

        Of a simulation that does not play in real time it says nothing.
        """
        timestamp = self.timestamp
        return None if timestamp is None else self.at - timestamp.micros / 1_000_000

    @property
    def inferred(self) -> bool:
        """Whether the type was not on the wire but follows from topic and data, as with the shipped server."""
        return self._received.inferred

    def _read(self) -> Outline:
        if self._outline is None:
            self._outline = outline(self.text)
        return self._outline

    def __repr__(self) -> str:
        return f"Event(type={self.type!r}, topic={self.topic!r}, data={self.data!r})"
