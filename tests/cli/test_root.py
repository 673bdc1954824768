"""What `pvws --help` shows first."""

import pytest

from pvws.cli.app import COMMANDS, run
from pvws.cli.root import SECTIONS

Capture = pytest.CaptureFixture[str]


def test_every_command_is_in_one_section_in_the_order_of_the_reference() -> None:
    assert [name for names in SECTIONS.values() for name in names] == list(COMMANDS)


def test_it_says_where_to_begin_before_it_lists_the_commands(capsys: Capture) -> None:
    assert run(["--help"]) == 0
    said = capsys.readouterr().out
    places = [said.index(words) for words in ("pvws simulate quickstart --loop", "pvws watch", *SECTIONS)]
    assert places == sorted(places)
    columns = {line.index(summary) for line in said.splitlines() for summary in COMMANDS.values() if summary in line}
    assert len(columns) == 1, "the summaries of all sections stand below each other"


@pytest.mark.parametrize(("words", "usage"), [((), "pvws [OPTIONS]"), (("watch",), "pvws watch [OPTIONS]")])
def test_help_is_a_word_as_well(words: tuple[str, ...], usage: str, capsys: Capture) -> None:
    assert run(["help", *words]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: {usage}")
