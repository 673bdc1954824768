"""What comes of a scenario's expectations, in words: the end of a summary."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pvws.stage.stage import Stage

if TYPE_CHECKING:
    from pvws.scenario.expectations import Kind

__all__ = ["judged"]


@contextmanager
def judged(stage: Stage, expectations: Sequence["Kind"]) -> Iterator[list[str]]:
    """Have the clients of a stage judged for as long as this is entered; the lines of what comes of it are there then.

    There are none where nothing is expected, or nobody ever came.
    """
    lines: list[str] = []
    if not expectations:
        yield lines
        return
    # A server of whose clients nothing is expected has no need of a judge.
    from pvws.testing.judging.witness import Witness
    from pvws.testing.verdict import Outcome

    with Witness(stage, expectations) as witness:
        yield lines
    if not stage.attempts:
        return
    verdicts = witness.verdicts()
    counts = Counter(verdict.outcome for verdict in verdicts)
    lines.append(
        "  expectations: " + ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    )
    for verdict in verdicts:
        if verdict.outcome is not Outcome.HELD:
            lines.extend(f"    {line}" for line in verdict.lines)
