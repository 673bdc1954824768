"""How two recordings differ, in lines for a person and as JSON for a program."""

import re
from typing import Any

from pvws.recording.compare import Comparison, Difference, Item
from pvws.units import duration_notation

__all__ = ["comparison_json", "comparison_lines"]

_KINDS = ("missing", "extra", "changed", "reordered", "late", "early")
_CHANGES_MAX = 8
_VALUE_CHARACTERS_MAX = 60
_LONG_ID = re.compile(r"[0-9a-f]{16,}")
_ID_DIGITS = 8  # of a long id: one in four billion


def comparison_lines(comparison: Comparison, first: str, second: str, limit: int | None) -> list[str]:
    """A line for each difference, of each kind at most so many; and the counts.

    `first` and `second` are what stands before the line or the number of an entry, such as `run.pvrec.jsonl:`.
    """
    lines = []
    shown: dict[str, int] = {}
    for difference in comparison.differences:
        shown[difference.kind] = shown.get(difference.kind, 0) + 1
        if limit is None or shown[difference.kind] <= limit:
            lines += _lines(difference, first, second)
    counts = comparison.counts()
    if limit is not None:
        lines += [f"… and {counts[kind] - limit:,} more {kind}" for kind in _KINDS if counts.get(kind, 0) > limit]
    told = [f"{counts[kind]:,} {kind}" for kind in _KINDS if kind in counts]
    return [*lines, ", ".join([*told, f"{comparison.same:,} the same"])]


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Everything about it; times in seconds."""
    return {
        "same": comparison.same,
        "counts": comparison.counts(),
        "offset": comparison.offset / 1_000_000,
        "differences": [
            {
                "kind": each.kind,
                "first": _item(each.first),
                "second": _item(each.second),
                **({"seconds": each.micros / 1_000_000} if each.micros else {}),
                **(
                    {"changes": [{"path": c.path, "first": c.first, "second": c.second} for c in each.changes]}
                    if each.changes
                    else {}
                ),
            }
            for each in comparison.differences
        ],
    }


def _item(item: Item | None) -> dict[str, Any] | None:
    if item is None:
        return None
    conn, direction, topic, _ = item.key
    return {
        "line": item.line,
        "t": item.t / 1_000_000,
        "conn": conn,
        "dir": direction,
        "topic": topic,
        "type": item.type,
        "about": item.label,
    }


def _lines(difference: Difference, first: str, second: str) -> list[str]:
    item = difference.first or difference.second
    assert item is not None, "a difference is about something"
    places = [f"{file}{each.line}" for file, each in ((first, difference.first), (second, difference.second)) if each]
    by = f" by {duration_notation(abs(difference.micros))}" if difference.micros else ""
    on = "" if item.key[0] == "1" else f" on connection {item.key[0]}"
    label = _LONG_ID.sub(_short, item.label)
    head = f"{difference.kind:<9} {', '.join(places)}: {label} at {duration_notation(item.t)}{by}{on}"
    changes = [
        f"{'':<9}   {change.path or 'the whole'}: {_value(change.first)} -> {_value(change.second)}"
        for change in difference.changes[:_CHANGES_MAX]
    ]
    if len(difference.changes) > _CHANGES_MAX:
        changes.append(f"{'':<9}   … and {len(difference.changes) - _CHANGES_MAX} more fields")
    return [head, *changes]


def _short(match: re.Match[str]) -> str:
    return f"{match[0][:_ID_DIGITS]}…"


def _value(text: str | None) -> str:
    if text is None:
        return "nothing"
    return text if len(text) <= _VALUE_CHARACTERS_MAX else f"{text[:_VALUE_CHARACTERS_MAX]}…"
