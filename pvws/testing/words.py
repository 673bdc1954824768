"""What was sent and received, in words that fit into a report: printable, and no longer than needed. Pure."""

from itertools import groupby

import msgspec

__all__ = ["listed", "shown", "shown_bytes"]

_CHARACTERS_MAX = 200  # of one thing: an error message of the contract fits
_BYTES_MAX = 32  # of what is no text
_LISTED_MAX = 4  # of what was sent, the last ones: a dialogue's end is what a failure is about


def shown(value: object) -> str:
    """Text as it is, anything else as JSON; what isn't for reading is escaped, what is long is cut."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    if len(text) > _CHARACTERS_MAX:
        text = f"{text[:_CHARACTERS_MAX]}… ({len(text):,} characters)"
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def shown_bytes(data: bytes) -> str:
    """Bytes as the text they are, or in hex."""
    try:
        return shown(data.decode())
    except UnicodeDecodeError:
        more = f"… ({len(data):,} bytes)" if len(data) > _BYTES_MAX else ""
        return f"0x{data[:_BYTES_MAX].hex()}{more}"


def listed(things: list[str]) -> str:
    """The last of several things, what repeats told once: `100 × text {"type":"ping"}`."""
    runs = [(thing, sum(1 for _ in run)) for thing, run in groupby(things)]
    words = [thing if count == 1 else f"{count} × {thing}" for thing, count in runs[-_LISTED_MAX:]]
    return "; ".join((["…"] if len(runs) > _LISTED_MAX else []) + words)
