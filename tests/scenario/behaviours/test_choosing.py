"""Which file is touched: by popularity, among all files or those of one behaviour."""

from collections import Counter
from typing import Any

import pytest

from pvws.scenario.behaviours.choosing import Choosing, Following
from pvws.scenario.behaviours.reads import Reads
from pvws.sim.chance import Stream
from pvws.sim.popularity import Uniform, Zipf
from pvws.world.entities import File

SECOND = 1_000_000


def file(number: int, place: int = 0) -> File:
    return File(f"{number:064x}", 1, [0], [], place)


def counted(choosing: Any, draws: int) -> Counter[str]:
    return Counter(choosing.choose().key for _ in range(draws))


def test_all_files_are_as_popular_unless_the_script_says(rehearsal: Any) -> None:
    play = rehearsal()
    files = play.upload(20)
    counts = counted(Choosing(Reads(rate=1.0), "reads", play), 20_000)
    assert set(counts) == {each.key for each in files}
    assert min(counts.values()) > 850
    assert max(counts.values()) < 1_150


def test_the_first_to_come_is_the_most_popular(rehearsal: Any) -> None:
    play = rehearsal()
    files = play.upload(200)
    counts = counted(Choosing(Reads(rate=1.0, popularity=1.0), "reads", play), 20_000)
    first, second, tenth = (counts[files[place].key] for place in (0, 1, 9))
    assert second / first == pytest.approx(1 / 2, rel=0.1)
    assert tenth / first == pytest.approx(1 / 10, rel=0.2)


def test_ranks_stay_when_a_file_goes_and_the_last_to_come_takes_its_rank(rehearsal: Any) -> None:
    play = rehearsal()
    files = play.upload(50)
    choosing = Choosing(Reads(rate=1.0, popularity=2.0), "reads", play)
    play.world.store.delete(files[1])
    counts = counted(choosing, 20_000)
    assert [key for key, _ in counts.most_common(3)] == [files[0].key, files[49].key, files[2].key]


def test_without_files_there_is_none_to_choose(rehearsal: Any) -> None:
    play = rehearsal()
    choosing = Choosing(Reads(rate=1.0), "reads", play)
    assert choosing.choose() is None
    play.upload(1)
    assert choosing.choose() is play.world.store.available[0]


def test_files_of_one_behaviour_are_chosen_wherever_it_stands_in_the_script(rehearsal: Any, read: Any) -> None:
    play = rehearsal()
    spec = read("reads: {rate: 1/s, of: uploads}\nuploads: {rate: 1/s}")["reads"]
    choosing = Choosing(spec, "reads", play)
    assert choosing.choose() is None
    play.add("uploads: {rate: 5/s}\nmore: {kind: uploads, rate: 5/s}")
    own = {payload.key for _, payload in play.told(20 * SECOND) if type(payload).__name__ == "FileUploaded"}
    chosen = set(counted(choosing, 2_000))
    alone = rehearsal().add("uploads: {rate: 5/s}")
    alone.told(20 * SECOND)
    assert chosen == set(alone.world.store.files) < own


def test_who_follows_meets_no_file_that_was_deleted() -> None:
    files = [file(number) for number in range(50)]
    stored = {each.key: each for each in files}
    following, chance = Following(stored), Stream(1, "test")
    for each in files:
        following.add(each)
    for each in files[:49]:
        del stored[each.key]
        each.place = -1
    assert {following.choose(Uniform(), chance) for _ in range(50)} == {files[49]}
    assert len(following) < 50, "those that were met have left the list"
    files[49].place = -1
    del stored[files[49].key]
    assert following.choose(Uniform(), chance) is None
    assert len(following) == 0


def test_who_follows_keeps_files_that_are_out_of_reach_for_now() -> None:
    files = [file(number, place=-1) for number in range(10)]
    following, chance = Following({each.key: each for each in files}), Stream(1, "test")
    for each in files:
        following.add(each)
    assert following.choose(Uniform(), chance) is None
    assert len(following) == 10
    files[3].place = 0
    assert files[3] in {following.choose(Uniform(), chance) for _ in range(10)}


def test_a_list_of_files_that_come_and_go_does_not_grow() -> None:
    stored: dict[str, File] = {}
    following = Following(stored)
    for number in range(10_000):
        each = stored[f"{number:064x}"] = file(number)
        following.add(each)
        if number >= 100:
            stored.pop(f"{number - 100:064x}").place = -1
        assert len(following) <= 300


def test_a_list_that_is_tidied_keeps_the_order_of_its_files() -> None:
    stored: dict[str, File] = {}
    following, chance = Following(stored), Stream(1, "test")
    for number in range(1_000):
        each = stored[f"{number:064x}"] = file(number)
        following.add(each)
        if number % 10:
            del stored[each.key]
            each.place = -1
    counts = Counter(chosen.key for _ in range(2_000) if (chosen := following.choose(Zipf(2.0), chance)))
    assert [int(key, 16) for key, _ in counts.most_common(3)] == [0, 10, 20]
