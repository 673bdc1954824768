"""docs/expressions.md: each of its examples gives what it says."""

import json
import re
from pathlib import Path

import pytest

from pvws import limits
from pvws.errors import InputError
from pvws.expression.expression import Expression
from pvws.expression.functions import FUNCTIONS
from pvws.expression.template import Template
from pvws.expression.values import MISSING
from tests.support.snippets import texts

DOCUMENT = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")
EXAMPLES = texts("docs/expressions.md", "text")
ROW = re.compile(r"^\| (?P<cells>.*) \|$", re.MULTILINE)


def rows(*head: str) -> list[list[str]]:
    """The cells of every row of the tables that have this head, without the quotes of code."""
    found, inside = [], False
    for line in DOCUMENT.splitlines():
        match = ROW.match(line)
        cells = match["cells"].split(" | ") if match else []
        if cells == list(head):
            inside = True
        elif cells and inside:
            found.append([cell[1:-1] if cell.startswith("`") else cell for cell in cells])
        elif not line.startswith("|"):
            inside = False
    return found


def test_the_examples_at_its_beginning_are_read() -> None:
    *conditions, template = "".join(EXAMPLES).splitlines()
    for text in conditions:
        Expression.parse(text)
    assert Template.parse(template).fill({"n": 2, "count": 3}) == "file 2 of 6"


@pytest.mark.parametrize(("text", "data", "result"), rows("expression", "data", "result"))
def test_an_example_of_an_expression_gives_its_result(text: str, data: str, result: str) -> None:
    value = Expression.parse(text).evaluate(json.loads(data))
    if result == "missing":
        assert value is MISSING
    else:
        assert json.dumps(value) == json.dumps(json.loads(result)), "5 is not 5.0 here, nor true 1"


@pytest.mark.parametrize(("text", "data", "result"), rows("template", "data", "result"))
def test_an_example_of_a_template_gives_its_result(text: str, data: str, result: str) -> None:
    if result.startswith("column"):
        with pytest.raises(InputError) as caught:
            Template.parse(text).fill(json.loads(data))
        assert str(caught.value) == result
    else:
        value = Template.parse(text).fill(json.loads(data))
        assert json.dumps(value) == json.dumps(json.loads(result))


@pytest.mark.parametrize(("text", "said"), rows("expression", "what is said"))
def test_an_example_of_a_mistake_is_answered_as_written(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        Expression.parse(text)
    assert str(caught.value) == said


def test_the_tables_were_found() -> None:
    assert len(rows("expression", "data", "result")) > 40
    assert len(rows("template", "data", "result")) == 10
    assert len(rows("expression", "what is said")) == 8


def test_the_lines_at_the_top_can_be_read() -> None:
    block = DOCUMENT.partition("```text\n")[2].partition("```")[0].splitlines()
    assert [bool(Expression.parse(line).names) for line in block[:2]] == [True, True]
    assert Template.parse(block[2]).names == ("n", "count")


def test_every_quantity_in_the_table_is_one() -> None:
    written = [text for cells in rows("written", "is") for text in re.findall(r"'[^']*'", cells[0])]
    assert len(written) > 10
    for text in written:
        assert Expression.parse(f"abs(float({text})) > 0").holds({}), text


def test_every_function_is_described() -> None:
    assert not [function.form for function in FUNCTIONS.values() if f"`{function.form}`" not in DOCUMENT]


def test_the_limits_are_the_real_ones() -> None:
    assert f"at most {limits.EXPRESSION_CHARACTERS_MAX:,} characters" in DOCUMENT
    assert f"{limits.EXPRESSION_DEPTH_MAX} levels (a sum of {limits.EXPRESSION_DEPTH_MAX + 1} numbers" in DOCUMENT
    assert limits.EXPRESSION_INTEGER_MAX == 2**63 - 1
    assert limits.MESSAGE_BYTES_MAX == 2**20
