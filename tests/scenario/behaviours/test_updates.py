"""Files change: their tags, and sometimes their content."""

from itertools import pairwise
from typing import Any

import pytest

from pvws.wire.events import FileUpdated

SECOND = 1_000_000


def updates(play: Any, until: int) -> list[tuple[int, FileUpdated]]:
    return play.told(until, FileUpdated)  # type: ignore[no-any-return]


def test_updates_come_at_the_times_that_were_asked_for(rehearsal: Any) -> None:
    play = rehearsal()
    play.upload(5)
    begun = play.now
    play.add("updates: {rate: 2/s, arrivals: fixed}")
    assert [at - begun for at, _ in updates(play, begun + 2 * SECOND)] == [500_000, 1_000_000, 1_500_000, 2_000_000]


def test_a_share_of_them_changes_the_content_and_all_change_the_tags(rehearsal: Any) -> None:
    play = rehearsal()
    play.upload(1)
    play.add("updates: {rate: 100/s, content: 30%}")
    told = [payload for _, payload in updates(play, 30 * SECOND)]
    changes = sum(earlier.checksum != later.checksum for earlier, later in pairwise(told))
    assert changes / len(told) == pytest.approx(0.3, abs=0.03)
    assert len({tuple(payload.tags) for payload in told}) > len(told) / 2
    assert all(payload.tags for payload in told)


@pytest.mark.parametrize(("share", "versions"), [("0%", 0), ("100%", 10)])
def test_all_or_none_may_change_the_content(share: str, versions: int, rehearsal: Any) -> None:
    play = rehearsal()
    (file,) = play.upload(1)
    play.add(f"updates: {{rate: 1/s, arrivals: fixed, content: {share}}}")
    told = updates(play, play.now + 10 * SECOND)
    assert len(told) == 10
    assert file.version == versions


def test_a_lack_of_files_moves_no_time_and_no_change(rehearsal: Any) -> None:
    plays = [rehearsal() for _ in range(2)]
    plays[0].upload(1)
    for play in plays:
        play.told(2 * SECOND)
        play.add("updates: {rate: 5/s, content: 50%}")
        play.told(10 * SECOND)
    plays[1].upload(1)
    for play in plays:
        play.told(12 * SECOND)
    told = [[(at, payload.tags) for at, payload in updates(play, 60 * SECOND)] for play in plays]
    assert told[0] == told[1]
    assert len(told[0]) > 200


def test_nothing_happens_while_there_is_nothing(rehearsal: Any) -> None:
    assert updates(rehearsal().add("updates: {rate: 10/s}"), 10 * SECOND) == []
