"""`pvws.Control` against a real server, over a real socket."""

from contextlib import aclosing

import pytest

import pvws
from pvws.answers import Happening
from pvws.client.control.control import Control
from pvws.errors import InputError
from pvws.server.settings import Control as ControlSettings
from tests.support.steered import Steered, steered


async def taken(control: Control, *, kind: str, count: int = 1, **asked: object) -> list[Happening]:
    """The next happenings of a kind."""
    found: list[Happening] = []
    async with aclosing(control.events([kind], **asked)) as happenings:  # type: ignore[arg-type]
        async for happening in happenings:
            if happening.kind == kind:
                found.append(happening)
            if len(found) == count:
                break
    return found


async def test_what_serves_is_told(test_bed: Steered, control: Control) -> None:
    info = await control.info()
    assert info.pvws == pvws.__version__
    assert info.url == test_bed.venue.url
    assert info.control == control.url == test_bed.listening.url
    assert info.worlds == ["main"]


async def test_a_state_says_what_plays_and_who_is_here(test_bed: Steered, control: Control) -> None:
    async with test_bed.client("alerts"):
        state = await control.state()
    assert (state.world, state.clients, state.clock.held) == ("main", 1, True)
    assert state.clock.at == state.clock.start == pvws.Timestamp.parse("2024-01-01T00:00:00Z")
    assert state.events.total == 0


async def test_other_worlds_are_meant_by_name(control: Control) -> None:
    with pytest.raises(pvws.ControlError, match="main"):
        await control.at("nowhere").state()
    assert (await control.at("main").state()).world == "main"


async def test_any_other_request_can_be_asked(control: Control) -> None:
    document = await control.ask("GET", "/v1/openapi.json")
    assert isinstance(document, dict)
    assert document["openapi"].startswith("3.1")


async def test_a_server_is_ended(test_bed: Steered, control: Control) -> None:
    await control.stop()
    assert test_bed.stops == 1


async def test_a_token_is_needed_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ControlSettings(host="127.0.0.1", port=0, token="hush")
    async with steered(control=settings) as test_bed:
        url = test_bed.listening.url
        async with Control(url) as control:
            with pytest.raises(pvws.ControlError, match="Bearer") as caught:
                await control.state()
            assert caught.value.status == 401
        async with Control(url, token="hush") as control:
            await control.state()
        monkeypatch.setenv("PVWS_CONTROL_TOKEN", "hush")
        monkeypatch.setenv("PVWS_CONTROL_URL", url)
        async with Control() as control:
            await control.state()


@pytest.mark.parametrize("token", ["a b", "a\r\nHost: x", "ä"])
def test_a_token_that_would_break_a_request_is_refused(token: str) -> None:
    with pytest.raises(InputError, match=r"^token: expected visible ASCII"):
        Control(":1", token=token)


def test_a_wrong_address_says_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PVWS_CONTROL_URL", "ftp://x")
    with pytest.raises(InputError, match=r"^PVWS_CONTROL_URL: expected"):
        Control()
    with pytest.raises(InputError, match=r"^url: expected"):
        Control("ftp://x")
