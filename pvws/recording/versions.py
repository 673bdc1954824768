"""Recordings of older versions of the format, for ever: how a line of one version becomes a line of the next.

There is version 1 alone by now. When the format changes in a way that a reader of it would misunderstand, the version
is counted up in format.py, a step from the old one is added here, and a file of the old version stays in the tests.
"""

from collections.abc import Callable, Mapping

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

STEPS: Mapping[int, Step] = {}
"""The step from each older version to the next."""

_decode = msgspec.json.Decoder(Fields).decode
_encode = msgspec.json.Encoder().encode


def is_known(version: int, steps: Mapping[int, Step] = STEPS, latest: int = VERSION) -> bool:
    """Whether recordings of that version can be read."""
    return version == latest or (version in steps and version < latest)


def upgrade_from(version: int, steps: Mapping[int, Step] = STEPS, latest: int = VERSION) -> Upgrade | None:
    """What makes lines of that version today's; None of today's own."""
    if version == latest:
        return None
    chain = [steps[number] for number in range(version, latest)]

    def upgrade(line: bytes) -> bytes:
        fields = _decode(line)
        for step in chain:
            fields = step(fields)
        return _encode(fields)

    return upgrade
