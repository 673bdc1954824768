"""A live view: log, table or dashboard on a terminal, with keys."""

import asyncio
import io
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

from pvws.cli.frame import Frame
from pvws.cli.standard import note
from pvws.cli.views import Looks, View, head_in, painted
from pvws.client.happenings import Received
from pvws.limits import LINES_A_REDRAW_MAX, LINES_HELD_MAX, REDRAWS_A_SECOND_MAX
from pvws.terminal.controls import HELP, ViewName
from pvws.terminal.ledger import Missed
from pvws.terminal.lines import Line, cut
from pvws.terminal.printable import printable
from pvws.terminal.screen import Screen
from pvws.terminal.selection import Selection
from pvws.terminal.spans import Span
from pvws.wire.topics import TOPICS, Topic

__all__ = ["LiveView"]

_PERIOD_S = 1 / REDRAWS_A_SECOND_MAX
_DRAWING_SHARE_MAX = 0.1  # of all time: on a slow machine there are fewer pictures, not fewer messages
_IDLE_S = 1.0  # how often a picture is drawn of which only the clock has changed


class LiveView(View):
    """Keeps a log, a table or a dashboard on a terminal, at most ten pictures a second, and does what keys say.

    `off` are topics that are not subscribed to. What is printed to stderr meanwhile, if that is a terminal too, is
    shown among the notes, and printed when the screen is given back.
    """

    def __init__(
        self,
        stream: TextIO,
        keyboard: TextIO | None,
        url: str,
        view: ViewName,
        selection: Selection | None = None,
        *,
        looks: Looks | None = None,
        off: frozenset[Topic] = frozenset(),
        now: Callable[[], float] = time.time,
    ) -> None:
        self.frame = Frame(url, view, Selection() if selection is None else selection, looks or Looks())
        super().__init__(stream, self.frame.model.ledger, self.frame.controls.selection)
        self._line = painted(stream)
        self._keyboard = None if keyboard is None else keyboard.fileno()
        self.selection.off = off
        self._now = now
        self._screen = Screen(self.output, self._keyboard, self._pressed, self._want)
        self._leave: Callable[[], None] = lambda: None
        self._switch: Callable[[Topic, bool], None] = lambda topic, on: None
        self._pending: list[str] = []  # lines of the log
        self._held: deque[Received] = deque(maxlen=LINES_HELD_MAX)
        self._held_count = 0
        self._flushing = False
        self._lines_left = LINES_A_REDRAW_MAX
        self._lines_skipped = 0
        self._wide = looks is not None and looks.wide
        self._columns = self._screen.size[0]
        self._wanted = True
        self._period_s = _PERIOD_S
        self._drawn = (-1, 0.0)  # of how many messages the last picture is, and when it was made
        self._untold: deque[str] = deque(maxlen=LINES_HELD_MAX)  # printed to stderr while nobody could see it

    @property
    def _in_log(self) -> bool:
        return self.frame.controls.view == "log"

    def show(self, received: Received) -> bool:
        """Count and fold it; in the log, write its line, unless there are too many to read."""
        head = head_in(received)
        self.ledger.saw_head(head, received.at)
        if self.ledger.total == 1 and self.ledger.last_sent is not None:
            self.frame.log.time(self.ledger.last_sent)  # relative times begin here, whatever is shown first
        if not self.selected(head, received.text):
            return False
        self.frame.fold(head, received)
        if self._in_log:
            if self.frame.controls.paused:
                self._held.append(received)
                self._held_count += 1
            elif self._lines_left > 0:
                self._lines_left -= 1
                self._scroll_message(received)
            else:
                self._lines_skipped += 1
        return True

    def tell(self, text: str) -> None:
        """Among the notes, and to stderr where that is no terminal."""
        note(text)
        if not isinstance(sys.stderr, _Told):
            for line in text.splitlines():
                self._noted(f"pvws: {line}")

    def connected(self, url: str, at: float, silent_since: float | None = None) -> Missed | None:
        """A connection was made."""
        self._want()
        return self.frame.model.connected(url, at, silent_since)

    def unreached(self, why: str, retry_in: float, at: float) -> None:
        """A try to connect failed."""
        self._want()
        self.frame.model.unreached(why, retry_in, at)

    def lost(self, why: str, retry_in: float | None, at: float) -> None:
        """The connection was lost."""
        self._want()
        self.frame.model.lost(why, retry_in, at)

    def entered(self, leave: Callable[[], None], switch: Callable[[Topic, bool], None]) -> AbstractContextManager[None]:
        """The terminal is ours while this is entered."""
        self._leave, self._switch = leave, switch
        return self._entering()

    @contextmanager
    def _entering(self) -> Iterator[None]:
        stderr = sys.stderr
        drawing = asyncio.ensure_future(self._draw_on())
        drawing.add_done_callback(lambda task: None if task.cancelled() else self._leave())
        with self._screen:
            self._screen.fill(whole=not self._in_log)
            if stderr is not None and stderr.isatty():
                sys.stderr = _Told(self._told)
            try:
                yield
            finally:
                drawing.cancel()
                self._flush()
                sys.stderr = stderr
        if drawing.done() and not drawing.cancelled():
            drawing.result()  # a mistake of ours: nobody may take a picture that stands still for news
        for line in self._untold:
            note(line.removeprefix("pvws: "))

    async def _draw_on(self) -> None:
        while True:
            await asyncio.sleep(self._period_s)
            self.redraw()

    def redraw(self) -> None:
        """Make a picture if anything has changed, or the clock has to go on."""
        at = self._now()
        self.frame.model.tick(at)
        self._tell_skipped()
        count, drawn_at = self._drawn
        if self.ledger.total == count and not self._wanted and 0 <= at - drawn_at < _IDLE_S:
            return
        began = time.thread_time()
        self._wanted = False
        self._drawn = (self.ledger.total, at)
        if self._in_log:
            self._flush()
        else:
            columns, lines = self._screen.size
            picture = [self._line(line) for line in self.frame.picture(columns, lines, at)]
            self._wanted = not self._screen.draw(picture)
        took = time.thread_time() - began
        self._period_s = max(_PERIOD_S, took / _DRAWING_SHARE_MAX)

    def _tell_skipped(self) -> None:
        """In a flood the log has as many lines as the eye can follow, and says how many it left out."""
        self._lines_left = LINES_A_REDRAW_MAX
        if self._lines_skipped:
            left_out, self._lines_skipped = self._lines_skipped, 0
            text = f"… {left_out:,} more messages, too many to read; --json or a pipe has them all"
            self._scroll(self._line([Span(text, "warning")]))

    def _want(self) -> None:
        self._wanted = True
        self._columns = self._screen.size[0]

    def _told(self, line: str) -> None:
        """A line was printed to a stderr that nobody sees."""
        self._noted(line)
        if not self._in_log:
            self._untold.append(line)

    def _noted(self, line: str) -> None:
        self.frame.model.note(line.removeprefix("pvws: "), self._now())
        if self._in_log:
            self._scroll(self._line([Span(printable(line), "faint")]))
        self._want()

    def _scroll_message(self, received: Received) -> None:
        """A line of the log; cut at the edge, so that columns stay columns, unless nothing is to be shortened."""
        line = self.frame.log.of(received)
        self._scroll(self._line(line if self._wide else cut(line, self._columns)))

    def _scroll(self, line: str) -> None:
        self._pending.append(line)
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Lines of one turn of the loop go out together, above the line of the keys."""
        self._flushing = False
        lines, self._pending = self._pending, []
        if self._in_log:
            self._screen.scroll(lines, self._line(self._bottom()))

    def _bottom(self) -> Line:
        if self._keyboard is None:
            return []
        return self.frame.bottom(self._screen.size[0] - 1, self._held_count)  # a full line might wrap

    def _pressed(self, key: str) -> None:
        controls = self.frame.controls
        off, paused, view, helped = controls.selection.off, controls.paused, controls.view, controls.help
        if controls.press(key):
            self._leave()
            return
        self.selection = controls.selection
        if self.selection.filters and self.ledger.shown is None:
            self.ledger.shown = self.ledger.total
        self.frame.log.relative = controls.relative
        for topic in TOPICS:
            if (topic in off) != (topic in self.selection.off):
                self._switch(topic, topic not in self.selection.off)
        if controls.view != view:
            self._flush_before(view)
        if self._in_log and controls.help and not helped:
            self._explain()
        if paused and not controls.paused:
            self._resume()
        self._want()

    def _flush_before(self, view: ViewName) -> None:
        """The view is another one: what was still to be written of the last one comes before."""
        if view == "log":
            lines, self._pending = self._pending, []
            self._screen.scroll(lines, "")
        self._screen.fill(whole=not self._in_log)

    def _resume(self) -> None:
        held, self._held = self._held, deque(maxlen=LINES_HELD_MAX)
        left_out, self._held_count = self._held_count - len(held), 0
        if left_out:
            self._scroll(self._line([Span(f"… {left_out:,} more messages, not shown", "warning")]))
        for received in held:
            self._scroll_message(received)

    def _explain(self) -> None:
        """The help in the log is lines of it."""
        self.frame.controls.help = False
        width = max(len(key) for key, _ in HELP)
        for key, what in HELP:
            self._scroll(self._line([Span(f"  {key:<{width}}", "key"), Span(f"  {what}")]))


class _Told(io.TextIOBase):
    """Stands for stderr while the screen is ours: lines go to a function."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._rest = ""

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._tell(line)
        return len(text)

    def isatty(self) -> bool:
        return False
