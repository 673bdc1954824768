"""`make reference`: the tables of docs/scenario-reference.md, docs/faults.md and docs/exploring.md, made from the
schema that scripts are read by, that of docs/api.md, docs/asyncapi.json and docs/cli.md.
"""

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from msgspec import Struct

from pvws.cli.schemas import asyncapi_text
from pvws.notation.forms import fields, notes
from pvws.notation.reference import Row, chapters, tables
from pvws.notation.written import flow
from pvws.scenario.behaviours.arrivals import Arriving, Day, Peak, Ramp
from pvws.scenario.behaviours.kinds import BEHAVIOUR_KINDS
from pvws.scenario.behaviours.touching import Touching
from pvws.scenario.expectations import EXPECTATIONS, Backoff
from pvws.scenario.exploration import Exploration, PossibleFault
from pvws.scenario.faults.fault import Fault
from pvws.scenario.faults.scope import Scope
from pvws.scenario.faults.spec import KINDS, SCOPE_KEYS, FaultSpec
from pvws.scenario.observations import FIGURES
from pvws.scenario.schema import NamesOf, Network, Repair, Scenario
from pvws.scenario.thresholds import Alerts
from pvws.scenario.timeline.actions import STEPS
from pvws.scenario.timeline.moments import MOMENTS, ClientKeys
from pvws.scenario.timeline.presence import Newcomer
from tests.support import cli_reference
from tests.support.event_reference import events

DOCUMENT = Path(__file__).parents[2] / "docs" / "scenario-reference.md"
FAULTS = DOCUMENT.with_name("faults.md")
EXPLORING = DOCUMENT.with_name("exploring.md")
API = DOCUMENT.with_name("api.md")
DOCUMENTS = (DOCUMENT, FAULTS, EXPLORING, API)
ASYNCAPI = DOCUMENT.with_name("asyncapi.json")
PART = re.compile(r"(<!-- made: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def rendered(document: str) -> str:
    """A document with each part between its marks made anew."""
    return PART.sub(lambda match: f"{match[1]}{PARTS[match['name']]()}{match[3]}", document)


def _top() -> str:
    return _table(tables(Scenario))


def _network() -> str:
    return _table(tables(Network)) + "".join(
        f"\n`{key}`: {_paragraphs(kind)}\n\n{_table(tables(kind))}"
        for key, kind in (("peers", Newcomer), ("repair", Repair), ("names", NamesOf))
    )


def _behaviours() -> str:
    shared = {row.key for row in tables(Arriving)}
    touching = {row.key for row in tables(Touching)} - shared
    text = "Whatever happens at a `rate` has these keys:\n\n" + _table(tables(Arriving))
    for key, kind in (("peak", Peak), ("day", Day), ("ramp", Ramp)):
        text += f"\n`{key}`: {_paragraphs(kind)}\n\n{_table(tables(kind))}"
    text += "\nWhatever touches files has these beside them:\n\n" + _table(
        row for row in tables(Touching) if row.key in touching
    )
    for word, kind in BEHAVIOUR_KINDS.items():
        known = (shared if issubclass(kind, Arriving) else set()) | (touching if issubclass(kind, Touching) else set())
        text += _chapter(word, kind, without=known)
    return text


def _moments() -> str:
    text = ""
    for word, kind in MOMENTS.items():
        text += _chapter(word, kind, level=3)
    return text + f"\n{_paragraphs(ClientKeys)}\n\n{_table(tables(ClientKeys))}"


def _actions() -> str:
    return "".join(_chapter(word, kind) for word, kind in STEPS.items())


def _alerts() -> str:
    return _table(tables(Alerts))


def _observations() -> str:
    rows = "".join(f"| `{name}` | {what} |\n" for name, (_, what) in FIGURES.items())
    return f"| name | what it is |\n|---|---|\n{rows}"


def _expectations() -> str:
    text = "".join(_chapter(word, kind) for word, kind in EXPECTATIONS.items())
    return text + f"\n`backoff`: {_paragraphs(Backoff)}\n\n{_table(tables(Backoff))}"


def _exploration() -> str:
    return _table(tables(Exploration))


def _possible_fault() -> str:
    own = {row.key for row in tables(PossibleFault)} - {row.key for row in tables(FaultSpec)}
    return _table(row for row in tables(PossibleFault) if row.key in own)


def _scope() -> str:
    return _table(tables(Scope))


def _kinds(level: str) -> str:
    text = ""
    for word, kind in KINDS.items():
        if kind.level == level:
            text += f"\n### `{word}`\n\n{_paragraphs(kind)}\n\n{_value(word, kind)}"
            scopes = [key for key in SCOPE_KEYS if key in kind.scopes]
            text += f"\nScope: {', '.join(f'`{key}`' for key in scopes)}.\n" if scopes else ""
    return text


def _value(word: str, kind: type[Fault]) -> str:
    """How the value of a kind is written: as an example, and as a table if it has several fields."""
    own = fields(kind)
    if not own:
        return f"`{word}: on`\n"
    examples = [f"`{word}: {flow(each)}`" for each in notes(own[0].kind).examples]
    said = f"{', '.join(examples)}\n\n" if examples else ""
    if len(own) > 1:
        said += f"Its value is a mapping, or that of `{own[0].key}` alone:\n\n"
    return said + _table(tables(kind))


PARTS = {
    "top": _top,
    "network": _network,
    "behaviours": _behaviours,
    "moments": _moments,
    "actions": _actions,
    "alerts": _alerts,
    "observations": _observations,
    "expectations": _expectations,
    "events": events,
    "exploration": _exploration,
    "possible-fault": _possible_fault,
    "scope": _scope,
    "message-faults": partial(_kinds, "message"),
    "connection-faults": partial(_kinds, "connection"),
    "handshake-faults": partial(_kinds, "handshake"),
    "listener-faults": partial(_kinds, "listener"),
}


def _chapter(word: str, kind: type[Struct], *, without: Iterable[str] = (), level: int = 3) -> str:
    left_out = set(without)
    rows = [row for row in tables(kind) if row.key not in left_out]
    table = f"\n{_table(rows)}" if rows else ""
    return f"\n{'#' * level} `{word}`\n\n{_paragraphs(kind)}\n{table}"


def _paragraphs(kind: type[Struct]) -> str:
    """What the docstring of a Struct says."""
    (chapter, *_) = chapters(kind)
    return "\n\n".join(chapter.paragraphs)


def _table(rows: Iterable[Row]) -> str:
    text = "| key | written as | left out | what it is |\n|---|---|---|---|\n"
    for row in rows:
        default = "required" if row.default is None else f"`{row.default}`" if row.default else ""
        text += f"| `{row.key}` | {_cell(row.written)} | {_cell(default)} | {_cell(row.description)} |\n"
    return text


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    ASYNCAPI.write_text(asyncapi_text(), encoding="utf-8")
    cli_reference.DOCUMENT.write_text(cli_reference.rendered(), encoding="utf-8")
    for document in DOCUMENTS:
        document.write_text(rendered(document.read_text(encoding="utf-8")), encoding="utf-8")
