import asyncio
from inspect import signature
from typing import Any

import pytest

from pvws.client.client import Client
from pvws.client.options import ClientOptions, Options, check_options, check_times
from pvws.errors import InputError

TIMES: dict[str, Any] = {
    "patience_first_s": 10.0,
    "patience_s": None,
    "retry_first_s": 0.5,
    "retry_most_s": 30.0,
    "heartbeat_s": 20.0,
    "heartbeat_timeout_s": 20.0,
}


def test_a_client_takes_the_options_that_are_its_own_and_no_others_but_for_what_is_put_in() -> None:
    taken = {*signature(Client).parameters} - {"url", "topics", "tap", "chance", "sleep", "clock", "now"}
    assert taken == {*ClientOptions.__annotations__}


@pytest.mark.parametrize(
    ("name", "said"), [("bufer", "'bufer'; did you mean 'buffer'?"), ("xyz", "'xyz'"), ("url", "'url'")]
)
def test_a_name_that_is_no_option_is_a_mistake_in_the_program(name: str, said: str) -> None:
    with pytest.raises(TypeError) as caught:
        check_options({name: 1})  # type: ignore[misc]
    assert str(caught.value) == f"connect() got an unexpected keyword argument {said}"


def test_every_option_may_be_left_out_or_given() -> None:
    check_options({})
    check_options(Options(buffer=1, overflow="fail", on_change=None, patience_s=1))
    check_options(Options(on_change=print))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"overflow": "explode"}, "overflow: expected one of wait, drop_oldest, fail, got 'explode'"),
        ({"buffer": 0}, "buffer: expected a whole number of events, 1 or more, got 0"),
        ({"buffer": 1.5}, "buffer: expected a whole number of events, 1 or more, got 1.5"),
        ({"buffer": "9"}, "buffer: expected a whole number of events, 1 or more, got '9'"),
        ({"on_change": "print"}, "on_change: expected a function that takes a change, got 'print'"),
    ],
)
def test_what_can_not_be_an_option_is_said(options: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        check_options(options)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"patience_first_s": None, "patience_s": 0},
        {"patience_s": float("inf")},
        {"heartbeat_s": None},
        {"retry_first_s": 30},
    ],
)
def test_times_that_can_be_are_taken(times: dict[str, Any]) -> None:
    check_times(**TIMES | times)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "1", 0])
@pytest.mark.parametrize("name", ["retry_first_s", "retry_most_s", "heartbeat_s", "heartbeat_timeout_s"])
def test_a_time_that_can_not_be_is_said(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"^{name}: expected seconds, more than 0, got [^\n]*$"):
        check_times(**TIMES | {name: value})


@pytest.mark.parametrize("value", [-1, float("nan"), "1"])
@pytest.mark.parametrize("name", ["patience_first_s", "patience_s"])
def test_a_patience_that_can_not_be_is_said(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"^{name}: expected seconds, 0 or more, or none for ever, got [^\n]*$"):
        check_times(**TIMES | {name: value})


def test_bounds_in_the_wrong_order_are_said_and_all_that_is_wrong_at_once() -> None:
    with pytest.raises(InputError) as caught:
        check_times(**TIMES | {"retry_first_s": 9, "retry_most_s": 1, "patience_s": -1})
    assert str(caught.value).split("\n") == [
        "patience_s: expected seconds, 0 or more, or none for ever, got -1",
        "retry_most_s: expected at least retry_first_s, which is 9, got 1",
    ]


async def test_a_first_connection_may_be_tried_for_for_ever() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 100:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        async with Client("ws://127.0.0.1:1/ws", patience_first_s=None, sleep=sleep) as client:
            async for _ in client:
                pass
    assert len(waits) == 100
