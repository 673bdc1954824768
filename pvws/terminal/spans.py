"""Pieces of a line, each with what it means; colours come later, if there are any. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["STYLES", "Span", "plain"]

STYLES: dict[str, str] = {
    "": "",
    "time": "bright_black",
    "faint": "bright_black",
    "name": "",
    "amount": "bold",
    "good": "green",
    "warning": "yellow",
    "bad": "bold red",
    "file_operations": "cyan",
    "peer_network": "green",
    "system": "blue",
    "alerts": "magenta",
    "server": "bright_black",
    "info": "green",
    "critical": "bold white on red",
    "rule": "bright_black",
    "title": "bold",
    "key": "bold",
    "cursor": "reverse",
    "wrong": "bold white on red",
    "paused": "black on yellow",
}
"""How each meaning looks on a terminal, in Rich's words. Sixteen-colour names, which follow the user's theme."""


class Span(NamedTuple):
    """A piece of text and its meaning, a key of `STYLES`."""

    text: str
    style: str = ""


def plain(spans: Iterable[Span]) -> str:
    """The line without colours."""
    return "".join([span.text for span in spans]).rstrip()
