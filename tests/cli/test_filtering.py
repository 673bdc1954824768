import pytest

from pvws.cli.filtering import FilterError, expression


def test_an_expression_may_ask_for_the_fields_of_a_message() -> None:
    assert expression("--where", "data.size > 3 and type == topic").names == ("data.size", "type", "topic")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("data.size = 3", '--where: column 11: expected "==", got "="\n  data.size = 3\n            ^'),
        ("size > 3", "--where: column 1: expected one of "),
        ("", "--where: column 1: expected an expression, got nothing\n  \n  ^"),
        ("'\x1b[2J' = 1", '--where: column 8: expected "==", got "="\n  \'\\x1b[2J\' = 1\n            ^'),
    ],
)
def test_a_mistake_is_told_and_shown(text: str, said: str) -> None:
    with pytest.raises(FilterError) as caught:
        expression("--where", text)
    assert str(caught.value).startswith(said)
    assert caught.value.exit_code == 2


def test_of_a_long_expression_the_part_around_the_mistake_is_shown() -> None:
    with pytest.raises(FilterError) as caught:
        expression("--until", "type == 'a' or " * 100 + "type = 'b'" + " or type == 'a'" * 100)
    _, shown, mark = str(caught.value).splitlines()
    assert len(shown) < 130
    assert shown[mark.index("^")] == "="
