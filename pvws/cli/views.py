"""What `watch` and `simulate` show: JSON Lines, a log, or, where nobody looks on, a table or dashboard at the end."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import tzinfo
from typing import Any, Literal, TextIO, TypeAlias

from pvws.cli.standard import note, terminal_at
from pvws.cli.unfit import Unfit
from pvws.client.happenings import Received
from pvws.terminal.head import Head, head_of
from pvws.terminal.ledger import Ledger, Missed
from pvws.terminal.log import Log
from pvws.terminal.output import Output
from pvws.terminal.printable import one_line, printable_json
from pvws.terminal.selection import Selection
from pvws.terminal.spans import Span, plain
from pvws.wire.messages import Event
from pvws.wire.topics import TOPICS, Topic

__all__ = [
    "JsonView",
    "Kind",
    "LogView",
    "Looks",
    "OnceView",
    "View",
    "descriptor_of",
    "head_in",
    "painted",
    "view_on",
]

Kind: TypeAlias = Literal["json", "log", "table", "dashboard"]
"""What a view may be."""

_PAGE = (100, 40)  # of a picture for no terminal, unless COLUMNS and LINES say otherwise


class Looks:
    """How times and values are shown: times in a `zone` (None: the machine's) or since the first message."""

    def __init__(self, *, zone: tzinfo | None = None, wide: bool = False, relative: bool = False) -> None:
        self.zone = zone
        self.wide = wide
        self.relative = relative

    def log(self) -> Log:
        """A log that looks so."""
        return Log(zone=self.zone, wide=self.wide, relative=self.relative)


class View:
    """Counts every message, and shows those that are selected on `output`."""

    def __init__(self, stream: TextIO, ledger: Ledger, selection: Selection | None = None) -> None:
        self.output = Output(descriptor_of(stream))
        self.ledger = ledger
        self.selection = Selection() if selection is None else selection
        if self.selection.filters:
            ledger.shown = 0

    def show(self, received: Received) -> bool:
        """Count a message, and show it if it is selected; whether it was."""
        raise NotImplementedError

    def selected(self, head: Head | None, text: str) -> bool:
        """Whether a message is to be shown; counted, where not all are."""
        if self.selection.takes_all:
            return True
        if not self.selection.takes(head, text):
            return False
        if self.ledger.shown is not None:
            self.ledger.shown += 1
        return True

    def entered(self, leave: Callable[[], None], switch: Callable[[Topic, bool], None]) -> AbstractContextManager[Any]:
        """What is to be entered while it is shown.

        `leave` is for a person who wants no more, `switch` for one who wants a topic no more, or again.
        """
        return nullcontext()

    def tell(self, text: str) -> None:
        """Tell a person of what happened to the connection."""
        note(text)

    def connected(self, url: str, at: float, silent_since: float | None = None) -> Missed | None:
        """A connection to an address, for people, was made at a moment; what was missed since the one before.

        `silent_since` is when that gave its last sign of life, if that is known to be earlier than its loss.
        """
        return self.ledger.connected(at, silent_since)

    def unreached(self, why: str, retry_in: float, at: float) -> None:
        """A try to connect failed."""

    def lost(self, why: str, retry_in: float | None, at: float) -> None:
        """The connection was lost; without a further try it is over."""
        if retry_in is not None:
            self.ledger.disconnected(at)

    def finish(self, at: float) -> None:
        """Nothing more comes."""


class JsonView(View):
    """JSON Lines: every message's text as it came. On a terminal what could steer it is escaped, the JSON way."""

    def __init__(self, stream: TextIO, selection: Selection | None = None) -> None:
        super().__init__(stream, Ledger(), selection)
        self._line: Callable[[str], str] = printable_json if stream.isatty() else one_line

    def show(self, received: Received) -> bool:
        """One line; only its envelope is decoded."""
        head = head_in(received)
        self.ledger.saw_head(head, received.at)
        if not self.selected(head, received.text):
            return False
        self.output.write(self._line(received.text))
        return True


class LogView(View):
    """The log: a line a message, in colours where the stream is a terminal that has them."""

    def __init__(self, stream: TextIO, selection: Selection | None = None, *, looks: Looks | None = None) -> None:
        super().__init__(stream, Ledger(), selection)
        self._log = (looks or Looks()).log()
        self._line = painted(stream)

    def show(self, received: Received) -> bool:
        """One line, also for what can't be read."""
        self.ledger.saw(received.message, received.at)
        if not self.selection.takes_all and not self.selected(head_in(received), received.text):
            return False
        self.output.write(self._line(self._log.of(received)))
        return True


class OnceView(View):
    """A table or a dashboard where there is no terminal to keep it on: folded all the time, and written at the end."""

    def __init__(
        self,
        stream: TextIO,
        url: str,
        kind: Literal["table", "dashboard"],
        selection: Selection | None = None,
        *,
        looks: Looks | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        from pvws.cli.frame import Frame  # live views: only where there is one

        self._now = now

        self._frame = Frame(url, kind, selection or Selection(), looks or Looks(), sampling=False)
        self._ticked_at = 0.0
        super().__init__(stream, self._frame.model.ledger, selection)

    def show(self, received: Received) -> bool:
        """Fold it."""
        head = head_in(received)
        self.ledger.saw_head(head, received.at)
        if not 0 <= received.at - self._ticked_at < 1:
            self._ticked_at = received.at
            self._frame.model.tick(received.at)
        if not self.selected(head, received.text):
            return False
        self._frame.fold(head, received)
        return True

    def tell(self, text: str) -> None:
        """To stderr, and among the notes."""
        note(text)
        self._frame.model.note(text, self._now())

    def connected(self, url: str, at: float, silent_since: float | None = None) -> Missed | None:
        """A connection was made."""
        return self._frame.model.connected(url, at, silent_since)

    def lost(self, why: str, retry_in: float | None, at: float) -> None:
        """The connection was lost."""
        self._frame.model.lost(why, retry_in, at)

    def finish(self, at: float) -> None:
        """Write the whole table, or a dashboard that fits a page; nothing where there never was a connection."""
        if not self.ledger.connections and not self.ledger.total:
            return
        size = shutil.get_terminal_size(_PAGE)
        for line in self._frame.page(size.columns, size.lines, at):
            self.output.write(plain(line))


def view_on(
    stream: TextIO,
    url: str,
    kind: Kind,
    selection: Selection | None = None,
    looks: Looks | None = None,
    *,
    topics: Sequence[Topic] = TOPICS,
) -> View:
    """The view that there can be on a stream: a live one on a terminal, with keys if there is a keyboard as well.

    `url` is for people, `topics` are those that are subscribed to.
    """
    if kind == "json":
        return JsonView(stream, selection)
    is_terminal = terminal_at(stream)
    keyboard = sys.stdin if is_terminal and terminal_at(sys.stdin) else None
    if kind == "log" and keyboard is None:
        return LogView(stream, selection, looks=looks)
    if not is_terminal:
        assert kind != "log", "a log can be written anywhere"
        return OnceView(stream, url, kind, selection, looks=looks)
    from pvws.cli.live import LiveView  # only where there is somebody to look at it

    return LiveView(stream, keyboard, url, kind, selection, looks=looks, off=frozenset(TOPICS) - set(topics))


def head_in(received: Received) -> Head | None:
    """The envelope of a message. What the shipped server leaves out of it, type or topic, is found in its data."""
    if isinstance(received, Unfit):
        return None
    head = head_of(received.text)
    if head is not None and (head.topic is None or head.type == "broadcast"):
        said = received.message
        if isinstance(said, Event):
            return Head(said.type, said.topic, head.timestamp)
    return head


def descriptor_of(stream: TextIO) -> int:
    """What is to be written to; what was printed before comes first."""
    stream.flush()
    return stream.fileno()


def painted(stream: TextIO) -> Callable[[list[Span]], str]:
    """What makes a line of spans: in colours where the stream is a terminal that has them."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return plain
    from pvws.terminal.paint import Paint  # Rich: only where there is something to colour

    return Paint(stream).line
