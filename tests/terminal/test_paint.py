import io
from typing import Any

import pytest

from pvws.terminal.paint import Paint
from pvws.terminal.spans import STYLES, Span, plain


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def terminal(monkeypatch: Any) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_spans_are_wrapped_in_the_escape_sequences_of_their_style() -> None:
    line = Paint(Terminal()).line([Span("12:00", "time"), Span("  "), Span("alerts", "alerts")])
    assert line == "\x1b[90m12:00\x1b[0m  \x1b[35malerts\x1b[0m"


def test_every_style_can_be_painted() -> None:
    painted = Paint(Terminal()).line([Span("text", style) for style in STYLES])
    assert painted.count("text") == len(STYLES)


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_no_colours_gets_none(variable: str, value: str, monkeypatch: Any) -> None:
    monkeypatch.setenv(variable, value)
    spans = [Span("12:00", "time"), Span("alerts", "alerts")]
    assert Paint(Terminal()).line(spans) == plain(spans)
