import asyncio
import os
from pathlib import Path

import pytest

from pvws.cli.files import opened
from pvws.cli.journal import Journal, read_journal
from pvws.errors import InputError
from pvws.scenario.loader import load
from pvws.sim.source import ClientInput
from pvws.terminal.output import Output

START = 1_704_067_200_000_000
DEEDS = [ClientInput(START + 1, 1, "connects"), ClientInput(START + 7, 1, "subscribes", topic="alerts")]
SCENARIO = load("scenario: mine\nseed: 3\n", "mine.yaml")


@pytest.fixture
async def written(tmp_path: Path) -> str:
    """The path of a journal of two deeds, of which the first came before there was a file."""
    path = str(tmp_path / "inputs")
    journal = Journal(SCENARIO, START)
    journal.note(DEEDS[0])
    with opened("--save-inputs", path) as file:
        output = Output(file.fileno())
        journal.open(output)
        journal.note(DEEDS[1])
        await output.drain()
    return path


def test_what_is_written_is_read(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert read_journal(written, SCENARIO, START) == DEEDS
    assert capsys.readouterr().err == ""


def test_each_deed_is_a_line_below_the_head(written: str) -> None:
    head, *lines = Path(written).read_text().splitlines()
    assert head == f'{{"pvws-inputs":1,"scenario":"mine","seed":3,"start":{START}}}'
    assert lines == ['{"t":1,"client":1,"did":"connects"}', '{"t":7,"client":1,"did":"subscribes","topic":"alerts"}']


async def test_a_deed_is_written_before_the_run_ends() -> None:
    reading, writing = os.pipe()
    journal = Journal(SCENARIO, START)
    journal.open(Output(writing))
    journal.note(DEEDS[0])
    await asyncio.sleep(0)  # the end of a turn of the loop
    assert os.read(reading, 4096).count(b"\n") == 2
    os.close(reading)
    os.close(writing)


def test_the_journal_of_another_run_is_played_but_told(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    other = load("scenario: mine\nseed: 4\n", "mine.yaml")
    assert len(read_journal(written, other, START)) == 2
    assert "is the journal of another run than this, which may go otherwise" in capsys.readouterr().err


def test_what_is_no_journal_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "inputs"
    path.write_text('{"pvws-inputs":1,"scenario":"mine","seed":3,"start":0}\n{"t":1,"client":1,"did":"dances"}\n{}\n')
    with pytest.raises(InputError) as caught:
        read_journal(str(path), SCENARIO, START)
    assert str(caught.value).startswith(f"{path}:2: expected what a client or a controller did")
    with pytest.raises(InputError, match="--inputs: expected a file that can be read"):
        read_journal(str(tmp_path / "none"), SCENARIO, START)
