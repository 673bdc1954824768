"""Uploads as scripts write them."""

from typing import Any

import pytest

from pvws.scenario.behaviours.uploads import DEFAULT_SIZE
from pvws.sim.chance import Stream
from pvws.wire.events import FileUploaded

SECOND = 1_000_000


def uploads(play: Any, until: int) -> list[tuple[int, FileUploaded]]:
    return play.told(until, FileUploaded)  # type: ignore[no-any-return]


def figures(told: list[tuple[int, FileUploaded]]) -> list[tuple[int, str, int]]:
    return [(at, payload.key, payload.size) for at, payload in told]


def test_sizes_of_a_list_come_in_its_order(rehearsal: Any) -> None:
    play = rehearsal().add("uploads: {rate: 1/s, arrivals: fixed, size: {values: [3, 1, 2], order: cycle}}")
    assert [payload.size for _, payload in uploads(play, 7 * SECOND)] == [3, 1, 2, 3, 1, 2, 3]


def test_files_are_as_large_as_files_are_unless_the_script_says(rehearsal: Any) -> None:
    sampler, chance = DEFAULT_SIZE.sampler(), Stream(1, "sizes")
    sizes = sorted(sampler.draw_whole(chance) for _ in range(10_000))
    assert sizes[5_000] == pytest.approx(2 * 1024**2, rel=0.05)
    assert sizes[9_500] == pytest.approx(24 * 1024**2, rel=0.1)


def test_a_script_without_lifetimes_has_the_same_files(rehearsal: Any) -> None:
    plain = figures(uploads(rehearsal().add("uploads: {rate: 5/s}"), 60 * SECOND))
    short = figures(uploads(rehearsal().add("uploads: {rate: 5/s, lifetime: {exponential: 9s}}"), 60 * SECOND))
    assert plain == short
