"""Messages moved in time, and given other ids: every other byte of them stays as it was."""

import re
from hashlib import sha256

from pvws.timestamp import LAST_INSTANT, Timestamp

__all__ = ["Remapper", "instant_in", "shifted"]

# The names under which the contract's messages have an instant, and those of ids, also of the shipped server's own.
_INSTANT = re.compile(rb'"(?:timestamp|lastHeartbeat)"\s*:\s*"([^"\\]+)"')
_ID = re.compile(rb'"(?:key|id|node|source|targetNode|leader)"\s*:\s*"([^"\\]*)"')
_IDS = re.compile(rb'"(?:nodes|peers)"\s*:\s*\[([^\]"\\]*(?:"[^"\\]*"[^\]"\\]*)*)\]')
_TEXT = re.compile(rb'"([^"\\]*)"')
_FORM = re.compile(rb"(\d{4}-\d\d-\d\d)([Tt ])(\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_HEX = re.compile(rb"[0-9a-f]{16,64}")
_ADDRESS = re.compile(rb"[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*")
_DAY_AND_TIME = 19  # characters of YYYY-MM-DDTHH:MM:SS
_KNOWN_MAX = 100_000  # ids that are remembered; they can be reckoned again


def shifted(text: bytes, micros: int) -> bytes:
    """A message whose instants are so much later, in the form and the zone in which they were written.

    Digits below the microseconds stay. What is no instant, or would leave the calendar, stays as it is.
    """
    return _INSTANT.sub(lambda found: _replaced(found, 1, _later(found[1], micros)), text) if micros else text


def instant_in(text: bytes) -> int | None:
    """The last instant in a message, which is its envelope's, in microseconds since the epoch; None without any."""
    written: list[bytes] = _INSTANT.findall(text)
    try:
        return Timestamp.parse(written[-1].decode()).micros if written else None
    except ValueError:
        return None


class Remapper:
    """Gives keys and ids other values, the same for the same id under the same salt.

    Hexadecimal ids become such of the same length; others get a suffix. Addresses stay.
    """

    def __init__(self, salt: str) -> None:
        self._salt = salt.encode()
        self._known: dict[bytes, bytes] = {}

    def __call__(self, text: bytes) -> bytes:
        """The message with other ids."""
        text = _ID.sub(lambda found: _replaced(found, 1, self._new(found[1])), text)
        return _IDS.sub(lambda found: _replaced(found, 1, _TEXT.sub(self._listed, found[1])), text)

    def _listed(self, found: "re.Match[bytes]") -> bytes:
        return _replaced(found, 1, self._new(found[1]))

    def _new(self, old: bytes) -> bytes:
        new = self._known.get(old)
        if new is None:
            digest = sha256(self._salt + b"\0" + old).hexdigest().encode()
            if _HEX.fullmatch(old):
                new = digest[: len(old)]
            else:
                new = old if not old or _ADDRESS.fullmatch(old) else old + b"-" + digest[:8]
            if len(self._known) < _KNOWN_MAX:
                self._known[old] = new
        return new


def _replaced(found: "re.Match[bytes]", group: int, new: bytes) -> bytes:
    start, whole = found.start(), found[0]
    return whole[: found.start(group) - start] + new + whole[found.end(group) - start :]


def _later(old: bytes, micros: int) -> bytes:
    form = _FORM.fullmatch(old)
    if form is None:
        return old
    day, between, time, decimals, zone = form.groups()
    # Reckoned as if it were UTC: the zone is one and the same before and after.
    try:
        instant = Timestamp.parse(f"{day.decode()}T{time.decode()}Z").micros
    except ValueError:
        return old
    digits = (decimals or b"")[1:]
    whole = int(digits[:6].ljust(6, b"0")) if digits else 0
    moved = instant + whole + micros
    if not 0 <= moved <= LAST_INSTANT:
        return old
    seconds, below = divmod(moved, 1_000_000)
    text = Timestamp(seconds * 1_000_000).text
    new = (b"%06d" % below)[: len(digits)] + digits[6:]
    point = b"." + new if digits else b""
    return text[:10].encode() + between + text[11:_DAY_AND_TIME].encode() + point + zone
