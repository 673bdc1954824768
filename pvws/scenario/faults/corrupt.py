"""corrupt: some messages are broken on the way, in one of several ways."""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, structs

from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.quantities import Percentage
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.faults.effect import Did, Effect, Sometimes
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.members import Member, members, set_value
from pvws.scenario.faults.message import Message
from pvws.sim.chance import Stream

__all__ = ["Corrupt", "How"]

How: TypeAlias = Literal["bit_flip", "truncate", "wrong_type", "missing_field", "unknown_field", "invalid_utf8"]
"""How a message may be broken."""

_HOWS: tuple[str, ...] = How.__args__  # type: ignore[attr-defined]
# No start, a start that only longer forms have, half of a surrogate pair, and a character that is cut short.
_NOT_UTF_8 = (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xe2\x82")
_ASCII = 0x80


def _read(reader: Reader, node: Node, path: str) -> Any:
    if node.value == "any":
        return _HOWS
    if not isinstance(node.value, list):
        word = reader.word(node, (*_HOWS, "any"), path)
        return INVALID if word is INVALID else (word,)
    words = [reader.word(each, _HOWS, f"{path}[{place}]") for place, each in enumerate(node.value)]
    if not words:
        return reader.problem(node, path, f"at least one of {', '.join(_HOWS)}")
    return INVALID if any(word is INVALID for word in words) else tuple(words)


_Hows: TypeAlias = Annotated[
    tuple[str, ...],
    Form(
        _read,
        label=f"one or a list of {', '.join(_HOWS)}; or any",
        schema={
            "anyOf": [
                {"enum": [*_HOWS, "any"]},
                {"type": "array", "items": {"enum": list(_HOWS)}, "minItems": 1},
            ]
        },
        write=lambda hows: "any" if hows == _HOWS else hows[0] if len(hows) == 1 else list(hows),
    ),
]


class Corrupt(MessageFault, frozen=True):
    """Some messages are broken on the way, each in one of these ways; all else in them stays byte for byte as it was.

    `bit_flip`: a bit of an ASCII character is another one, so that the text is still UTF-8. `truncate`: the end is
    missing. `wrong_type`: a value is of another JSON type. `missing_field` and `unknown_field`: a field is gone, or is
    there that no documentation knows. `invalid_utf8`: bytes that no text may have; a client must close with 1007. The
    middle three need a JSON object; another text stays as it is.

    A client is to say so, to lose that message alone, and to go on. Counted as `corrupted`.
    """

    how: Annotated[
        _Hows, Meta(description="In which ways; chance takes one for each.", examples=["bit_flip", ["truncate"], "any"])
    ]
    share: Annotated[Percentage, Meta(description="Which share of the messages, by chance.")] = 1.0

    @property
    def never(self) -> bool:
        """A share of 0 breaks nothing."""
        return self.share == 0

    def effect(self, chance: Stream, did: Did) -> Effect:
        """Break messages."""
        return _Breaking(self.share, self.how, chance, did)


class _Breaking(Sometimes):
    __slots__ = ("_hows",)

    def __init__(self, share: float, hows: Sequence[str], chance: Stream, did: Did) -> None:
        super().__init__(share, chance, did)
        self._hows = hows

    def change(self, message: Message) -> Sequence[Message]:
        text = _WAYS[self.chance.choice(self._hows)](message.text, self.chance)
        if text == message.text:
            return (message,)
        self.did("corrupted")
        return (structs.replace(message, text=text, fragments=None),)


def _bit_flip(text: bytes, chance: Stream) -> bytes:
    places = [place for place, byte in enumerate(text) if byte < _ASCII]
    if not places:
        return text
    place, bit = chance.choice(places), chance.below(7)
    return text[:place] + bytes((text[place] ^ 1 << bit,)) + text[place + 1 :]


def _truncate(text: bytes, chance: Stream) -> bytes:
    length = chance.below(len(text)) if text else 0
    while length and text[length] & 0xC0 == 0x80:  # not within a character
        length -= 1
    return text[:length]


def _wrong_type(text: bytes, chance: Stream) -> bytes:
    found = members(text)
    if not found:
        return text
    member = chance.choice(found)
    was = type(json.loads(text[member.value : member.end]))
    others = [value for kind, value in _OF_TYPES if kind is not was and not (kind is int and was is float)]
    return set_value(text, member, chance.choice(others))


def _missing_field(text: bytes, chance: Stream) -> bytes:
    found = members(text)
    if not found:
        return text
    member = chance.choice(found)
    before, behind = text[: member.start], text[member.end :]
    if behind.lstrip().startswith(b","):
        return before + behind.lstrip()[1:].lstrip()
    head = before.rstrip()
    return (head[:-1] if head.endswith(b",") else before) + behind


def _unknown_field(text: bytes, chance: Stream) -> bytes:
    found = members(text)
    if not found:
        return text
    member: Member = chance.choice(found)
    name = f"unknown_{chance.below(0x10000):04x}"
    return text[: member.start] + f'"{name}":{chance.below(1000)},'.encode() + text[member.start :]


def _invalid_utf8(text: bytes, chance: Stream) -> bytes:
    places = [place for place, byte in enumerate(text) if byte < _ASCII]
    place = chance.choice(places) if places else 0
    return text[:place] + chance.choice(_NOT_UTF_8) + text[place:]


_OF_TYPES: tuple[tuple[type, bytes], ...] = (
    (str, b'"seven"'),
    (int, b"7"),
    (bool, b"true"),
    (type(None), b"null"),
    (list, b"[7]"),
    (dict, b'{"seven":7}'),
)
_WAYS: dict[str, Callable[[bytes, Stream], bytes]] = {
    "bit_flip": _bit_flip,
    "truncate": _truncate,
    "wrong_type": _wrong_type,
    "missing_field": _missing_field,
    "unknown_field": _unknown_field,
    "invalid_utf8": _invalid_utf8,
}
