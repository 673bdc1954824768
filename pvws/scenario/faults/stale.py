"""stale: timestamps that are older than they should be."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from msgspec import Meta, structs

from pvws.notation.quantities import Duration, Percentage
from pvws.scenario.faults.effect import Did, Effect, Sometimes
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.members import members, set_value
from pvws.scenario.faults.message import Message
from pvws.sim.chance import Stream

__all__ = ["Stale", "earlier"]

_INSTANT = re.compile(rb'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)"')
_PATHS = (("timestamp",), ("data", "timestamp"))
_FIRST = datetime(1, 1, 1, tzinfo=UTC)


class Stale(MessageFault, frozen=True):
    """Some messages say that they are older than they are: `timestamp`, in the message and in its data.

    Their notation stays as it was, be it the documented one or that of the real server.

    A client that throws old messages away loses them; one that shows how late it is alarms. Counted as `aged`.
    """

    by: Annotated[Duration, Meta(description="How much older.", examples=["1h", "5s"])]
    share: Annotated[Percentage, Meta(description="Which share of the messages, by chance.")] = 1.0

    @property
    def never(self) -> bool:
        """By 0 nothing gets older."""
        return self.by == 0 or self.share == 0

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Make messages old."""
        return _Ageing(self.share, self.by, chance, did)


class _Ageing(Sometimes):
    __slots__ = ("_by",)

    def __init__(self, share: float, by: int, chance: Stream, did: Did) -> None:
        super().__init__(share, chance, did)
        self._by = by

    def change(self, message: Message) -> Sequence[Message]:
        text = message.text
        for member in reversed(members(text) or ()):
            if member.path in _PATHS:
                text = set_value(text, member, earlier(text[member.value : member.end], self._by))
        if text == message.text:
            return (message,)
        self.did("aged")
        return (structs.replace(message, text=text),)


def earlier(value: bytes, by: int) -> bytes:
    """An instant as JSON has it, so many microseconds earlier and written in the same way; another value as it is."""
    match = _INSTANT.fullmatch(value)
    if match is None:
        return value
    whole, fraction, zone = match[1], match[2] or b"", match[3]
    seconds, micros = divmod(by, 1_000_000)
    nanos = int(fraction.ljust(9, b"0")) - micros * 1_000
    try:
        at = datetime.fromisoformat(whole.decode()).replace(tzinfo=UTC)
        at -= timedelta(seconds=seconds + (nanos < 0))
    except (ValueError, OverflowError):
        at = _FIRST
    digits = f"{nanos % 1_000_000_000:09d}"[: len(fraction)]
    return f'"{at.isoformat()[:19]}{"." if digits else ""}{digits}{zone.decode()}"'.encode()
