from pathlib import Path

import pytest

from pvws.errors import InputError
from pvws.testing.load.replays import made_recording, measure_replay

RECORDINGS = Path(__file__).parents[3] / "recordings"


def test_a_recording_is_replayed_and_its_lines_read_by_turns() -> None:
    told: list[int] = []
    found = measure_replay(str(RECORDINGS / "quickstart.pvrec.jsonl"), 0.0, lambda messages, s: told.append(messages))
    assert (found.messages, found.rounds, told) == (368, 1, [368])
    assert found.size == (RECORDINGS / "quickstart.pvrec.jsonl").stat().st_size
    assert found.messages_a_second > 0
    assert found.times_json > 0


def test_a_compressed_recording_counts_as_what_is_in_it() -> None:
    path = RECORDINGS / "partition-and-heal.pvrec.jsonl.gz"
    assert measure_replay(str(path), 0.0).size > path.stat().st_size


def test_one_is_made_for_the_occasion_and_gone_behind_it() -> None:
    with made_recording(1_000) as path:
        assert measure_replay(path, 0.0).messages >= 1_000
    assert not Path(path).exists()


def test_what_is_no_recording_is_told() -> None:
    with pytest.raises(InputError, match="expected"):
        measure_replay(__file__, 0.0)
