"""Which keys were pressed, from the bytes that a terminal sends. Pure."""

import codecs
import re

__all__ = ["Keys"]

_NAMES = {
    "\r": "enter",
    "\n": "enter",
    "\t": "tab",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x1b": "escape",
    "\x04": "quit",  # Ctrl-D: the end of what is typed
    "\x0c": "redraw",  # Ctrl-L, as everywhere
    "\x15": "erase",  # Ctrl-U
}
_SEQUENCES = {
    "A": "up",
    "B": "down",
    "C": "right",
    "D": "left",
    "H": "home",
    "F": "end",
    "1~": "home",
    "4~": "end",
    "5~": "page up",
    "6~": "page down",
    "7~": "home",
    "8~": "end",
}
# ECMA-48, section 5.4: parameters, intermediates, a final letter; SS3 is what keypads send in application mode.
_SEQUENCE = re.compile(r"\x1b(?:\[(?P<csi>[0-?]*[ -/]*[@-~])|O(?P<ss3>.))", re.DOTALL)


class Keys:
    """Feed it what was read, in pieces of any size; a piece that ends with an escape alone is the key Escape."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> list[str]:
        """The keys, each a printable letter or a name such as `enter` or `page up`. Others are left out."""
        text, at, keys = self._decoder.decode(data), 0, list[str]()
        while at < len(text):
            if sequence := _SEQUENCE.match(text, at):
                at = sequence.end()
                name = _SEQUENCES.get(sequence["csi"] or sequence["ss3"])
            else:
                name = _NAMES.get(text[at]) or (text[at] if text[at].isprintable() else None)
                at += 1
            if name is not None:
                keys.append(name)
        return keys
