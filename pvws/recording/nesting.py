"""How deep a JSON text is nested, without reading it: what is too deep for a reader is not given to one."""

import re

__all__ = ["deeper_than"]

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)


def deeper_than(text: bytes, levels: int) -> bool:
    """Whether brackets are nested deeper than so many levels, whatever else is wrong with the text."""
    if text.count(b"{") + text.count(b"[") <= levels:
        return False
    depth = 0
    for byte in _STRINGS.sub(b"", text):
        if byte in b"{[":
            depth += 1
            if depth > levels:
                return True
        elif byte in b"}]":
            depth -= 1
    return False
