"""A wrong value in an error: as JSON, cut to what is needed to recognise it."""

import json
from typing import Any

from pvws.limits import EXCERPT_CHARACTERS_MAX

__all__ = ["shown"]


def shown(value: Any) -> str:
    """A JSON value in a few characters, or what kind of thing it is."""
    match value:
        case dict():
            return "an object"
        case list() if any(isinstance(inner, list | dict) for inner in value):
            return "an array of such"
        case _:
            text = json.dumps(value)
    return text if len(text) <= EXCERPT_CHARACTERS_MAX else f"{text[:EXCERPT_CHARACTERS_MAX]}…"
