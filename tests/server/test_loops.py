import asyncio

import pytest

from pvws.server.loops import loop_factory


@pytest.mark.parametrize("name", ["asyncio", "uvloop"])
def test_the_loop_is_the_one_that_the_environment_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PVWS_EVENT_LOOP", name)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        assert type(runner.get_loop()).__module__.partition(".")[0] == name


def test_without_uvloop_the_loop_is_asyncios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PVWS_EVENT_LOOP", raising=False)
    monkeypatch.setitem(__import__("sys").modules, "uvloop", None)
    assert loop_factory() is None
