"""bandwidth: bytes come no faster than over a narrow line."""

import re
from collections import deque
from typing import Annotated, TypeAlias

from msgspec import Meta

from pvws import units
from pvws.limits import INTEGER_MAX
from pvws.notation.forms import Unit
from pvws.scenario.faults.effect import Did, Effect
from pvws.scenario.faults.fault import MessageFault
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream

__all__ = ["Bandwidth", "ByteRate", "Line", "byte_rate", "byte_rate_notation"]

_SECOND = 1_000_000
_STEPS_A_SECOND = 100  # in which bytes leave: finer nobody sees, and it would cost an errand each
_BITS = {"bit": 1, "kbit": 1_000, "Mbit": 1_000_000, "Gbit": 1_000_000_000}
_BIT_RATE = re.compile(r"(\d{1,16}(?:\.\d{0,9})?|\.\d{1,9})\s*([kMG]?bit)", re.ASCII)
_EXPECTED = 'a rate of bytes or bits like "64 KiB/s" or "2 Mbit/s"'


def byte_rate(text: str) -> int:
    """Bytes a second of a rate such as `64 KiB/s` or `56 kbit/s`; what is below a byte is cut.

    Raises ValueError, saying what was expected.
    """
    if text.strip() == "0":
        return 0
    amount, slash, unit = text.partition("/")
    if not slash or unit.strip() not in ("s", "sec", "second"):
        raise ValueError(_EXPECTED)
    bits = _BIT_RATE.fullmatch(amount.strip())
    if bits is not None:
        rate = min(int(float(bits[1]) * _BITS[bits[2]] / 8), INTEGER_MAX)
    else:
        try:
            rate = units.size(amount)
        except ValueError:
            raise ValueError(_EXPECTED) from None
    if not rate and any(digit in "123456789" for digit in amount):  # 0 is as fast as it goes
        raise ValueError(f"{_EXPECTED}, of at least a byte")
    return rate


def byte_rate_notation(rate: int) -> str:
    """A rate as one would write it: `64 KiB/s`."""
    return f"{units.size_notation(rate)}/s"


ByteRate: TypeAlias = Annotated[
    int,
    Unit(
        byte_rate,
        label="rate of bytes or bits",
        schema={
            "description": "How many bytes or bits a second, like 64 KiB/s or 2 Mbit/s.",
            "examples": ["64 KiB/s", "2 Mbit/s"],
            "anyOf": [
                {
                    "type": "string",
                    "pattern": r"^\s*([0-9]{1,16}(\.[0-9]{0,9})?|\.[0-9]{1,9})\s*(B|[KMGTP]i?B|[kMG]?bit)?\s*"
                    r"/\s*(s|sec|second)\s*$",
                },
                {"const": 0},
            ],
        },
        write=byte_rate_notation,
    ),
]
"""Bytes a second, written as `64 KiB/s` or `2 Mbit/s`."""


class Bandwidth(MessageFault, frozen=True):
    """Bytes come no faster than over a narrow line: they trickle, also within a message and within a frame.

    What is on the line counts towards the client's backlog: who is sent more than the line takes is a slow consumer.

    A client sees a message begin and end some time later. Counted as `throttled`, in bytes.
    """

    scopes = frozenset({"client", "clients"})

    rate: Annotated[
        ByteRate, Meta(description="How many bytes a second; 0 throttles nothing.", examples=["64 KiB/s", "56 kbit/s"])
    ]

    @property
    def never(self) -> bool:
        """A rate of 0 throttles nothing."""
        return self.rate == 0

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Let messages pass as they are: it is their bytes that are slow."""
        return Effect(did)


class Line:
    """A line that passes so many bytes a second. Times are stage time and never fall.

    Order of calls: `put` what is to pass; whenever `due` has come, `take` what has passed by then. Bytes leave in the
    order in which they were put, some at a time, a hundred times a second.
    """

    __slots__ = ("_begun", "_passed", "_waiting", "rate", "size")

    def __init__(self, rate: int) -> None:
        assert rate > 0, "a line of rate 0 passes nothing, ever"
        self.rate = rate
        self.size = 0
        """How many bytes are on it."""
        self._waiting: deque[bytes] = deque()
        self._begun: Instant = 0  # since when bytes pass without a pause
        self._passed = 0  # since then

    def put(self, data: bytes, now: Instant) -> None:
        """Bytes come to the line."""
        if not self.size:
            # A byte that is on its way still is not overtaken.
            self._begun, self._passed = max(now, self._when(self._passed)), 0
        self._waiting.append(data)
        self.size += len(data)

    def set_rate(self, rate: int, now: Instant) -> None:
        """Pass another number of bytes a second from now on."""
        self.rate, self._begun, self._passed = rate, max(now, self._begun), 0

    def due(self) -> Instant | None:
        """When the next bytes have passed; None if there are none."""
        if not self.size:
            return None
        return self._when(self._passed + min(self.size, max(1, self.rate // _STEPS_A_SECOND)))

    def take(self, now: Instant) -> bytes:
        """The bytes that have passed by now."""
        number = min(self.size, max(0, now - self._begun) * self.rate // _SECOND - self._passed)
        if number <= 0:
            return b""
        parts, missing = [], number
        while missing:
            first = self._waiting.popleft()
            if len(first) > missing:
                self._waiting.appendleft(first[missing:])
                first = first[:missing]
            parts.append(first)
            missing -= len(first)
        self.size -= number
        self._passed += number
        return b"".join(parts)

    def set_back(self) -> None:
        """Time is about to be set back, and this once falls: all that is on it has passed by then."""
        self._begun = self._passed = 0

    def flush(self) -> bytes:
        """All bytes that are on it: it is gone."""
        data = b"".join(self._waiting)
        self._waiting.clear()
        self.size = 0
        return data

    def _when(self, passed: int) -> Instant:
        """When so many bytes have passed since it began."""
        return self._begun - (-passed * _SECOND // self.rate)
