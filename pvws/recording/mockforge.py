"""Reads replay files of MockForge (github.com/SaaSy-Solutions/mockforge): JSON Lines, a line a message.

As its documentation has them: `ts` in milliseconds, `dir` as the server sees it (`out` is sent to the client, `in` is
expected of it), `text`, and `waitFor`, a pattern of what the client must send first. A script and not a recording: what
it says of the client is turned into messages where it is plain text, and into marks where it is a pattern.
"""

import re
from collections.abc import Iterator

from pvws.errors import InputError, Problem
from pvws.recording.document import PROBLEMS_MAX, Document, Value
from pvws.recording.format import SECONDS_MAX, Close, Entry, Header, Mark, Message

__all__ = ["read_mockforge"]

_LITERAL = re.compile(r"\^?((?:[^\\^$.|?*+()\[\]{}]|\\[\\^$.|?*+()\[\]{}/])+)\$?")
_ESCAPED = re.compile(r"\\(.)")


def read_mockforge(source: bytes, file: str | None = None) -> tuple[Header, list[Entry]]:
    """The messages of a replay file. A time that is before that of the line before counts from there.

    Templates (`{{uuid}}`) stay as they are. Raises InputError with every problem, each with file and line.
    """
    entries: list[Entry] = []
    problems: list[Problem] = []
    at = 0
    for number, line in enumerate(source.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            document = Document(line, file, number)
            at = _time(document.root.as_object(), at)
            entries += _entries(document.root.as_object(), at)
            document.check()
        except InputError as error:
            problems += error.problems
            if len(problems) >= PROBLEMS_MAX:
                break
    if not entries and not problems:
        problems.append(Problem("", "a line with a message", "nothing", file=file, line=1))
    if problems:
        raise InputError(*problems)
    return Header(
        by="MockForge", note="converted from a replay file of MockForge; templates stand as they are"
    ), entries


def _time(line: Value, before: int) -> int:
    if not line.has("ts"):
        return before  # its newer scripts have steps without a time
    milliseconds = line.number("ts")
    if not 0 <= milliseconds <= SECONDS_MAX * 1_000:
        line.inner("ts").wrong("milliseconds since the connection was opened")
        return before
    at = round(milliseconds * 1_000)
    at = at if at >= before else before + at
    if at > SECONDS_MAX * 1_000_000:
        line.inner("ts").wrong(f"something that lasts at most {SECONDS_MAX} seconds")
        return before
    return at


def _entries(line: Value, at: int) -> Iterator[Entry]:
    is_out = line.word("dir", ("out", "in"), "out") == "out"
    for name in ("waitFor", "wait_for"):  # the documentation and the source spell it differently
        if line.has(name):
            yield _awaited(line.text(name), at)
    if line.has("text"):
        if not is_out:
            yield _awaited(line.text("text"), at)
        elif line.inner("binary").value is True:
            yield Message(at, "recv", line.bytes_of("text"), opcode="binary")
        else:
            yield Message(at, "recv", line.bytes_of("text"))
    elif not (line.has("waitFor") or line.has("wait_for") or line.inner("close").value is True) and is_out:
        line.inner("text").wrong("a string")
    if line.inner("close").value is True:
        yield Close(at, "recv", 1000)


def _awaited(pattern: str, at: int) -> Entry:
    """What the client is expected to send: its text, where the pattern is but that."""
    match = _LITERAL.fullmatch(pattern)
    if match is None:
        return Mark(at, f"waits for {pattern}")
    return Message(at, "send", _ESCAPED.sub(r"\1", match[1]).encode())
