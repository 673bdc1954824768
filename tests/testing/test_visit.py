import errno

import pytest

from pvws.testing.pipe import Pipe
from pvws.testing.target import Target
from pvws.testing.verdict import BrokenError, UnjudgedError
from pvws.testing.visit import Visit
from tests.testing.conftest import RightServer


async def test_connections_are_dropped_when_the_dialogue_is_over(right_server: RightServer) -> None:
    async with right_server() as target:
        async with Visit(target) as visit:
            talk = await visit.open()
            assert not visit.has_judged
            await talk.fence()
            assert visit.has_judged
        assert not await talk.pipe.until(lambda: False, 5)
        assert talk.pipe.ended


async def test_nobody_there_is_a_failure_of_the_server() -> None:
    async with Visit(Target("ws://127.0.0.1:1/ws")) as visit:
        with pytest.raises(BrokenError, match="expected a connection"):
            await visit.connect()


async def test_no_more_files_are_a_lack_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*arguments: object) -> Pipe:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Pipe, "open", full)
    async with Visit(Target("ws://127.0.0.1:1/ws")) as visit:
        with pytest.raises(UnjudgedError, match="no more files"):
            await visit.connect()
        assert str(visit.unjudged("why")) == "why"
