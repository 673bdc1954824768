"""Templates: texts with expressions in them, filled in or refused."""

import pytest

from pvws.expression.template import Template
from pvws.expression.trouble import ExpressionError, MissingNameError
from pvws.timestamp import Timestamp
from tests.expression.things import Peer

DATA = {"n": 3, "share": 2.0, "on": True, "nothing": None, "name": "x}y", "tags": ["a", 1], "peer": Peer({"id": "p"})}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("plain", "plain"),
        ("file ${n} of ${n * 2}", "file 3 of 6"),
        ("${n}", 3),
        ("${ n }", 3),
        ("${share}", 2.0),
        ("${share}!", "2!"),
        ("${on}", True),
        ("${nothing}", None),
        ("<${nothing}>", "<>"),
        ("${tags}", ["a", 1]),
        ("${tags};", '["a",1];'),
        (" ${n}", " 3"),
        ("${n}${n}", "33"),
        ("${name}", "x}y"),
        ("${'}'}", "}"),
        ("${'{'}-", "{-"),
        ('${"\'}"}', "'}"),
        (r"${'\'}'}", "'}"),
        ("${'''a'}b'''}", "a'}b"),
        ("${'${'}", "${"),
        ("$${n}", "${n}"),
        ("$$${n}", "$${n}"),
        ("$${n} ${n}", "${n} 3"),
        ("${n}$${n}", "3${n}"),
        ("${'$'}${n}", "$3"),
        ("$n $ {n} $$ {}", "$n $ {n} $$ {}"),
        ("}${n}{", "}3{"),
        ("${missing or 'nobody'}", "nobody"),
        ("${time}", "1970-01-01T00:00:00.000Z"),
        ("at ${time}", "at 1970-01-01T00:00:00.000Z"),
        ("${peer.id}", "p"),
        ("a\nb ${n\n+ 1}", "a\nb 4"),
    ],
)
def test_a_template_is_filled_in(text: str, filled: object) -> None:
    found = Template.parse(text).fill({**DATA, "time": Timestamp(0)})
    assert found == filled
    assert type(found) is type(filled)


def test_a_template_that_is_one_expression_can_hand_on_a_thing() -> None:
    assert Template.parse("${peer}").fill(DATA) is DATA["peer"]


@pytest.mark.parametrize(
    ("text", "message", "name"),
    [
        ("${gone}", "column 3: expected a value of gone, got nothing", "gone"),
        ("a ${n} ${peer.gone + 1}", "column 10: expected a value of peer.gone, got nothing", "peer.gone"),
        ("${ 1 / 0 }", "column 3: expected a value of 1 / 0, got nothing", "1 / 0"),
        ("a ${tags[7]}", "column 5: expected a value of tags[7], got nothing", "tags[7]"),
        ("a ${peer}", "column 5: expected a value of peer, got nothing", "peer"),
    ],
)
def test_a_template_never_writes_what_is_missing(text: str, message: str, name: str) -> None:
    template = Template.parse(text)
    with pytest.raises(MissingNameError) as caught:
        template.fill(DATA)
    assert str(caught.value) == message
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ab ${n", 'column 4: expected a "}" for this "${", got none'),
        ("ab ${n {}", 'column 4: expected a "}" for this "${", got none'),
        ("ab ${'n}", 'column 4: expected a "}" for this "${", got none'),
        ("ab ${}", "column 6: expected an expression, got nothing"),
        ("ab ${ }", "column 6: expected an expression, got nothing"),
        ("ab ${n = 3}", 'column 8: expected "==", got "="'),
        ("${n} ${n +}", "column 11: expected a value, got the end"),
        ("${{'a': n}}", "column 3: expected no mapping, got \"{'a': n}\""),
        ("é${n} ${lenn(n)}", "column 9: expected one of"),
        ("ab ${m}", 'column 6: expected one of n, name, got "m"'),
        ("ab ${nam}", 'column 6: expected one of n, name, got "nam" (did you mean "name"?)'),
    ],
)
def test_a_mistake_is_told_with_its_column_in_the_whole_text(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Template.parse(text, known=("n", "name"))
    assert str(caught.value).startswith(message)


def test_a_template_lists_its_names_and_knows_whether_it_has_expressions() -> None:
    template = Template.parse("${b.c} ${a + b.c} ${3}")
    assert template.names == ("b.c", "a")
    assert not template.is_plain
    assert Template.parse("$${a} $b").is_plain
    assert Template.parse("").is_plain
    assert not Template.parse("${3}").is_plain


def test_a_template_and_what_it_gives_are_no_longer_than_a_message() -> None:
    with pytest.raises(ExpressionError, match=r"^column 1048577: expected at most 1048576 characters, got 1048577$"):
        Template.parse("x" * (2**20 + 1))
    half = "x" * 2**19
    assert Template.parse("${a}${a}").fill({"a": half}) == half * 2
    with pytest.raises(ExpressionError, match=r"^column 11: expected a text of at most 1048576 characters, got more$"):
        Template.parse("${a}${a}${b}").fill({"a": half, "b": "x"})


def test_a_template_shows_its_text() -> None:
    assert str(Template.parse("a ${b}")) == "a ${b}"
    assert repr(Template.parse("a ${b}")) == "Template('a ${b}')"
