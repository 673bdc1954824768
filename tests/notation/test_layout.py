"""Trees written as YAML: read as the same again, and laid out so that people like to read them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.notation.document import parse
from pvws.notation.layout import laid_out, on_one_line
from pvws.notation.written import flow
from tests.support.trees import plain
from tests.swarm.script import draw

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))

SCRIPT = """\
pvws: 1
scenario: "on"
duration: 4m
network: {peers: 8, replication: 3}
behaviours:
  uploads: {rate: 2/s, size: {lognormal: {median: 2 MiB, sigma: 1}}}
  metrics: {every: 5s}
timeline:
  - {at: 20s, do: mark, name: the train leaves}
  - {at: 1m42s, do: fault, reorder: {window: 4, within: 2s}, topics: [file_operations, alerts]}
  - at: 1m50s
    do: emit
    type: security_alert
    data: {level: critical, category: auth_failure, source: a text that is so long that the line is too long}
"""


def test_what_fits_stands_on_one_line_and_sections_are_laid_out() -> None:
    assert laid_out(parse(SCRIPT, "f.yaml")) == SCRIPT


def test_numbers_stand_as_they_were_written() -> None:
    text = "a: 1.10\nb: off\nc: true\nd: 007\ne: null\n"
    assert laid_out(parse(text, "f")) == text


def test_what_is_empty_stays_so() -> None:
    assert laid_out(parse("a: []\nb: {}\nc: ''\n", "f")) == 'a: []\nb: {}\nc: ""\n'


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_a_shipped_scenario_is_read_as_the_same_again(path: Path) -> None:
    root = parse(path.read_text("utf-8"), path.name)
    assert plain(parse(laid_out(root), "again")) == plain(root)


@pytest.mark.parametrize("seed", range(8))
def test_a_random_scenario_is_read_as_the_same_again(seed: int) -> None:
    root = parse(draw(seed), "drawn")
    assert plain(parse(laid_out(root), "again")) == plain(root)


texts = st.text(max_size=12) | st.sampled_from(("on", "1", "0.5", "~", "a: b", "- x", "#", "${n}", "x" * 130, "\n"))
scalars: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts
keys = st.text(st.characters(codec="ascii", exclude_categories=("C",)), min_size=1, max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(keys, values, max_size=4))
def test_whatever_is_written_is_read_as_the_same_again(value: dict[str, Any]) -> None:
    root = parse(flow(value), "f")
    assert plain(parse(laid_out(root), "again")) == plain(root)
    assert plain(parse(on_one_line(root), "again")) == plain(root)
