"""Conditions and templates are parsed before the run; what is wrong in them is told where it stands."""

import pytest

from pvws.notation.document import Node, parse, scalar
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.timeline.texts import Condition, Label, TemplateText, is_template, template


def read(kind: object, node: Node) -> tuple[object, list[str]]:
    reader = Reader("f.yaml")
    value = reader.read(node, kind, "x")
    assert (value is INVALID) == bool(reader.problems)
    return value, [str(problem) for problem in reader.problems]


def of(text: str) -> Node:
    """The value in a mapping of one key, `x`."""
    root = parse(f"x: {text}", "f.yaml").value
    assert isinstance(root, dict)
    return root["x"]


@pytest.mark.parametrize("text", ["storage_usage > 90", "peers", "1", "'peer.random.usage > 5 and n < 3'"])
def test_a_condition_is_kept_as_it_was_written(text: str) -> None:
    assert read(Condition, of(text))[0] == text.strip("'")


def test_a_mistake_in_a_plain_text_is_told_with_its_own_column() -> None:
    assert read(Condition, of("peers > 3 && files"))[1] == ['f.yaml:1:14: x: expected "and", got "&&"']
    (said,) = read(TemplateText, of("a ${pears} b"))[1]
    assert said.startswith("f.yaml:1:8: x: expected one of")
    assert said.endswith('got "pears" (did you mean "peers"?)')


def test_a_mistake_in_a_block_is_told_with_the_place_of_the_block() -> None:
    (said,) = read(TemplateText, of("|\n  one\n  two ${1 +}\n"))[1]
    assert said.startswith("f.yaml:1:4: x: expected a value")


def test_a_mistake_in_what_no_file_has_is_told_with_where_it_comes_from() -> None:
    assert read(Condition, scalar("peers >", "--set x"))[1] == ["--set x: x: expected a value, got the end"]


@pytest.mark.parametrize("text", ["on", "null", "{a: 1}", "[]"])
def test_what_is_no_text_is_no_condition(text: str) -> None:
    assert "expected a text" in read(Condition, of(text))[1][0]


def test_a_template_is_one_only_if_it_asks_something() -> None:
    assert [is_template(text) for text in ("a", "$${a}", "${1}", "a ${peers}")] == [False, False, True, True]
    assert template("a ${peers}").names == ("peers",)


@pytest.mark.parametrize(
    ("text", "is_one"), [("x", True), ("1.10", True), ("' '", False), ('"a\\tb"', False), ("on", False)]
)
def test_a_label_is_a_name_that_can_be_printed(text: str, is_one: bool) -> None:
    assert bool(read(Label, of(text))[1]) != is_one
