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

    There are none where nothing is expected, or nobody ever came. Clients of nodes of a bus are not judged, which is
    told: of them the source hears what they do, not how they do it.
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
    elsewhere = 0 if stage.guests is None else stage.guests.came
    if not stage.attempts:
        return
    if elsewhere:
        who = "client of another server was" if elsewhere == 1 else "clients of other servers were"
        lines.append(f"  expectations: {elsewhere:,} {who} not judged, as only those of this one are")
    if stage.attempts == elsewhere:
        return
    verdicts = witness.verdicts()
    counts = Counter(verdict.outcome for verdict in verdicts)
    lines.append(
        "  expectations: " + ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    )
    for verdict in verdicts:
        if verdict.outcome is not Outcome.HELD:
            lines.extend(f"    {line}" for line in verdict.lines)
