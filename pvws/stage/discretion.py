"""What may be kept of what a client has sent: all but tokens, which are nobody else's business."""

import json
from typing import Any

__all__ = ["discreet"]

_HIDDEN = "…"


def discreet(message: str | bytes) -> str:
    """The text of a message; in place of each token an ellipsis. What has one and is no JSON is an ellipsis all of it.

    Bytes that are no text are empty.
    """
    try:
        text = message if isinstance(message, str) else message.decode()
    except UnicodeDecodeError:
        return ""
    folded = text.casefold()
    if "token" not in folded and "\\u" not in folded:
        return text
    try:
        value = json.loads(text)
        hidden = _hidden(value)
    except (ValueError, RecursionError):
        return _HIDDEN if "token" in folded else text
    return text if hidden == value else json.dumps(hidden, ensure_ascii=False, separators=(",", ":"))


def _hidden(value: Any) -> Any:
    match value:
        case dict():
            return {key: _HIDDEN if "token" in key.casefold() else _hidden(each) for key, each in value.items()}
        case list():
            return [_hidden(each) for each in value]
        case _:
            return value
