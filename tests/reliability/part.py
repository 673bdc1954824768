"""What a part of the report gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.result import Result

__all__ = ["Found", "Result"]


@dataclass(frozen=True)
class Found:
    """`results` are figures with their bounds; `rows` a table, each a mapping; `facts` what else is to be told."""

    results: Sequence[Result]
    rows: Sequence[Mapping[str, object]] = ()
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def missed(self) -> list[str]:
        """The names of the figures that break their bound."""
        return [result.name for result in self.results if not result.kept]
