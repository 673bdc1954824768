"""Trees made of other trees: what counts, what keeps its place, and that nobody's tree is changed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from pvws.limits import YAML_DEPTH_MAX
from pvws.notation.document import Node, parse, scalar
from pvws.notation.quantities import Duration
from pvws.notation.reader import Reader
from pvws.notation.tree import at_path, merge, put, replaced, transformed, without
from tests.support.trees import plain


def inner(node: Node, *steps: str | int) -> Node:
    for step in steps:
        if isinstance(step, int):
            assert isinstance(node.value, list)
            node = node.value[step]
        else:
            assert isinstance(node.value, dict)
            node = node.value[step]
    return node


def place(node: Node) -> tuple[str | None, int, int]:
    return node.file, node.line, node.column


def everything(node: Node) -> Any:
    value: Any = node.value
    match value:
        case dict():
            value = {key: everything(each) for key, each in value.items()}
        case list():
            value = [everything(each) for each in value]
    return value, node.source, node.origin, place(node), node.key_places


# One over another


@pytest.mark.parametrize(
    ("base", "over", "merged"),
    [
        ("{a: 1, b: 2}", "{c: 3, b: 4}", {"a": 1, "b": 4, "c": 3}),
        ("{a: {b: {c: 1, d: 2}}}", "{a: {b: {d: 3, e: 4}}}", {"a": {"b": {"c": 1, "d": 3, "e": 4}}}),
        ("{a: [1]}", "{a: [2]}", {"a": [2]}),
        ("{a: {b: 1}}", "{a: 2}", {"a": 2}),
        ("{a: 1}", "{a: {b: 2}}", {"a": {"b": 2}}),
        ("{a: {b: 1}}", "{a: }", {"a": None}),
        ("{steps: [1, 2]}", "{steps: [3]}", {"steps": [1, 2, 3]}),
        ("{steps: [1]}", "{steps: 3}", {"steps": 3}),
        ("{steps: 1}", "{steps: [3]}", {"steps": [3]}),
        ("{steps: {a: [1]}}", "{steps: {a: [2]}}", {"steps": {"a": [2]}}),
        ("{a: {steps: [1]}}", "{a: {steps: [2]}}", {"a": {"steps": [2]}}),
        ("{a: 1}", "", None),
        ("", "{a: 1}", {"a": 1}),
        ("[1]", "[2]", [2]),
    ],
)
def test_mappings_are_merged_and_named_lists_of_the_root_are_joined(base: str, over: str, merged: Any) -> None:
    tree = merge(parse(base, "base.yaml"), parse(over, "over.yaml"), concatenate=frozenset({"steps"}))
    assert plain(tree) == merged
    if isinstance(merged, dict):
        assert isinstance(tree.value, dict)
        assert list(tree.value) == list(merged), "keys keep their order"
        assert set(tree.key_places) == set(merged)


def test_what_was_merged_is_told_with_the_file_that_it_stands_in() -> None:
    class Each(Struct):
        at: Duration = 0
        to: Duration = 0

    class Whole(Struct):
        one: Each
        two: int = 0
        three: int = 0
        steps: list[int] = []

    base = parse("one:\n  at: soon\n  tu: 1\ntwo: x\nsteps: [a]\n", "base.yaml")
    over = parse("# over\none: {to: late, ta: 1}\nsteps: [b]\n", "over.yaml")
    reader = Reader("over.yaml")
    reader.struct(merge(base, over, concatenate=frozenset({"steps"})), Whole, "")
    assert [str(problem) for problem in reader.problems] == [
        'base.yaml:3:3: one: expected one of at, to, got "tu"',
        'over.yaml:2:17: one: expected one of at, to, got "ta"',
        'base.yaml:2:7: one.at: expected a duration like "30s", "1m30s" or "500ms", got "soon"',
        'over.yaml:2:11: one.to: expected a duration like "30s", "1m30s" or "500ms", got "late"',
        'base.yaml:4:6: two: expected a whole number, got "x"',
        'base.yaml:5:9: steps[0]: expected a whole number, got "a"',
        'over.yaml:3:9: steps[1]: expected a whole number, got "b"',
    ]


TREES = st.recursive(
    st.sampled_from(["1", "on", "x", "''"]),
    lambda each: (
        st.lists(each, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from("abc"), each, max_size=3).map(
            lambda entries: f"{{{', '.join(f'{key}: {value}' for key, value in entries.items())}}}"
        )
    ),
    max_leaves=8,
)


@given(TREES, TREES, st.sets(st.sampled_from("abc")).map(frozenset))
def test_merging_changes_neither_tree_and_the_upper_one_shows(base: str, over: str, joined: frozenset[str]) -> None:
    under, upper = parse(base, "base.yaml"), parse(over, "over.yaml")
    before = everything(under), everything(upper)
    tree = merge(under, upper, concatenate=joined)
    assert (everything(under), everything(upper)) == before
    assert place(tree) == place(upper)
    if isinstance(under.value, dict) and isinstance(upper.value, dict):
        assert isinstance(tree.value, dict)
        assert list(tree.value) == list(under.value | upper.value)
        for key, node in tree.value.items():
            own = upper if key in upper.value else under
            assert tree.key_places[key] == own.key_places[key]
            assert node.file == own.file, "a key stands in the file of its value"
    else:
        assert tree is upper


@given(TREES)
def test_merging_with_nothing_or_itself_gives_the_same(text: str) -> None:
    tree = parse(text, "f.yaml")
    assert everything(merge(tree, tree)) == everything(tree)
    if isinstance(tree.value, dict):
        assert plain(merge(tree, Node({}))) == plain(merge(Node({}), tree)) == plain(tree)


# A value set


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("network.peers", {"network": {"peers": "new"}, "steps": [{"at": 1}, [2, 3]], "empty": None}),
        ("network.more.still", {"network": {"peers": 12, "more": {"still": "new"}}}),
        ("network", {"network": "new"}),
        ("a.b.c", {"a": {"b": {"c": "new"}}}),
        ("empty.now", {"empty": {"now": "new"}}),
        ("steps[0].at", {"steps": [{"at": "new"}, [2, 3]]}),
        ("steps[0].for", {"steps": [{"at": 1, "for": "new"}, [2, 3]]}),
        ("steps[1][1]", {"steps": [{"at": 1}, [2, "new"]]}),
        ("steps[1]", {"steps": [{"at": 1}, "new"]}),
        ("night-uploads.rate per s", {"night-uploads": {"rate per s": "new"}}),
    ],
)
def test_a_value_is_set_at_a_path(path: str, value: dict[str, Any]) -> None:
    root = parse("network: {peers: 12}\nsteps:\n  - {at: 1}\n  - [2, 3]\nempty:\n", "f.yaml")
    before = everything(root)
    old = plain(root)
    assert plain(replaced(root, path, scalar("new", "--set"))) == old | value
    assert everything(root) == before, "the tree itself is as it was"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("network.peers.x", 'network.peers is 12, so it has no "x"'),
        ("network[0]", "network is a mapping, so it has no [0]"),
        ("steps.at", 'steps is a list, so it has no "at"'),
        ("steps[2]", "steps has 2 entries, so it has no [2]"),
        ("steps[1][1]", "steps[1] has 1 entry, so it has no [1]"),
        ("steps[0].at.x", 'steps[0].at is "soon", so it has no "x"'),
        ("none[0]", "none is not there, so it has no [0]"),
        ("a.b[0]", "a.b is not there, so it has no [0]"),
        ("[0]", "the whole is a mapping, so it has no [0]"),
        ("a." * YAML_DEPTH_MAX + "a", f"a path has at most {YAML_DEPTH_MAX} steps"),
        *(
            (path, 'a path is keys and numbers, like "network.peers" or "timeline[3].at"')
            for path in (
                "",
                ".",
                "a.",
                ".a",
                "a..b",
                "a[",
                "a[]",
                "a[x]",
                "a[-1]",
                "a[01]",
                "a[1]b",
                "[1",
                "a]",
                "a[٣]",
            )
        ),
    ],
)
def test_a_path_that_leads_nowhere_is_refused_with_a_sentence(path: str, said: str) -> None:
    root = parse("network: {peers: 12}\nsteps: [{at: soon}, [1]]", "f.yaml")
    with pytest.raises(ValueError, match=r"^") as caught:
        replaced(root, path, Node(1))
    assert str(caught.value) == said


def test_what_was_set_is_told_with_its_origin_and_the_rest_with_its_line() -> None:
    class Inner(Struct):
        peers: int

    class Whole(Struct):
        network: Inner
        other: Inner | None = None

    root = parse("network:\n  peers: many", "f.yaml")
    root = replaced(root, "network.beers", scalar("3", "--set"))
    root = replaced(root, "other.peers", scalar("few", "--set"))
    reader = Reader("f.yaml")
    reader.struct(root, Whole, "")
    assert [str(problem) for problem in reader.problems] == [
        '--set: network: expected one of peers, got "beers" (did you mean "peers"?)',
        'f.yaml:2:10: network.peers: expected a whole number, got "many"',
        '--set: other.peers: expected a whole number, got "few"',
    ]


def test_setting_a_value_in_one_place_leaves_a_shared_node_as_it_is() -> None:
    shared = parse("{a: 1}", "f.yaml")
    root = Node({"x": shared, "y": shared})
    assert plain(replaced(root, "x.a", Node(2))) == {"x": {"a": 2}, "y": {"a": 1}}
    assert plain(shared) == {"a": 1}


@given(TREES, st.text(alphabet="abc.[]0", max_size=8))
def test_any_path_is_taken_or_refused(text: str, path: str) -> None:
    root = parse(text, "f.yaml")
    before = everything(root)
    try:
        tree = replaced(root, path, Node("new"))
    except ValueError as error:
        assert str(error)
    else:
        paths: list[str] = []
        transformed(tree, lambda node, path: paths.append(path) if node.value == "new" else None)
        assert paths == [path]
    assert everything(root) == before


# Scalars changed


def test_every_scalar_is_shown_with_its_path_in_the_order_of_the_text() -> None:
    seen: list[tuple[str, object]] = []
    root = parse("a: 1\nb: [x, {c: on}, [[]], {}]\nd: {e: {f: }}", "f.yaml")
    assert transformed(root, lambda node, path: seen.append((path, node.value))) is root
    assert seen == [("a", 1), ("b[0]", "x"), ("b[1].c", True), ("d.e.f", None)]


def test_what_is_changed_keeps_its_place_and_what_is_not_stays_itself() -> None:
    root = parse("a: 1\nb:\n  - $x\n  - y\nc: {d: 2}\n", "f.yaml")
    before = everything(root)
    tree = transformed(root, lambda node, path: Node(7, source="7") if node.value == "$x" else None)
    assert plain(tree) == {"a": 1, "b": [7, "y"], "c": {"d": 2}}
    assert everything(root) == before
    assert (place(inner(tree, "b", 0)), inner(tree, "b", 0).source) == (("f.yaml", 3, 5), "7")
    assert tree.key_places == root.key_places
    for steps in (("a",), ("b", 1), ("c",)):
        assert inner(tree, *steps) is inner(root, *steps)


def test_a_scalar_may_become_a_whole_tree_which_stands_where_it_stood() -> None:
    root = replaced(parse("a: {b: $x}", "f.yaml"), "a.c", scalar("$x", "--set"))
    tree = transformed(root, lambda node, path: parse("\n{d: [1]}", "other.yaml") if node.value == "$x" else None)
    assert plain(tree) == {"a": {"b": {"d": [1]}, "c": {"d": [1]}}}
    assert place(inner(tree, "a", "b", "d", 0)) == ("f.yaml", 1, 8)
    assert inner(tree, "a", "b").key_places == {"d": (1, 8)}
    assert inner(tree, "a", "c", "d", 0).origin == "--set"
    assert inner(tree, "a", "b", "d", 0).origin is None


def test_a_shared_node_may_become_something_else_in_each_place() -> None:
    shared = Node([Node("$x")])
    root = Node({"a": shared, "b": shared})
    assert plain(transformed(root, lambda node, path: Node(path))) == {"a": ["a[0]"], "b": ["b[0]"]}
    assert plain(shared) == ["$x"]


def test_the_root_may_be_a_scalar() -> None:
    assert transformed(Node("$x"), lambda node, path: Node(f"{path}!")).value == "!"


# By paths of keys and places


def test_what_stands_at_a_path_is_found_and_what_does_not_is_not() -> None:
    root = parse("{a: {b.c: [1, {d: 2}]}}", "f")
    found = at_path(root, ("a", "b.c", 1, "d"))
    assert found is not None
    assert found.value == 2
    assert at_path(root, ()) is root
    for path in (("x",), ("a", "b.c", 2), ("a", 0), ("a", "b.c", "0"), ("a", "b.c", 0, "x")):
        assert at_path(root, path) is None


def test_a_value_is_put_under_a_key_of_any_letters() -> None:
    root = parse("{a: {b.c: [1]}}", "f")
    assert plain(put(root, ("a", "b.c", 0), scalar("2", "x"))) == {"a": {"b.c": [2]}}
    assert plain(put(root, ("a", "[0]"), scalar("2", "x"))) == {"a": {"b.c": [1], "[0]": 2}}
    assert plain(root) == {"a": {"b.c": [1]}}


def test_what_goes_goes_together_whatever_its_place_in_a_list() -> None:
    root = parse("{a: [0, 1, {b: 2, c: 3}, 4], d: 5}", "f")
    before = everything(root)
    gone = [("a", 0), ("a", 3), ("a", 2, "b"), ("d",)]
    assert plain(without(root, gone)) == {"a": [1, {"c": 3}]}
    assert plain(without(root, [("a", 7), ("x", 1)])) == plain(root)
    assert everything(root) == before
