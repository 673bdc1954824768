"""What was recorded is replayed, and recorded again: the same messages, byte for byte."""

import asyncio
from pathlib import Path

import pytest

from pvws.cli.app import run
from pvws.cli.noting import Noting
from pvws.cli.run import Stop
from pvws.cli.wishes import wishes_of
from pvws.files.sources import open_source
from pvws.recording.format import Close, Entry, Mark, Message, Open
from pvws.recording.redact import Redactor
from pvws.recording.replayer import Replayer
from pvws.server.settings import Configuration
from pvws.stage.shipped import shipped_scenarios
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.wire.topics import TOPICS

ROOT = Path(__file__).parents[2]
STREAMS = {"normal": 65, "bursts": 49}
"""The real server's, with how many messages of events each has."""

LENGTHS = {"firehose": "200ms", "quiet-night": "2h"}
"""How much of a scenario is played where 20 s are much or nothing."""


def entries_of(path: Path) -> list[Entry]:
    with open_source(str(path)) as opened:
        return list(opened)


def events_of(path: Path) -> list[tuple[bytes, str, tuple[int, ...] | None]]:
    """The messages with events in a recording, without times."""
    return [
        (each.data, each.opcode, each.fragments)
        for each in entries_of(path)
        if isinstance(each, Message) and each.dir == "recv" and b'"topic"' in each.data
    ]


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_scenario_comes_back_from_its_recording_with_its_times(name: str, tmp_path: Path) -> None:
    first, second = str(tmp_path / "first.pvrec.jsonl"), str(tmp_path / "second.pvrec.jsonl.gz")
    out = tmp_path / "out.jsonl"
    length = LENGTHS.get(name, "20s")
    assert run(["simulate", name, "--no-serve", "--duration", length, "--record", first, "--out", str(out)]) == 0
    assert run(["replay", first, "--no-serve", "--speed", "max", "--record", second]) == 0
    again = entries_of(Path(second))
    assert again == entries_of(Path(first))
    assert [each.data for each in again if isinstance(each, Message)] == out.read_bytes().splitlines()
    assert any(isinstance(each, Message) for each in again)
    assert all(isinstance(each, Message | Mark) for each in again)


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.zst"])
async def test_the_real_servers_streams_come_back_over_a_socket(name: str, suffix: str, tmp_path: Path) -> None:
    source, copy = ROOT / "recordings" / "upstream" / f"{name}.jsonl", tmp_path / f"copy.pvrec.{suffix}"
    sent = events_of(source)
    assert len(sent) == STREAMS[name]
    given = dict.fromkeys(("from_", "to", "mark", "topic", "type_", "max_gap", "profile"))
    given |= dict.fromkeys(("loop", "split", "catch_up"), False)
    given |= {"recordings": [str(source)], "timestamps": "keep", "ids": "keep", "mode": "timed", "speed": "max"}
    wishes = wishes_of(given)
    assert wishes.profile == "upstream"
    stage = Stage(
        Replayer(wishes.tracks, wishes.start, wishes.choice),
        wait_for=frozenset(TOPICS),
        start=wishes.start,
        speed=wishes.speed,
    )
    async with Venue(stage, Configuration(host="127.0.0.1", port=0, profile="upstream")) as venue:
        noting = Noting(venue.url, str(copy), TOPICS, None, Redactor(), count=len(sent))
        code, _ = await asyncio.gather(noting(Stop()), stage.play())
    assert code == 0
    assert events_of(copy) == sent
    opened, *_, closed = entries_of(copy)
    assert isinstance(opened, Open)
    assert isinstance(closed, Close)
