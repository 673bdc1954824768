"""YAML by rules of our own: what is a number, what is text, and what is no document at all.

All of it with libyaml, and with the loader that takes its place where there is none.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.limits import YAML_BYTES_MAX, YAML_DEPTH_MAX, YAML_NODES_MAX
from pvws.notation import document
from pvws.notation.document import Node, parse, scalar
from tests.support.trees import plain

SYNTAX = "ab:-?[]{},&*!|>'\"%@` \n\t#\\x0U~é"
TEXTS = st.text(max_size=60) | st.text(alphabet=SYNTAX, max_size=60)


@pytest.fixture(params=["libyaml", "without"], autouse=True, scope="module")
def loader(request: pytest.FixtureRequest) -> Iterator[str]:
    assert yaml.__with_libyaml__, "what is to be tested must be here"
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "without":
            patch.setattr(document, "_FAST", None)
        yield request.param


def complaint(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse(text, "f.yaml")
    assert len(caught.value.problems) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("on", True),
        ("false", False),
        ("off", False),
        ("0", 0),
        ("-0", 0),
        ("+7", 7),
        ("-12", -12),
        ("999999999999999999", 999999999999999999),
        ("1.5", 1.5),
        ("-0.25", -0.25),
    ],
)
def test_words_and_decimal_numbers_are_what_they_look_like(text: str, value: object) -> None:
    read = plain(parse(f"key: {text}", "f.yaml"))["key"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *("1:30", "1:30:00", "0123", "0o17", "0x1F", "0b1", "1_000", "1e5", "1.5e3", ".5", "5.", ".inf", ".nan", "--"),
        *("yes", "no", "y", "n", "Yes", "NO", "True", "FALSE", "On", "OFF", "Null", "NULL", "nil", "none"),
        *("2024-01-01", "2024-01-01T00:00:00Z", "1000000000000000000", "92%", "2/s", "64 GiB", "٣"),
    ],
)
def test_everything_else_is_text(text: str) -> None:
    """PyYAML would read 1:30 as 90, 0123 as 83, and yes as true."""
    assert plain(parse(f"key: {text}", "f.yaml")) == {"key": text}


@pytest.mark.parametrize("text", ["'5'", '"on"', "'null'", '""'])
def test_what_is_quoted_is_text(text: str) -> None:
    assert plain(parse(f"key: {text}", "f.yaml")) == {"key": text[1:-1]}


def test_a_block_is_text() -> None:
    assert plain(parse("key: |\n  5\n", "f.yaml")) == {"key": "5\n"}
    assert plain(parse("key: >-\n  on\n", "f.yaml")) == {"key": "on"}


@pytest.mark.parametrize("key", ["on", "off", "yes", "no", "null", "~", "1", "1:30", "0123", "<<", "="])
def test_a_key_is_always_a_word(key: str) -> None:
    assert plain(parse(f"{key}: 1", "f.yaml")) == {key: 1}


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "\ufeff"])
def test_an_empty_document_is_nothing(text: str) -> None:
    node = parse(text, "f.yaml")
    assert node.value is None
    assert node.describe() == "nothing"


def test_every_value_and_every_key_knows_its_line_and_column() -> None:
    root = parse("a: 1\nb:\n  - x\n  - {c: d}\n", "f.yaml")
    assert isinstance(root.value, dict)
    assert root.key_places == {"a": (1, 1), "b": (2, 1)}
    assert (root.value["a"].line, root.value["a"].column) == (1, 4)
    listed = root.value["b"].value
    assert isinstance(listed, list)
    assert [(node.line, node.column) for node in listed] == [(3, 5), (4, 5)]
    assert listed[1].key_places == {"c": (4, 6)}


def test_an_alias_is_the_value_of_its_anchor() -> None:
    assert plain(parse("a: &x {b: 1}\nc: *x", "f.yaml")) == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("null", "nothing"),
        ("on", "on"),
        ("true", "true"),
        ("1.50", "1.50"),
        ("+7", "+7"),
        ("{a: 1}", "a mapping"),
        ("[1]", "a list"),
        ("fast", '"fast"'),
        ('"fa\\nst"', '"fa\\nst"'),
        ('"\\e[31m"', '"\\x1b[31m"'),
        ("x" * 60, f'"{"x" * 60}"'),
        ("x" * 61, f'"{"x" * 60}…"'),
        ("größe", '"größe"'),
    ],
)
def test_an_error_quotes_what_was_written_but_no_more_than_can_be_read(value: str, said: str) -> None:
    root = parse(f"key: {value}", "f.yaml")
    assert isinstance(root.value, dict)
    assert root.value["key"].describe() == said


# What is no document; the texts literally


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2", 'f.yaml:2:1: expected "a" once, got it again (first in line 1)'),
        ("x:\n  {a: 1, b: 2, 'a': 3}", 'f.yaml:2:16: expected "a" once, got it again (first in line 2)'),
        ("? [a, b]\n: 1", "f.yaml:1:3: expected a word as key, got a list or a mapping"),
        ("{{a: 1}: 2}", "f.yaml:1:2: expected a word as key, got a list or a mapping"),
        ("? \n: 1", 'f.yaml:1:2: expected a word as key, got ""'),
        ('"a\\nb": 1', 'f.yaml:1:1: expected a word as key, got "a\\nb"'),
        ('a: "\\uD83D"', "f.yaml:1:4: expected whole characters, got half of one, a surrogate"),
        ("a: \ud83d", "f.yaml:1:4: expected printable characters, got U+D83D"),
        ("a: b\ufeffc", "f.yaml:1:5: expected printable characters, got U+FEFF"),
        ("\ufeff\u2028\ufeff", "f.yaml:2:1: expected printable characters, got U+FEFF"),
        ("a: 1\nb: \0", "f.yaml:2:4: expected printable characters, got U+0000"),
        ("a: !!str 5", 'f.yaml:1:4: expected no tags, got "tag:yaml.org,2002:str"'),
        ("a: !include b.yaml", 'f.yaml:1:4: expected no tags, got "!include"'),
        ("!x {a: 1}", 'f.yaml:1:1: expected no tags, got "!x"'),
        ("a: *b", 'f.yaml:1:4: expected an alias of an anchor that stands above, got "*b"'),
        ("a: &b 1\nc: &b 2", 'f.yaml:2:4: expected the anchor "&b" once, got it again (first in line 1)'),
        ("a: &b [&b 1]", 'f.yaml:1:8: expected the anchor "&b" once, got it again (first in line 1)'),
        ("a: &b [1]\n*b : 2", "f.yaml:2:1: expected a word as key, got a list or a mapping"),
        ("a: &b {*b : 1}", "f.yaml:1:8: expected a word as key, got a list or a mapping"),
        (
            "a: b: c",
            "f.yaml:1:5: expected valid YAML (a colon too many: quote the value, or indent less)",
        ),
        (
            "%YAML 2.0\n---\n",
            "f.yaml:1:1: expected valid YAML (found incompatible YAML document (version 1.* is required))",
        ),
        (f"%YAML 1.{'1' * 5000}\n---\n", "f.yaml:1:9: expected valid YAML (a number here is out of range)"),
        ('a: "\\UFFFFFFFF"', "f.yaml:1:7: expected valid YAML (a number here is out of range)"),
        (
            "a:\n\tb: 1",
            "f.yaml:2:1: expected valid YAML (a tab: indent with spaces)",
        ),
        (
            "a: {b: 1",
            "f.yaml:1:9: expected valid YAML (a comma or } is missing before this)",
        ),
        ("a: [1, 2", "f.yaml:1:9: expected valid YAML (a comma or ] is missing before this)"),
        (
            "a:\n  b: 1\n c: 2",
            "f.yaml:3:2: expected valid YAML (it belongs to nothing above: indentation, or quotes that end early)",
        ),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: expected one document, got another"),
    ],
)
def test_what_is_no_document_is_refused_with_its_place(text: str, said: str) -> None:
    assert complaint(text) == said


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[" * 5_000, "1:66"),
        ("[" * 100 + "]" * 100, "1:66"),
        ("{a: " * 100 + "1" + "}" * 100, "1:258"),
        ("- " * 100 + "1", "1:131"),
        ("a: &x [*x]", "1:4"),
        ("&x [*x, *x]", "1:1"),
        ("a: &x {b: *x}", "1:4"),
    ],
)
def test_nesting_has_a_bound_and_what_contains_itself_has_none(text: str, place: str) -> None:
    assert complaint(text) == f"f.yaml:{place}: expected at most {YAML_DEPTH_MAX} levels of nesting, got more"


def test_nesting_up_to_the_bound_is_fine() -> None:
    parse("[" * YAML_DEPTH_MAX + "1" + "]" * YAML_DEPTH_MAX, "f.yaml")


def test_nesting_is_counted_through_aliases() -> None:
    half = YAML_DEPTH_MAX // 2
    anchor = f"a: &a {'[' * half}{']' * half}\n"
    parse(f"{anchor}b: {'[' * (half - 1)}*a{']' * (half - 1)}", "f.yaml")
    said = complaint(f"{anchor}b: {'[' * (half + 1)}*a{']' * (half + 1)}")
    assert said == f"f.yaml:2:{half + 5}: expected at most {YAML_DEPTH_MAX} levels of nesting, got more"


def test_a_billion_laughs_are_refused() -> None:
    lines = ["a0: &a0 ha"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    said = complaint("\n".join(lines))
    assert said == f"f.yaml:7:10: expected at most {YAML_NODES_MAX} values, aliases followed, got more"


def test_many_values_are_refused_without_reading_them_all() -> None:
    class Counting(yaml.CSafeLoader):
        events = 0

        def get_event(self) -> Any:
            Counting.events += 1
            return super().get_event()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "_FAST", Counting)
        said = complaint(f"[{'1,' * (2 * YAML_NODES_MAX)}]")
    assert said.endswith(f"expected at most {YAML_NODES_MAX} values, aliases followed, got more")
    assert Counting.events <= YAML_NODES_MAX + 3, "and the values before it: a stream, a document and a list begin"


def test_a_huge_text_is_refused_unread() -> None:
    said = f"f.yaml:1:1: expected at most {YAML_BYTES_MAX} characters, got {YAML_BYTES_MAX + 1}"
    assert complaint("[" * (YAML_BYTES_MAX + 1)) == said


def test_all_keys_that_are_there_twice_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        parse("a: 1\nb: {c: 1, c: 2, c: 3}\na:\n  d: 1\n  d: 2\n", "f.yaml")
    assert [str(problem) for problem in caught.value.problems] == [
        'f.yaml:2:11: expected "c" once, got it again (first in line 2)',
        'f.yaml:2:17: expected "c" once, got it again (first in line 2)',
        'f.yaml:3:1: expected "a" once, got it again (first in line 1)',
        'f.yaml:5:3: expected "d" once, got it again (first in line 4)',
    ]


def test_what_ends_the_reading_is_told_beside_the_keys_that_are_there_twice() -> None:
    with pytest.raises(InputError) as caught:
        parse("a: 1\na: 2\nb: !x 3\nc: 4\nc: 5", "f.yaml")
    assert [str(problem) for problem in caught.value.problems] == [
        'f.yaml:2:1: expected "a" once, got it again (first in line 1)',
        'f.yaml:3:4: expected no tags, got "!x"',
    ]


def test_a_hundred_keys_that_are_there_twice_are_enough() -> None:
    with pytest.raises(InputError) as caught:
        parse("a: 1\n" * 1000, "f.yaml")
    assert len(caught.value.problems) == 100


@given(TEXTS)
def test_any_text_is_a_document_or_an_error_with_a_place(text: str) -> None:
    try:
        parse(text, "f.yaml")
    except InputError as error:
        for problem in error.problems:
            assert problem.file == "f.yaml"
            assert (problem.line or 0) >= 1
            assert (problem.column or 0) >= 1
            assert str(problem).isprintable()


# The two loaders


def everything(node: Node) -> Any:
    """All that a tree knows."""
    value: Any = node.value
    match value:
        case dict():
            value = {key: everything(each) for key, each in value.items()}
        case list():
            value = [everything(each) for each in value]
    return value, type(value), node.line, node.column, node.source, node.origin, node.file, node.key_places


def outcome(text: str) -> tuple[Any, list[str]]:
    try:
        return everything(parse(text, "f.yaml")), []
    except InputError as error:
        return None, [str(problem) for problem in error.problems]


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    words = st.sampled_from(["a", "b", "on", "1", "&x c", "*x ", '"d"'])
    blank = st.sampled_from(["", " ", "\n ", " # e\n "])
    entries = st.tuples(words, st.sampled_from([":", ": ", " : "]), inner, blank).map("".join)
    listed = st.tuples(blank, inner, blank).map("".join)
    return (
        st.lists(entries, max_size=3).map(lambda each: f"{{{','.join(each)}}}")
        | st.lists(listed, max_size=3).map(lambda each: f"[{','.join(each)}]")
        | st.lists(inner, min_size=1, max_size=3).map(lambda each: "".join(f"\n- {part}" for part in each))
    )


SCALARS = st.sampled_from(["", "~", "1", "-0.5", "text", "'it''s'", '"\\u263a"', "&x 2", "&y", "*x", "*y", "1:30"])
DOCUMENTS = st.recursive(SCALARS, nested, max_leaves=8)


@given(TEXTS | DOCUMENTS | DOCUMENTS.map(lambda text: f"a: {text}\nb:"))
def test_without_libyaml_all_is_the_same_but_for_what_it_takes_beside(text: str) -> None:
    """It takes a tab between two words, and a question mark in `{a: why?}`; and it calls some tags another name."""
    with pytest.MonkeyPatch.context() as patch:
        fast = outcome(text)
        patch.setattr(document, "_FAST", None)
        slow = outcome(text)
    if slow[0] is not None or not set("\t?!>|") & set(text):
        assert fast == slow
    else:
        assert slow[1], "what is no document for the one may be one for the other"


@pytest.mark.parametrize("text", ["a: b\t# c", "{a: why?}", "[what?, 1]", "a: >#c\n  d"])
def test_some_texts_are_taken_by_libyaml_alone(text: str, loader: str) -> None:
    if loader == "libyaml":
        assert isinstance(parse(text, "f.yaml").value, dict | list)
    else:
        assert ": expected valid YAML (" in complaint(text)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("{a: }", 1, 4),
        ("{a : , b: 1}", 1, 5),
        ("{a}", 1, 3),
        ("a:", 1, 3),
        ("a: # c\n\n", 1, 3),
        ("? a\n: ", 2, 2),
        ("[a: ]", 1, 4),
        ("'a' :\nb: 1", 1, 6),
        ("a: &x\nb: 1", 1, 4),
    ],
)
def test_a_value_that_is_left_out_stands_behind_the_colon(text: str, line: int, column: int) -> None:
    root = parse(text, "f.yaml")
    inner = root.value[0] if isinstance(root.value, list) else root
    assert isinstance(inner.value, dict)
    node = inner.value["a"]
    assert (node.value, node.line, node.column) == (None, line, column)


def test_a_wrong_text_is_looked_at_again_by_the_slow_loader_for_a_second_at_most(loader: str) -> None:
    long = "# filled\n" * 40_000
    said = complaint(f"{long}a: @")
    assert said.startswith("f.yaml:40001:4: expected valid YAML (while scanning for the next token, found character ")
    assert ("'@'" in said) == (loader == "without"), "libyaml's own words don't quote it"
    assert "'@'" in complaint("a: @")


def test_a_node_knows_its_file_and_an_alias_is_a_copy() -> None:
    root = parse("a: &x {b: [1]}\nc: *x", "dir/f.yaml")
    assert isinstance(root.value, dict)
    first, second = root.value["a"], root.value["c"]
    assert {root.file, first.file, second.file} == {"dir/f.yaml"}
    assert everything(first) == everything(second), "it stands where its anchor does"
    assert isinstance(second.value, dict)
    second.value["d"] = Node(1)
    second.key_places["d"] = (1, 1)
    assert isinstance(second.value["b"].value, list)
    second.value["b"].value.clear()
    assert plain(first) == {"b": [1]}, "who writes into one doesn't write into the other"


def test_an_anchor_of_a_key_can_be_a_value_and_the_other_way_round() -> None:
    assert plain(parse("&x on: 1\nb: *x\nc: &y d\n*y : 2", "f.yaml")) == {"on": 1, "b": True, "c": "d", "d": 2}


# A value alone


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8083", 8083),
        ("1.5", 1.5),
        ("on", True),
        ("none", "none"),
        ("", None),
        ("30s", "30s"),
        ("*", "*"),
        ("!x", "!x"),
        ("&x", "&x"),
        ("a: b # c", "a: b # c"),
        ("[1]", "[1]"),
        ("'1'", "'1'"),
        (" 1", " 1"),
    ],
)
def test_a_value_alone_has_no_syntax(text: str, value: object) -> None:
    node = scalar(text, "VARIABLE")
    assert (node.value, node.source, node.origin) == (value, text, "VARIABLE")


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a: plain text", 6),
        ('a: "quoted"', 7),
        ("a: 'quoted'", 7),
        ('a: "an \\" escape"', None),
        ("a: 'an '' escape'", None),
        ("a: |\n  a block", None),
        ("a: folded\n  twice", None),
    ],
)
def test_a_text_that_stands_in_the_file_letter_by_letter_knows_where_each_is(text: str, column: int | None) -> None:
    root = parse(text, "f.yaml").value
    assert isinstance(root, dict)
    place = root["a"].letter(3)
    assert (None if place is None else place.column) == column
    assert scalar("abc", "--set a").letter(1) is None
