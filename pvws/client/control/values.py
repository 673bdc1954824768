"""What is asked of a control plane, from what a program has at hand: times, spans, faults as people write them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar
from urllib.parse import quote

from pvws.answers import OfNodes
from pvws.errors import InputError, Problem
from pvws.timestamp import Timestamp

__all__ = [
    "Found",
    "Moment",
    "Nodes",
    "Span",
    "body",
    "mapping_of",
    "moment_text",
    "nodes_text",
    "segment",
    "sent_files",
    "span_text",
]

Span: TypeAlias = str | timedelta
"""A length of stage time: a text such as `1m30s`, or a timedelta."""

Moment: TypeAlias = str | datetime | Timestamp
"""A point in stage time: a text such as `2024-01-01T00:00:30Z`, an aware datetime, or a Timestamp."""


Nodes: TypeAlias = Literal["here", "all"]
"""Whether the server that is asked is meant, or all that are on its bus."""

_T = TypeVar("_T")


class Found(list[_T]):
    """What was found; where all nodes of a bus were meant, on all but those that were `silent` or have `refused`."""

    def __init__(self, found: Iterable[_T], of: OfNodes) -> None:
        super().__init__(found)
        self.silent = tuple(of.silent)
        """The nodes that did not answer within 5 s."""
        self.refused = dict(of.refused)
        """Those that could not do it, and why."""


def nodes_text(nodes: Nodes) -> str | None:
    """Which nodes are meant, as it is sent: what is so by default is not. The server judges it."""
    return None if nodes == "here" else nodes


def span_text(span: Span | None) -> str | None:
    """A span as it is sent: a text goes as it is, for the server to judge."""
    return f"{span // timedelta(microseconds=1)}us" if isinstance(span, timedelta) else span


def moment_text(moment: Moment | None) -> str | None:
    """An instant as it is sent. Raises InputError for a datetime that does not say its zone."""
    if isinstance(moment, datetime):
        if moment.utcoffset() is None:
            raise InputError(Problem("to", "a datetime that says its zone", repr(moment)))
        moment = Timestamp.of(moment)
    return moment.exact if isinstance(moment, Timestamp) else moment


def body(**fields: Any) -> dict[str, Any]:
    """What is said: what was left out is not sent, so that the server's own defaults hold."""
    return {name.rstrip("_"): value for name, value in fields.items() if value is not None}


def segment(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def mapping_of(described: str | Mapping[str, Any], what: str) -> dict[str, Any]:
    """A fault or a rule as it is sent: a mapping, the text of one in YAML, or in one line what its braces would hold.

    Raises InputError where a text is none; what it says is the server's to judge.
    """
    if not isinstance(described, str):
        return dict(described)
    from pvws.notation.document import parse  # YAML: only where somebody writes it

    text = described.strip()
    flow = text if text.startswith("{") or "\n" in text else f"{{{text}}}"
    try:
        root = parse(flow, "")
    except InputError as error:
        told = (Problem(what, each.expected, each.found, hint=each.hint) for each in error.problems)
        raise InputError(*told) from None
    return {key: _plain(node) for key, node in root.value.items()} if isinstance(root.value, dict) else {}


def _plain(node: Any) -> Any:
    match node.value:
        case dict():
            return {key: _plain(each) for key, each in node.value.items()}
        case list():
            return [_plain(each) for each in node.value]
        case value:
            return value


def sent_files(path: Path, given: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The text of a scenario and of all files that it is made of: `{"files": {path: text}, "main": path}`.

    It is read and checked here first. Raises InputError with every problem found, each with its file and line.
    """
    from pvws.scenario.loader import load

    folder = path.parent.resolve()
    texts: dict[str, str] = {}

    def read(name: str) -> str:
        file = (folder / name).resolve()
        if not file.is_relative_to(folder):
            raise ValueError("it leads out of the scenario's folder")
        texts[name] = file.read_text("utf-8")
        return texts[name]

    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        trouble = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(Problem("scenario", "a scenario's file", f'"{path}" ({trouble})')) from None
    load(text, str(path), read=read, given=tuple((given or {}).items()))
    return {"files": texts | {path.name: text}, "main": path.name}
