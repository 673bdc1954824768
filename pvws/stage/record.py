"""What plays on a stage, as entries of a recording: once, however many clients hear it."""

from collections.abc import Callable, Sequence

from pvws.recording.format import Entry, Mark, Message
from pvws.sim.agenda import Instant
from pvws.sim.source import Cue, Timed, Verbatim
from pvws.stage.observer import Observer
from pvws.wire.profiles import DOCUMENTED, Quirks
from pvws.wire.upstream import upstream_text

__all__ = ["StageRecord"]


class StageRecord(Observer):
    """Makes entries of what a stage publishes: events as its profile sends them, each for itself, and marks.

    Times are stage time since `start`; where that is set back, they stand. `record` takes the entries.
    """

    def __init__(self, record: Callable[[Entry], None], start: Instant, quirks: Quirks = DOCUMENTED) -> None:
        self._record = record
        self._start = start
        self._quirks = quirks
        self._last: Instant = 0

    def published(self, events: Sequence[Timed], real: Instant) -> None:
        """Events were published."""
        record, start, quirks = self._record, self._start, self._quirks
        for event in events:
            t = self._last = max(self._last, event.at - start)
            if isinstance(event, Verbatim):
                opcode = "binary" if event.binary else "text"
                record(Message(t, "recv", event.text, 1, opcode, event.fragments))  # type: ignore[arg-type]
            else:
                record(Message(t, "recv", upstream_text(event.text, event.sequence, quirks, at=event.at)))

    def cued(self, cue: Cue) -> None:
        """A cue was followed."""
        if cue.kind == "mark":
            self._last = max(self._last, cue.at - self._start)
            self._record(Mark(self._last, cue.name))
