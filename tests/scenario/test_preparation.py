"""Includes, parameters, templates, CSV files and what the command line sets."""

import contextlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.scenario.preparation import Prepared, prepare
from tests.support.trees import plain

HEAD = "scenario: made-up\n"


def prepared(text: str, given: Sequence[tuple[str, str]] = (), **files: str) -> Prepared:
    """What a script becomes, with these files beside it; `__` in a name stands for `/`, `_` for the dot."""
    contents = {name.replace("__", "/").replace("_", "."): content for name, content in files.items()}

    def read(path: str) -> str:
        if path not in contents:
            raise FileNotFoundError(2, "No such file or directory")
        return contents[path]

    return prepare(text, "made-up.yaml", read, given)


def complaint(text: str, given: Sequence[tuple[str, str]] = (), **files: str) -> str:
    with pytest.raises(InputError) as caught:
        prepared(text, given, **files)
    return str(caught.value)


# Includes


def test_a_script_is_laid_over_what_it_includes() -> None:
    root = prepared(
        "include: base.yaml\nnetwork: {peers: 9}\nduration: 5m\n",
        base_yaml="scenario: base\nnetwork: {peers: 3, replication: 2}\nduration: 1m\n",
    ).root
    assert plain(root) == {"scenario": "base", "network": {"peers": 9, "replication": 2}, "duration": "5m"}


def test_timelines_and_expectations_of_included_files_come_first() -> None:
    text = "include: [a.yaml, b.yaml]\ntimeline: [{at: 3s}]\nexpect: [{client: z}]\n"
    root = prepared(text, a_yaml="timeline: [{at: 1s}]", b_yaml="timeline: [{at: 2s}]\nexpect: [{client: y}]").root
    assert plain(root) == {
        "timeline": [{"at": "1s"}, {"at": "2s"}, {"at": "3s"}],
        "expect": [{"client": "y"}, {"client": "z"}],
    }


def test_an_included_file_includes_from_its_own_folder() -> None:
    root = prepared("include: parts/a.yaml\n", parts__a_yaml="include: b.yaml", parts__b_yaml="seed: 4").root
    assert plain(root) == {"seed": 4}


def test_a_node_knows_the_file_it_was_written_in() -> None:
    root = prepared("include: base.yaml\nseed: 1\n", base_yaml="\n\nduration: 1m\n").root
    assert isinstance(root.value, dict)
    places = {key: (node.file, node.line) for key, node in root.value.items()}
    assert places == {"duration": ("base.yaml", 3), "seed": ("made-up.yaml", 2)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("include: gone.yaml\n", 'a file that can be read, got "gone.yaml" (no such file or directory)'),
        ("include: ../x.yaml\n", "a file in the scenario's folder or below it"),
        ("include: a/../../x.yaml\n", "a file in the scenario's folder or below it"),
        ("include: /etc/passwd\n", "a file in the scenario's folder or below it"),
        ("include: C:\\x.yaml\n", "a file in the scenario's folder or below it"),
        ("include: 7\n", "the name of a file, got 7"),
        ("include:\n- [a]\n", "include[0]: expected the name of a file, got a list"),
    ],
)
def test_what_can_not_be_included_is_told_with_its_place(text: str, said: str) -> None:
    told = complaint(text)
    assert told.startswith("made-up.yaml:")
    assert said in told


def test_files_that_include_each_other_are_told() -> None:
    told = complaint("include: a.yaml\n", a_yaml="\ninclude: b.yaml", b_yaml="include: a.yaml")
    assert told == 'b.yaml:1:10: include: expected a file that does not include this one, got "a.yaml"'


def test_a_chain_of_includes_has_an_end() -> None:
    files = {f"f{number}_yaml": f"include: f{number + 1}.yaml" for number in range(20)}
    assert "at most 8 files that include each other" in complaint("include: f0.yaml\n", **files)


def test_a_mistake_in_an_included_file_is_told_with_that_file() -> None:
    assert complaint("include: a.yaml\n", a_yaml="seed: [").startswith("a.yaml:1:")


# Parameters and templates


def test_a_parameter_stands_for_its_default_unless_another_value_is_given() -> None:
    text = 'parameters: {peers: 24, rate: {default: 2/s, description: x}}\nnetwork: {peers: "${peers}"}\nb: "${rate}"\n'
    assert plain(prepared(text).root)["network"] == {"peers": 24}
    assert plain(prepared(text).root)["b"] == "2/s"
    changed = prepared(text, [("peers", "100"), ("rate", "5/min")])
    assert plain(changed.root)["network"] == {"peers": 100}
    assert changed.parameters == {"peers": 100, "rate": "5/min"}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("${n * 2}", 16),
        ("${n / 3}", 8 / 3),
        ("${n}/s", "8/s"),
        ("${n / 4}/s and ${n}", "2/s and 8"),
        ("${n > 5}", True),
        ("${'x' if n > 5 else 'y'}", "x"),
        ("${1 + 1}", 2),
    ],
)
def test_a_template_of_parameters_is_filled_in_with_its_kind(template: str, value: object) -> None:
    root = prepared(f'parameters: {{n: 8}}\na: "{template}"\n').root
    assert plain(root)["a"] == value
    assert isinstance(root.value, dict)
    assert root.value["a"].line == 2


def test_a_default_may_be_made_of_those_before_it() -> None:
    made = prepared('parameters: {n: 8, m: "${n * 2}"}\n', [("n", "5")])
    assert made.parameters == {"n": 5, "m": 10}


def test_what_asks_about_the_run_waits_for_it() -> None:
    root = prepared('parameters: {n: 8}\na: "${peer.random.id} of ${n}"\nb: "$${n}"\nc: storage_usage > 90\n').root
    assert {key: each for key, each in plain(root).items() if key != "parameters"} == {
        "a": "${peer.random.id} of 8",
        "b": "$${n}",
        "c": "storage_usage > 90",
    }


def test_a_parameter_hides_an_observation_of_the_same_name_in_templates() -> None:
    assert plain(prepared('parameters: {peers: 8}\na: "${peers}"\n').root)["a"] == 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('parameters: {n: 8}\na: "${m}"\n', ":2:7: a: expected one of bytes_transferred,"),
        ('parameters: {n: 8}\na: "${n * peers}"\n', "expected parameters, or what there is in a run, not both in one"),
        ('parameters: {n: 8}\na: "${n"\n', 'expected a "}" for this "${", got none'),
        ('parameters: {n: 8}\na: "${n / 0}"\n', "expected a value of n / 0, got nothing"),
        (
            'parameters: {n: 8/s}\na: "${n / 4}"\n',
            'expected numbers without a unit to reckon n / 4 with, got the text "8/s" for n',
        ),
        ('parameters: {a: "${b}", b: 1}\n', ":1:20: parameters.a: expected no name, got"),
        ("parameters: [n]\n", "parameters: expected a mapping of names and defaults, got a list"),
        ("parameters: {N: 1}\n", 'parameters.N: expected a name of lower-case letters, digits and _, got "N"'),
        ("parameters: {n: {description: x}}\n", "parameters.n: expected a default"),
        ("parameters: {n: [1]}\n", "parameters.n: expected a text, a number, on or off, got a list"),
        ("parameters: {n:}\n", "parameters.n: expected a text, a number, on or off, got nothing"),
    ],
)
def test_a_wrong_parameter_or_template_is_told_with_its_place(text: str, said: str) -> None:
    told = complaint(text)
    assert told.startswith("made-up.yaml:")
    assert said in told


def test_all_wrong_templates_are_told_at_once() -> None:
    assert complaint('parameters: {n: 8}\na: "${x}"\nb: "${y}"\nc: "${n}"\n').count("made-up.yaml:") == 2


# The command line


def test_any_value_can_be_set_by_its_path() -> None:
    text = "network: {peers: 3}\ntimeline: [{at: 1s}, {at: 2s}]\n"
    root = prepared(text, [("network.peers", "7"), ("timeline[1].at", "9s"), ("behaviours.churn.rate", "1/s")]).root
    assert plain(root) == {
        "network": {"peers": 7},
        "timeline": [{"at": "1s"}, {"at": "9s"}],
        "behaviours": {"churn": {"rate": "1/s"}},
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("pers", "7"), "--set pers: expected a parameter of the scenario (peers), or the path of a value such as "),
        (("network[1]", "7"), "--set network[1]: expected the path of a value"),
        (("a..b", "7"), "--set a..b: expected the path of a value"),
    ],
)
def test_what_can_not_be_set_is_told(given: tuple[str, str], said: str) -> None:
    assert complaint("parameters: {peers: 3}\nnetwork: {peers: 3}\n", [given]).startswith(said)


def test_a_key_without_its_path_is_answered_with_the_path() -> None:
    assert complaint("network: {peers: 3}\n", [("peers", "7")]).endswith('got "peers" (did you mean "network.peers"?)')


def test_the_nearest_parameter_is_named() -> None:
    assert 'did you mean "peers"?' in complaint("parameters: {peers: 3}\n", [("pers", "7")])


# CSV files


def test_a_column_of_a_csv_file_takes_the_place_of_its_mapping() -> None:
    text = "size: {csv: data/sizes.csv, column: bytes, order: cycle}\n"
    root = prepared(text, data__sizes_csv="name,bytes\na,100\nb,2 KiB\n\nc,\n").root
    assert plain(root) == {"size": {"values": [100, "2 KiB"], "order": "cycle"}}


def test_a_value_of_a_csv_file_knows_its_line() -> None:
    root = prepared("size: {csv: s.csv}\n", s_csv="bytes\n1\n2\n").root
    assert isinstance(root.value, dict)
    sizes = root.value["size"].value
    assert isinstance(sizes, dict)
    values = sizes["values"].value
    assert isinstance(values, list)
    assert [(each.file, each.line) for each in values] == [("s.csv", 2), ("s.csv", 3)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("s: {csv: gone.csv}\n", 's.csv: expected a file that can be read, got "gone.csv"'),
        (
            "s: {csv: t.csv, column: byts}\n",
            's.column: expected a column of t.csv: name, bytes, got "byts" (did you mean',
        ),
        ("s: {csv: t.csv}\n", "s.column: expected a column of t.csv: name, bytes, got nothing"),
        ("s: {csv: e.csv, column: x}\n", 's.column: expected columns in e.csv, got "x"'),
        ("s: {csv: ../t.csv}\n", "s.csv: expected a file in the scenario's folder or below it"),
    ],
)
def test_a_wrong_csv_is_told_with_its_place(text: str, said: str) -> None:
    told = complaint(text, t_csv="name,bytes\na,1\n", e_csv="")
    assert told.startswith("made-up.yaml:1:")
    assert said in told


def test_too_many_rows_are_refused() -> None:
    assert "at most 100000 rows" in complaint("s: {csv: t.csv}\n", t_csv="x\n" + "1\n" * 100_001)


@given(st.text(max_size=300))
def test_no_text_raises_anything_but_our_error(text: str) -> None:
    try:
        prepared(HEAD + text, a_yaml=text)
        prepared("include: a.yaml\n", a_yaml=text)
    except InputError:
        pass


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_value_from_the_command_line_raises_anything_but_our_error(name: str, value: str) -> None:
    with contextlib.suppress(InputError):
        prepared("parameters: {n: 1}\nnetwork: {peers: 3}\na: '${n}'\n", [(name, value)])
