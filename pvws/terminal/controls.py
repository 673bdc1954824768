"""What a person at the keyboard has chosen: a fold of keys. Pure."""

from typing import Literal, TypeAlias

from pvws.expression.expression import Expression
from pvws.expression.trouble import ExpressionError
from pvws.limits import EXPRESSION_CHARACTERS_MAX
from pvws.terminal.printable import printable
from pvws.terminal.selection import NAMES, Selection
from pvws.terminal.spans import Span
from pvws.wire.topics import TOPICS

__all__ = ["HELP", "VIEWS", "Controls", "Section", "ViewName"]

ViewName: TypeAlias = Literal["log", "table", "dashboard"]
Section: TypeAlias = Literal["peers", "files", "alerts"]

VIEWS: tuple[ViewName, ...] = ("log", "table", "dashboard")
"""The views, in the order in which a key goes through them."""

_SECTIONS: tuple[Section | None, ...] = (None, "peers", "files", "alerts")
_PAGE = 10  # rows that Page Up and Page Down go by

HELP: tuple[tuple[str, str], ...] = (
    ("q", "quit, with a summary"),
    ("p, space", "pause: what is shown stands still, counting goes on"),
    ("v", "next view: log, table, dashboard"),
    ("1 2 3 4", "file_operations, peer_network, system, alerts: off and on"),
    ("/", "filter by an expression such as data.size > '1 MiB'"),
    ("t", "times of day, or since the first message"),
    ("tab", "table: one section alone; arrows and pages move through it"),
    ("?", "this help"),
)
"""Keys, and what they do."""


class Controls:
    """The view, what is selected, and whether it is paused; the filter while it is being typed."""

    def __init__(self, view: ViewName, selection: Selection) -> None:
        self.view: ViewName = view
        self.selection = selection
        self.paused = False
        self.help = False
        self.relative = False
        self.section: Section | None = None
        """The section of the table that has it all to itself."""
        self.offset = 0
        """How many of its rows are above the screen."""
        self.typed: str | None = None
        """The filter while it is being typed."""
        self.trouble: ExpressionError | None = None
        """What is wrong with it."""

    def press(self, key: str) -> bool:
        """A key was pressed; whether that means to quit."""
        if self.typed is not None:
            self._type(key, self.typed)
            return False
        match key:
            case "q" | "quit":
                return True
            case "p" | " ":
                self.paused = not self.paused
            case "v":
                self.view = VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)]
            case "1" | "2" | "3" | "4":
                self.selection.switch(TOPICS[int(key) - 1])
            case "/":
                self.typed = "" if self.selection.where is None else self.selection.where.text
            case "t":
                self.relative = not self.relative
            case "?" | "h":
                self.help = not self.help
            case "escape":
                self.help = False
            case "tab":
                self.section = _SECTIONS[(_SECTIONS.index(self.section) + 1) % len(_SECTIONS)]
                self.offset = 0
            case _:
                self._move(key)
        return False

    def _move(self, key: str) -> None:
        steps = {"up": -1, "down": 1, "page up": -_PAGE, "page down": _PAGE}
        if key == "home":
            self.offset = 0
        self.offset = max(0, self.offset + steps.get(key, 0))

    def _type(self, key: str, typed: str) -> None:
        match key:
            case "enter":
                self._apply(typed.strip())
            case "escape" | "quit":
                self.typed = self.trouble = None
            case "backspace":
                self.typed = typed[:-1]
            case "erase":
                self.typed = ""
            case _ if len(key) == 1 and len(typed) < EXPRESSION_CHARACTERS_MAX:
                self.typed = typed + key
        if key != "enter":
            self.trouble = None

    def _apply(self, text: str) -> None:
        try:
            where = Expression.parse(text, NAMES) if text else None
        except ExpressionError as error:
            self.typed, self.trouble = text, error
            return
        off = self.selection.off
        self.selection = Selection(self.selection.types, where)
        self.selection.off = off
        self.typed = self.trouble = None

    def line(self, width: int) -> list[Span]:
        """The line at the bottom: what is being typed, else what was chosen and the keys.

        Of what is typed the end is there, if the width is too small for all; of the rest, the beginning.
        """
        if self.typed is not None:
            return self._typing(self.typed, width)
        following = VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)]
        spans = [Span(" PAUSED ", "paused"), Span(" ")] if self.paused else []
        if self.selection.off:
            off = ", ".join(topic for topic in TOPICS if topic in self.selection.off)
            spans += [Span(f"off: {off}", "warning"), Span("  ")]
        if self.selection.where is not None:
            spans += [Span(f"filter: {printable(self.selection.where.text)}", "warning"), Span("  ")]
        if self.selection.types:
            spans += [Span(f"type: {printable(', '.join(self.selection.types))}", "warning"), Span("  ")]
        for key, what in (
            ("q", "quit"),
            ("p", "go on" if self.paused else "pause"),
            ("v", following),
            ("1-4", "topics"),
            ("/", "filter"),
            ("?", "help"),
        ):
            spans += [Span(key, "key"), Span(f" {what}  ", "faint")]
        return spans

    def _typing(self, typed: str, width: int) -> list[Span]:
        """What is typed with the cursor in it, which stands where the mistake is if there is one."""
        trouble = self.trouble
        at = len(typed) if trouble is None else min(trouble.column - 1, len(typed))
        told = "  enter applies, esc leaves it" if trouble is None else f"  {printable(str(trouble))}"
        title = "filter: "
        room = max(width - len(title) - 1, 1)
        first = max(0, at + 1 - room)
        return [
            Span(title, "amount"),
            Span(printable(typed[first:at])),
            Span(printable(typed[at : at + 1]) or " ", "cursor" if trouble is None else "wrong"),
            Span(printable(typed[at + 1 :])),
            Span(told, "faint" if trouble is None else "bad"),
        ]
