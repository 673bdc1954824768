"""What comes of an expectation: a verdict, and the evidence where it failed. Pure."""

import re

from msgspec import Struct, structs

from pvws.scenario.expectations import EXPECTATIONS, Kind
from pvws.testing.verdict import Outcome
from pvws.units import duration_text

__all__ = ["Failure", "Verdict", "period", "title"]


class Failure(Struct, frozen=True):
    """One client that did not do what was expected. `real` is when that was clear, in microseconds; `connection` the
    number of the handshake it is about, 0 if none. `evidence` are lines, the earliest first.
    """

    client: str
    connection: int
    real: int
    expected: str
    found: str
    evidence: tuple[str, ...] = ()

    def __str__(self) -> str:
        which = f" (connection {self.connection})" if self.connection else ""
        head = f"{self.client}{which}: expected {self.expected}; found {self.found}"
        return "\n".join([head, *(f"  {each}" for each in self.evidence)])


class Verdict(Struct, frozen=True):
    """What comes of one expectation.

    `held` counts the times that it was met, `failed` those that it was not, of which `failures` tells the first. `why`
    says what was not judged, or not in full: of `not judged` always.
    """

    expected: Kind
    outcome: Outcome
    why: str = ""
    held: int = 0
    failed: int = 0
    failures: tuple[Failure, ...] = ()

    @property
    def title(self) -> str:
        """The expectation as a script says it."""
        return title(self.expected)

    @property
    def lines(self) -> list[str]:
        """The verdict for people to read: one line, and those of what failed."""
        said = f"{self.outcome}: {self.title}"
        if self.why:
            said += f" ({self.why})"
        lines = [said]
        for failure in self.failures:
            lines.extend(f"  {each}" for each in str(failure).split("\n"))
        more = self.failed - len(self.failures)
        if more > 0:
            lines.append(f"  and {more:,} more")
        return lines


def title(expected: Kind) -> str:
    """An expectation as a script says it, without what is left out: `reconnects, within: 20s, after: disconnect`."""
    words = {kind: word for word, kind in EXPECTATIONS.items()}
    return ", ".join([words[type(expected)], *_said(expected)])


def period(micros: int) -> str:
    """A time in words: `1.5s`."""
    return duration_text(micros)


def _said(value: Struct) -> list[str]:
    usual = {field.name: field.default for field in structs.fields(type(value))}
    given = {key: each for key, each in structs.asdict(value).items() if each != usual[key]}
    return [f"{key}: {_written(key, each)}" for key, each in given.items()]


def _written(key: str, value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() if key in ("within", "tolerance", "least", "most"):
            return duration_text(value)
        case float():
            return f"{value:g}/s"
        case tuple():
            return f"[{', '.join(map(str, value))}]"
        case Struct():
            return "{" + ", ".join(_said(value)) + "}"
        case str() if not re.fullmatch(r"[\w -]+", value):
            return f'"{value}"'
        case _:
            return str(value)
