"""What a live view shows at any moment: the model, the controls, and the picture that they make."""

from pvws.cli.views import Looks
from pvws.client.happenings import Received
from pvws.terminal.controls import HELP, Controls, ViewName
from pvws.terminal.dashboard import dashboard
from pvws.terminal.head import Head
from pvws.terminal.lines import Line, fitted, heading, padded
from pvws.terminal.model import Model
from pvws.terminal.rows import Style
from pvws.terminal.selection import Selection
from pvws.terminal.spans import Span
from pvws.terminal.status import status_lines
from pvws.terminal.table import table

__all__ = ["Frame"]


class Frame:
    """The model and the controls of a view, and pictures of them in any size."""

    def __init__(self, url: str, view: ViewName, selection: Selection, looks: Looks, *, sampling: bool = True) -> None:
        self.model = Model(url, sampling=sampling)
        self.controls = Controls(view, selection)
        self.controls.relative = looks.relative
        self.log = looks.log()
        self._wide = looks.wide
        self._kept: tuple[object, int, list[Line]] | None = None
        """What the last picture was of, of how many messages, and its lines without the last."""

    def fold(self, head: Head | None, received: Received) -> None:
        """A selected message."""
        self.model.fold(head, received)

    def picture(self, columns: int, lines: int, at: float) -> list[Line]:
        """The view on a screen of this size: as many lines as it has, each as wide as it is.

        While it is paused this is the last picture, unless something else is asked for; the last line goes on.
        """
        controls = self.controls
        kind = (controls.view, controls.section, controls.offset, controls.relative, columns, lines)
        if self._kept is None or not controls.paused or self._kept[0] != kind:
            above = status_lines(self.model, columns, at)
            body = self._body(columns, max(lines - len(above) - 1, 0))
            self._kept = kind, self.model.ledger.total, padded([*above, *body], max(lines - 1, 0))
        _, count, shown = self._kept
        if controls.help:
            shown = padded([*shown[:2], *_help(columns)], len(shown))
        return [*shown, self.bottom(columns, self.model.ledger.total - count)]

    def page(self, columns: int, lines: int, at: float) -> list[Line]:
        """The view for no terminal: without the line of the keys, and a table with all its rows."""
        self.model.tick(at)
        above = status_lines(self.model, columns, at)
        if self.controls.view == "table":
            return [*above, *table(self.model, self.controls, self._style(columns), None)]
        return [*above, *self._body(columns, lines - len(above))]

    def bottom(self, columns: int, waiting: int = 0) -> Line:
        """The line of the keys, or what is being typed; `waiting` is how many messages have come in a pause."""
        line = self.controls.line(columns)
        if self.controls.paused and waiting and self.controls.typed is None:
            line = [Span(f" {waiting:,} waiting ", "paused"), *line]
        return fitted(line, columns)

    def _body(self, columns: int, lines: int) -> list[Line]:
        style = self._style(columns)
        if self.controls.view == "table":
            return table(self.model, self.controls, style, lines)
        ours = Style(columns, self._our_time)
        return dashboard(self.model, self.controls.selection.off, style, lines, ours=ours)

    def _style(self, columns: int) -> Style:
        self.log.relative = self.controls.relative
        return Style(columns, self.log.time, self._wide)

    def _our_time(self, micros: int) -> str:
        return self.log.time(micros, ours=True)


def _help(columns: int) -> list[Line]:
    width = max(len(key) for key, _ in HELP)
    lines = [[Span(f"  {key:<{width}}", "key"), Span(f"  {what}")] for key, what in HELP]
    return [heading("keys", columns), *(fitted(line, columns) for line in lines)]
