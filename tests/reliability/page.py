"""docs/reliability.md: the prose is written by hand, and what stands between marks is made of docs/reliability.json."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["DATA", "DOCUMENT", "read", "rendered"]

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
DATA = DOCUMENT.with_suffix(".json")
_PART = re.compile(r"(<!-- made: (?P<name>[a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_FACTS = {
    "events": "{:,} events",
    "deliveries": "{:,} of them owed to clients",
    "faults": "{:,} faults",
    "connections": "{:,} connections",
    "left": "{:,} of them left by their clients",
    "ended_by_server_or_fault": "{:,} ended by the server or a fault",
    "refused": "{:,} handshakes refused",
    "deaf": "{:,} times a client read nothing for a while",
    "cases_a_surface": "{:,} cases a surface",
}
_COLUMNS = {
    "at_s": "at, s",
    "resident_mib": "memory, MiB",
    "cpu_s": "CPU, s",
    "late_p50_ms": "late p50, ms",
    "late_p99_ms": "late p99, ms",
}


def read() -> dict[str, Any]:
    """What was found, by part."""
    if not DATA.exists():
        return {}
    found: dict[str, Any] = json.loads(DATA.read_text("utf-8"))
    return found


def rendered(document: str, data: Mapping[str, Any]) -> str:
    """The document with each part between its marks made anew; one that was never run says so."""
    return _PART.sub(lambda match: f"{match[1]}{_made(data.get(match['name']))}{match[3]}", document)


def _made(part: Mapping[str, Any] | None) -> str:
    if part is None:
        return "It has not been run yet.\n"
    machine = part["machine"]
    lines = [
        f"`{part['command']}` on {part['date']}: {part['seconds']:,} s on {machine['cores']} cores "
        f"({machine['processor']}), Python {machine['python']}.\n",
    ]
    if facts := [text.format(part["facts"][name]) for name, text in _FACTS.items() if name in part["facts"]]:
        lines.append(f"\n{', '.join(facts)}.\n")
    if effects := part["facts"].get("effects"):
        done = ", ".join(f"{word} {times:,}" for word, times in sorted(effects.items()))
        lines.append(f"\nWhat the faults did: {done}.\n")
    if ended := part["facts"].get("disconnects"):
        done = ", ".join(f"`{word}` {times:,}" for word, times in sorted(ended.items()))
        lines.append(f"\nWhy the server ended connections: {done}.\n")
    lines.append("\n| figure | value | bound | |\n|---|---:|---|---|\n")
    lines += [_figure(result) for result in part["results"]]
    if part["rows"]:
        lines += ["\n", *_table(part["rows"])]
    return "".join(lines)


def _figure(result: Mapping[str, Any]) -> str:
    most, least, value = result.get("at_most"), result.get("at_least"), result["value"]
    bound = (
        f"at most {_number(most)}" if most is not None else f"at least {_number(least)}" if least is not None else ""
    )
    kept = (most is None or value <= most) and (least is None or value >= least)
    verdict = ("kept" if kept else "**broken**") if bound else ""
    return f"| {result['name']} | {_number(value)} {result['unit']} | {bound} | {verdict} |\n".replace("  ", " ")


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    columns = [name for name in rows[0] if any(row[name] not in ("", None) for row in rows)]
    marks = ["---:" if isinstance(rows[0][name], int | float) else "---" for name in columns]
    lines = [f"| {' | '.join(_COLUMNS.get(name, name) for name in columns)} |\n", f"|{'|'.join(marks)}|\n"]
    lines += [f"| {' | '.join(_cell(row[name]) for name in columns)} |\n" for row in rows]
    return lines


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return _number(value)
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
