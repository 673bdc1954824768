"""A scenario that is read again when one of its files changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec import structs

from pvws.errors import InputError
from pvws.scenario.schema import Scenario
from pvws.stage.loading import Loading
from pvws.stage.reloading import Told, _is, reload_on_change
from pvws.stage.stage import Stage

SCRIPT = "scenario: mine\ninclude: more.yaml\nnetwork: {peers: 2}\n"


def made(loading: Loading, name: str = "main") -> Stage:
    scenario = loading.read()
    assert scenario.start is not None
    source, plays = loading.source_of(scenario, scenario.start, 0)
    stage = Stage(source, name=name, start=plays.start, end=plays.end, held=True, remake=plays.remake)
    stage.controller.plays(scenario, scenario.start, loading)
    return stage


@asynccontextmanager
async def reloading(loading: Loading, *stages: Stage) -> AsyncIterator["asyncio.Queue[Told]"]:
    told: asyncio.Queue[Told] = asyncio.Queue()
    watching = asyncio.ensure_future(
        reload_on_change(loading, loading.read(), lambda: stages, told.put_nowait, period_s=0.005)
    )
    try:
        yield told
    finally:
        watching.cancel()
        await asyncio.wait({watching})
        assert watching.cancelled()


@pytest.fixture
def script(tmp_path: Path) -> Path:
    (tmp_path / "mine.yaml").write_text(SCRIPT)
    (tmp_path / "more.yaml").write_text("duration: 5s\n")
    return tmp_path / "mine.yaml"


def write(script: Path, name: str, text: str) -> None:
    """Write one of its files anew."""
    script.with_name(name).write_text(text)


def duration(stage: Stage) -> int:
    playing = stage.controller.state().playing
    assert playing is not None
    return playing.duration // 1_000_000


async def test_a_change_of_the_script_or_of_what_it_includes_is_played(script: Path) -> None:
    loading = Loading(str(script))
    stage = made(loading)
    async with reloading(loading, stage) as told:
        write(script, "more.yaml", "duration: 7s\n")
        assert isinstance(await told.get(), Scenario)
        assert duration(stage) == 7
        write(script, "mine.yaml", SCRIPT.replace("include: more.yaml", "duration: 90s"))
        assert isinstance(await told.get(), Scenario)
        assert duration(stage) == 90


async def test_what_is_wrong_is_told_and_the_old_one_goes_on_until_it_is_right(script: Path) -> None:
    loading = Loading(str(script))
    stage = made(loading)
    async with reloading(loading, stage) as told:
        write(script, "mine.yaml", SCRIPT.replace("more.yaml", "gone.yaml"))
        error = await told.get()
        assert isinstance(error, InputError)
        assert "gone.yaml" in str(error)
        assert duration(stage) == 5
        script.with_name("gone.yaml").write_text("duration: 8s\n")  # a file that it waits for
        assert isinstance(await told.get(), Scenario)
        assert duration(stage) == 8


async def test_what_was_said_beside_the_script_holds_on(script: Path) -> None:
    loading = Loading(str(script), (("network.peers", "4"),), seed=7, speed=None)
    stage = made(loading)
    async with reloading(loading, stage) as told:
        write(script, "more.yaml", "duration: 7s\n")
        scenario = await told.get()
        assert isinstance(scenario, Scenario)
        assert (scenario.seed, scenario.speed, scenario.network.count) == (7, None, 4)
        assert stage.clock.speed is None


async def test_a_stage_that_plays_something_else_is_left_alone(script: Path) -> None:
    loading, other = Loading(str(script)), Loading("quickstart")
    stage, another = made(loading), made(other, "another")
    async with reloading(loading, stage, another) as told:
        write(script, "more.yaml", "duration: 7s\n")
        await told.get()
        assert (duration(stage), duration(another)) == (7, 30)


async def test_a_stage_that_can_not_play_it_now_keeps_no_other_from_it(script: Path) -> None:
    loading = Loading(str(script))
    busy, free = made(loading, "busy"), made(loading, "free")
    assert busy.source is not None
    busy.sought(busy.now().micros, there=False)  # its clock is being set
    async with reloading(loading, busy, free) as told:
        write(script, "more.yaml", "duration: 7s\n")
        assert isinstance(await told.get(), Scenario)
        assert str(await told.get()).startswith("world busy: expected one that can play something else now, got ")
        assert (duration(busy), duration(free)) == (5, 7)
        busy.sought(busy.now().micros, there=True)
        write(script, "more.yaml", "duration: 8s\nseed: 1\n")
        assert isinstance(await told.get(), Scenario)
        assert (duration(busy), duration(free)) == (8, 8)


async def test_what_is_written_while_the_files_are_read_is_seen_by_the_next_look(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading = Loading(str(script))
    stage = made(loading)
    read = Loading.read

    def read_while_it_is_written(which: Loading, files: Callable[[Sequence[Path]], object]) -> Scenario:
        scenario = read(which, files)
        if scenario.duration == 7_000_000:
            write(script, "more.yaml", "duration: 90s\n")
        return scenario

    async with reloading(loading, stage) as told:
        monkeypatch.setattr(Loading, "read", read_while_it_is_written)
        write(script, "more.yaml", "duration: 7s\n")
        while duration(stage) != 90:
            assert isinstance(await told.get(), Scenario)


def test_a_script_that_nobody_has_touched_is_no_other_for_a_start_that_was_given_beside_it(script: Path) -> None:
    scenario = Loading(str(script)).read()
    assert _is(scenario, structs.replace(scenario, start=0))
    assert not _is(scenario, structs.replace(scenario, duration=0))
