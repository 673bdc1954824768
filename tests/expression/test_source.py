"""What is said of a text that is no expression: where the first mistake is, and what would be right."""

import ast

import pytest

from pvws.expression.source import Source, behind_text, quoted
from pvws.expression.trouble import ExpressionError


def said(text: str) -> str:
    """What is said of a text that has a mistake."""
    with pytest.raises(ExpressionError) as caught:
        Source(text).tree()
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 3", 'column 3: expected "==", got "="'),
        ("a == 1 and b = 3", 'column 14: expected "==", got "="'),
        ("a === 3", 'column 3: expected "==", got "==="'),
        ("a !== 3", 'column 3: expected "!=", got "!=="'),
        ("a <> 3", 'column 3: expected "!=", got "<>"'),
        ("a => 3", 'column 3: expected ">=", got "=>"'),
        ("a =< 3", 'column 3: expected "<=", got "=<"'),
        ("a =~ 'b'", 'column 3: expected matches(text, glob), got "=~"'),
        ("a && b", 'column 3: expected "and", got "&&"'),
        ("a || b", 'column 3: expected "or", got "||"'),
        ("!a", 'column 1: expected "not", got "!"'),
        ("a ? b : c", 'column 3: expected "a if condition else b", got "?"'),
        ("${a}", 'column 1: expected a name without $, got "$"'),
        ("a == “b”", 'column 6: expected a text in plain quotes, got "“"'),
        ("'=' = a", 'column 5: expected "==", got "="'),
    ],
)
def test_what_other_languages_write_is_answered_with_what_is_written_here(text: str, message: str) -> None:
    assert said(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a > 1 MiB", "column 5: expected a quantity in quotes: '1 MiB', got \"1 MiB\""),
        ("a < 250ms and b", "column 5: expected a quantity in quotes: '250ms', got \"250ms\""),
        ("a > 92%", "column 5: expected a quantity in quotes: '92%', got \"92%\""),
        ("(a > 92%) and b", "column 6: expected a quantity in quotes: '92%', got \"92%\""),
        ("a > 5 % and b", "column 5: expected a quantity in quotes: '5 %', got \"5 %\""),
    ],
)
def test_a_quantity_without_quotes_is_answered_with_quotes(text: str, message: str) -> None:
    assert said(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "column 1: expected an expression, got nothing"),
        (" \n\t", "column 1: expected an expression, got nothing"),
        ("a b", 'column 3: expected an operator, got "b"'),
        ("a AND b", 'column 3: expected an operator, got "AND" (did you mean "and"?)'),
        ("a 'b'", "column 3: expected an operator, got a text"),
        ("a == b c", 'column 8: expected an operator, got "c"'),
        ("f(a b)", 'column 5: expected an operator, got "b"'),
        ("f(a) b", 'column 6: expected an operator, got "b"'),
        ("a;b", 'column 2: expected an operator, got ";"'),
        ("a..b", 'column 2: expected an operator, got "."'),
        ("a >", "column 4: expected a value, got the end"),
        ("not", "column 4: expected a value, got the end"),
        ("a and and b", 'column 7: expected a value, got "and"'),
        ("== 3", 'column 1: expected a value, got "=="'),
        ("(a >)", 'column 5: expected a value, got ")"'),
        ("[a,,b]", 'column 4: expected a value, got ","'),
        (".a", 'column 1: expected a value, got ".a"'),
        ("a not b", 'column 7: expected "in", got "b"'),
        ("'a' if b", 'column 9: expected "else" and a value, got the end'),
        ("('a' if b) == 3", 'column 10: expected "else" and a value, got ")"'),
        ("0777", 'column 1: expected an expression, got "0777"'),
        ("a + 1x", 'column 5: expected an expression, got "1x"'),
        (
            "data.from",
            'column 6: expected an expression, got "from" '
            "(a name that is a word of Python is written in brackets: data['from'])",
        ),
    ],
)
def test_what_stands_in_the_wrong_place_is_named(text: str, message: str) -> None:
    assert said(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(a", 'column 1: expected a ")" for this "(", got none'),
        ("f(a[1)", 'column 6: expected "]", got ")"'),
        ("[[a]", 'column 1: expected a "]" for this "[", got none'),
        ("a)", 'column 2: expected no bracket that none opens, got ")"'),
        ("a == 'b", 'column 6: expected a closing quote, got "\'b"'),
        ("a == 'b\\'", "column 6: expected a closing quote, got \"'b\\'\""),
        ("'''a'", "column 1: expected a closing quote, got \"'''a'\""),
        ("a # b", 'column 3: expected no comment, got "#"'),
        ("a\0b", "column 2: expected printable characters, got U+0000"),
        ("a\u200b == 1", "column 2: expected printable characters, got U+200B"),
        ("a\ud800", "column 2: expected printable characters, got U+D800"),
        ("'a\nb'", r'column 3: expected no line break and no half character (\n is a line break), got "\n"'),
        ("'\ud800'", r'column 2: expected no line break and no half character (\n is a line break), got "\ud800"'),
        (r"'\n\\\d'", r'column 6: expected \\ for a backslash, got "\d"'),
        (r"'\x1'", r'column 2: expected \\ for a backslash, got "\x"'),
    ],
)
def test_what_is_not_closed_or_cannot_be_read_is_found_first(text: str, message: str) -> None:
    assert said(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a" * 4097, "column 4097: expected at most 4096 characters, got 4097"),
        ("(" * 2000 + "a" + ")" * 2000, "column 65: expected at most 64 levels of nesting, got more"),
        ("a" + "[0" * 65 + "]" * 65, "column 130: expected at most 64 levels of nesting, got more"),
    ],
)
def test_a_text_that_is_too_much_is_refused(text: str, message: str) -> None:
    assert said(text) == message


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("  a  ==\n 3\t", "a == 3"),
        ("(a\n==\r\n3)", "(a == 3)"),
        ("a\u00a0==\u30003", "a == 3"),
        ("'a\tb'", r"'a\tb'"),
        ("'a' 'b'", "'ab'"),
        ("r'\\d'", r"'\\d'"),
        ('"""a"b"""', "'a\"b'"),
        ("'é' == x", "'é' == x"),
    ],
)
def test_white_space_is_white_space_and_a_text_is_left_alone(text: str, same: str) -> None:
    assert ast.dump(Source(text).tree()) == ast.dump(ast.parse(same, mode="eval").body)


def test_columns_count_characters_and_not_bytes() -> None:
    source = Source("  'é日' ==\u3000\u00a0日本 + 'x'")
    tree = source.tree()
    assert isinstance(tree, ast.Compare)
    (right,) = tree.comparators
    assert source.column(tree.left) == 3
    assert source.excerpt(tree.left) == "\"'é日'\""
    assert source.column(right) == 12
    assert isinstance(right, ast.BinOp)
    assert source.column_between(right.left, right.right, "+") == 15


def test_the_end_of_a_literal_is_found() -> None:
    assert behind_text("'a'b", 0) == 3
    assert behind_text('x"a\'\\""b', 1) == 7
    assert behind_text("''", 0) == 2
    assert behind_text("'''a''b'''c", 0) == 10
    assert behind_text("'a", 0) == -1


def test_what_is_quoted_is_short_and_cannot_steer_a_terminal() -> None:
    assert quoted("a") == '"a"'
    assert quoted("a" * 100) == f'"{"a" * 60}…"'
    assert quoted("\x1b[2J") == r'"\x1b[2J"'
