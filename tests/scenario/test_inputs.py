"""The journal of what clients did: what is written is read again, and what is none is told with its line."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.scenario.inputs import input_line, inputs_head, read_inputs
from pvws.sim.source import ClientInput, Deed

START = 1_704_067_200_000_000
HEAD = inputs_head("storm", 7, START)
LINE = '{"t":5,"client":1,"did":"connects"}'

deeds = st.builds(
    ClientInput,
    at=st.integers(0, 10**15).map(lambda micros: START + micros),
    client=st.integers(1, 10**6),
    did=st.sampled_from(get_args(Deed)),
    topic=st.text(),
    type=st.text(),
)


def journal(*lines: str, end: str = "\n") -> str:
    return "\n".join([HEAD, *lines]) + end


def complaints(text: str) -> list[str]:
    try:
        read_inputs(text, "deeds.jsonl", START)
    except InputError as error:
        return [str(problem) for problem in error.problems]
    return []


@given(st.lists(deeds, max_size=8), st.integers(0, 2 * START))
def test_what_is_written_is_read_again(told: list[ClientInput], start: int) -> None:
    told.sort(key=lambda deed: deed.at)
    text = journal(*(input_line(deed, START) for deed in told))
    assert read_inputs(text, "deeds.jsonl", START) == told
    moved = read_inputs(text, "deeds.jsonl", start)
    assert [deed.at - start for deed in moved] == [deed.at - START for deed in told]


def test_a_line_is_one_line_of_json_with_the_time_since_the_start() -> None:
    deed = ClientInput(START + 1_500_000, 3, "subscribes", topic="alerts")
    assert input_line(deed, START) == '{"t":1500000,"client":3,"did":"subscribes","topic":"alerts"}'
    assert HEAD == '{"pvws-inputs":1,"scenario":"storm","seed":7,"start":1704067200000000}'
    assert "\n" not in inputs_head("a\nb", 0, 0) + input_line(ClientInput(0, 1, "sends", type="a\nb"), 0)


def test_empty_lines_say_nothing() -> None:
    assert (
        read_inputs(journal("", LINE, "  ", LINE, ""), "deeds.jsonl", START)
        == [ClientInput(START + 5, 1, "connects")] * 2
    )


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_last_line_may_lack_its_end(end: str) -> None:
    assert len(read_inputs(journal(LINE, LINE, end=end), "deeds.jsonl", START)) == 2


@pytest.mark.parametrize("length", range(len(LINE)))
def test_a_last_line_that_was_cut_short_is_passed_over(length: int) -> None:
    text = journal(LINE, LINE[:length], end="")
    assert read_inputs(text, "deeds.jsonl", START) == [ClientInput(START + 5, 1, "connects")]


def test_a_head_that_was_cut_short_is_not_passed_over() -> None:
    (said,) = complaints(HEAD[:20])
    assert said.startswith("deeds.jsonl:1: expected the head of a journal of inputs, got something else (")


@pytest.mark.parametrize("text", ["", "\n", "  \n\n"])
def test_an_empty_journal_has_no_head(text: str) -> None:
    assert complaints(text) == ["deeds.jsonl:1: expected the head of a journal of inputs, got nothing"]


def test_another_version_is_refused() -> None:
    assert complaints(HEAD.replace('inputs":1', 'inputs":2') + f"\n{LINE}\n") == [
        "deeds.jsonl:1: pvws-inputs: expected 1, got 2"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "oops",
        "5",
        "[]",
        "{}",
        '{"t":"5","client":1,"did":"connects"}',
        '{"t":1.5,"client":1,"did":"connects"}',
        '{"t":5,"client":null,"did":"connects"}',
        '{"t":5,"client":1,"did":"flies"}',
        '{"t":5,"client":1,"did":"subscribes","topic":5}',
        '{"more":' + "[" * 100_000,
        "\ud800",
        HEAD,
    ],
)
def test_a_line_that_is_none_is_told_with_its_number(line: str) -> None:
    said = complaints(journal(LINE, line, LINE, line, LINE))
    assert [each.split(": expected", 1)[0] for each in said] == ["deeds.jsonl:3", "deeds.jsonl:5"]
    assert all("expected what a client or a controller did, got something else (" in each for each in said)


def test_times_do_not_fall() -> None:
    lines = [LINE.replace("5", str(t)) for t in (5, 9, 7, 8, 9, 1)]
    expected = "expected a time that is not before that of the line above"
    assert complaints(journal(*lines)) == [
        f"deeds.jsonl:4: t: {expected}, got 7",
        f"deeds.jsonl:5: t: {expected}, got 8",
        f"deeds.jsonl:7: t: {expected}, got 1",
    ]


def test_nothing_was_done_before_the_start() -> None:
    assert complaints(journal(LINE.replace("5", "-1"))) == ["deeds.jsonl:2: t: expected a time of the run, got -1"]


pieces = st.sampled_from([HEAD, LINE, LINE.replace("5", "3"), "\n", "\n\n", "{", "}", '"', "t", "null", "\r\n"])


@given(st.lists(pieces | st.text(max_size=5), max_size=12).map("".join))
def test_any_text_is_a_journal_or_an_error_with_lines(text: str) -> None:
    try:
        assert isinstance(read_inputs(text, "deeds.jsonl", START), list)
    except InputError as error:
        lines = [problem.line or 0 for problem in error.problems]
        assert lines == sorted(lines)
        assert all(1 <= line <= len(text.split("\n")) for line in lines)
