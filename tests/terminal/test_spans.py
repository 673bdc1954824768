from rich.style import Style

from pvws.terminal.spans import STYLES, Span, plain
from pvws.wire.topics import TOPICS


def test_a_plain_line_is_its_texts_without_blanks_at_the_end() -> None:
    assert plain([Span("12:00", "time"), Span("  "), Span("pong   ", "server")]) == "12:00  pong"


def test_every_style_is_one_that_rich_knows_and_every_topic_has_one() -> None:
    for style in STYLES.values():
        Style.parse(style)
    assert set(TOPICS) <= set(STYLES)
