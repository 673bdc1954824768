"""Text from the wire made fit for a terminal. Whatever a server says, it can't steer the terminal. Pure."""

import json
import re

__all__ = ["one_line", "printable", "printable_json", "shown"]

_WORDS_CHARACTERS_MAX = 160  # of one value in a line of the log: two terminal lines; `wide` shows it whole
_IDENTIFIER_CHARACTERS = 8  # of a long id: one in four billion, as Git's and Docker's short forms

_IDENTIFIER = re.compile(r"[0-9a-fA-F]{16,}", re.ASCII)
_LINE_ENDS = str.maketrans("\r\n", "  ")
_BLANKS = str.maketrans("\r\n\t", "   ")


def printable(text: str) -> str:
    """The text with every character that isn't for reading escaped: `\\x1b`, `\\n`, `\\u202e`.

    Control characters could move the cursor, set the title or answer back; characters that turn the direction of
    writing could show another text than there is.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )


def shown(text: str, *, wide: bool) -> str:
    """A value in a line: printable, a long hex id by its first eight digits, other long texts cut; `wide`: whole."""
    if not wide:
        if _IDENTIFIER.fullmatch(text):
            return f"{text[:_IDENTIFIER_CHARACTERS]}…"
        if len(text) > _WORDS_CHARACTERS_MAX:
            return printable(text[:_WORDS_CHARACTERS_MAX]) + "…"
    return printable(text)


def one_line(text: str) -> str:
    """The text without line ends, so that a message is a line. In JSON they stand only between its parts."""
    return text.translate(_LINE_ENDS) if "\n" in text or "\r" in text else text


def printable_json(text: str) -> str:
    """A JSON text that means the same and is printable, on one line: escapes of JSON, blanks between its parts."""
    if text.isprintable():
        return text
    text = text.translate(_BLANKS)
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)
