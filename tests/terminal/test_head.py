import pytest

from pvws.terminal.head import Head, head_of


def test_the_head_is_the_envelope_without_its_data() -> None:
    text = '{"type":"x","topic":"alerts","data":{"type":"y","a":[1,2]},"timestamp":"soon","more":1}'
    assert head_of(text) == Head("x", "alerts", "soon")
    assert head_of('{"type":"pong"}') == Head("pong", None, None)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", '{"type":1}', '{"topic":"alerts"}', '{"type":"a","topic":1}', "[" * 10_000, "\ud800"]
)
def test_what_has_no_envelope_has_no_head(text: str) -> None:
    assert head_of(text) is None
