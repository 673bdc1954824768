"""Recordings of older versions of the format, for ever: how a line of one version becomes a line of the next.

There is version 1 alone by now. When the format changes in a way that a reader of it would misunderstand, the version
is counted up in format.py, a step from the old one is added here, and a file of the old version stays in the tests.
"""

from collections.abc import Callable

import msgspec
from msgspec import Raw

from pvws.recording.format import VERSION

__all__ = ["STEPS", "Fields", "Step", "Upgrade", "is_known", "upgrade_from"]

Fields = dict[str, Raw]
"""The keys of a line and their values as they stand there: a step that leaves a message alone keeps its bytes."""

Step = Callable[[Fields], Fields]
"""Makes the fields of a line, header included, those of the next version."""

Upgrade = Callable[[bytes], bytes]
"""Makes a line of an older version one of today's. Raises msgspec.DecodeError for what is no JSON object."""

STEPS: dict[int, Step] = {}
"""The step from each older version to the next."""

_decode = msgspec.json.Decoder(Fields).decode
_encode = msgspec.json.Encoder().encode


def is_known(version: int) -> bool:
    """Whether recordings of that version can be read."""
    return version == VERSION or version in STEPS


def upgrade_from(version: int) -> Upgrade | None:
    """What makes lines of that version, which is known, today's; None of today's own."""
    if version == VERSION:
        return None
    steps = [STEPS[number] for number in range(version, VERSION)]

    def upgrade(line: bytes) -> bytes:
        fields = _decode(line)
        for step in steps:
            fields = step(fields)
        return _encode(fields)

    return upgrade
