"""Running a command's coroutine: its exit code, its event loop, and the signals that end it."""

import asyncio
import os
import signal
from collections.abc import Callable

import pytest

from pvws.cli.run import Stop, run, unless_stopped


@pytest.fixture(params=["asyncio", "uvloop"])
def event_loop_name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name = str(request.param)
    monkeypatch.setenv("PVWS_EVENT_LOOP", name)
    return name


def raise_signal(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


def test_a_command_gives_back_its_exit_code(event_loop_name: str) -> None:
    async def command(stop: Stop) -> int:
        await asyncio.sleep(0)
        assert not stop.requested
        return 7

    assert run(command) == 7


def test_the_event_loop_is_the_one_that_was_asked_for(event_loop_name: str) -> None:
    async def command(stop: Stop) -> int:
        assert (type(asyncio.get_running_loop()).__module__.partition(".")[0]) == event_loop_name
        return 0

    assert run(command) == 0


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_is_a_wish_that_the_command_sees(event_loop_name: str, number: signal.Signals, exit_code: int) -> None:
    said: list[str] = []

    async def command(stop: Stop) -> int:
        asyncio.get_running_loop().call_soon(raise_signal, number)
        await stop.wait()
        assert stop.requested
        await asyncio.sleep(0)
        said.append("goodbye")
        return stop.exit_code

    assert run(command) == exit_code
    assert said == ["goodbye"]


@pytest.mark.parametrize(
    ("first", "second", "exit_code"),
    [
        (signal.SIGINT, signal.SIGINT, 130),
        (signal.SIGTERM, signal.SIGTERM, 0),
        (signal.SIGTERM, signal.SIGINT, 0),
    ],
)
def test_a_second_signal_cuts_at_once(
    event_loop_name: str, first: signal.Signals, second: signal.Signals, exit_code: int
) -> None:
    async def command(stop: Stop) -> int:
        loop = asyncio.get_running_loop()
        loop.call_soon(raise_signal, first)
        await stop.wait()
        loop.call_soon(raise_signal, second)
        await asyncio.Event().wait()  # a goodbye that nobody answers
        raise AssertionError("it was cut")

    assert run(command) == exit_code


def test_a_command_may_say_what_sigterm_has_it_leave_with(event_loop_name: str) -> None:
    async def command(stop: Stop) -> int:
        loop = asyncio.get_running_loop()
        loop.call_soon(raise_signal, signal.SIGTERM)
        await stop.wait()
        assert stop.exit_code == 1
        loop.call_soon(raise_signal, signal.SIGTERM)
        await asyncio.Event().wait()
        raise AssertionError("it was cut")

    assert run(command, terminated=1) == 1


def test_an_error_of_the_command_comes_out_of_run(event_loop_name: str) -> None:
    async def command(stop: Stop) -> int:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        run(command)


def test_afterwards_signals_do_what_they_did_before(event_loop_name: str) -> None:
    async def command(stop: Stop) -> int:
        return 0

    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    run(command)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_where_loops_take_no_signals_the_interpreter_hands_them_on(monkeypatch: pytest.MonkeyPatch) -> None:
    # As on Windows: add_signal_handler is not there.
    monkeypatch.setenv("PVWS_EVENT_LOOP", "asyncio")

    def refuse(self: object, number: int, *rest: Callable[..., object]) -> None:
        raise NotImplementedError

    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_signal_handler", refuse)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "remove_signal_handler", refuse)
    before = signal.getsignal(signal.SIGTERM)

    async def command(stop: Stop) -> int:
        asyncio.get_running_loop().call_soon(raise_signal, signal.SIGTERM)
        await stop.wait()
        return stop.exit_code

    assert run(command) == 0
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_exception_that_nobody_caught_is_told_and_the_command_goes_on(
    event_loop_name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def command(stop: Stop) -> int:
        loop = asyncio.get_running_loop()
        loop.call_soon(int, "no number")
        await asyncio.sleep(0)
        loop.call_exception_handler({"message": "a thing went wrong"})
        return 0

    assert run(command) == 0
    said = capsys.readouterr().err
    assert said.startswith("pvws: internal error: ValueError: invalid literal for int() with base 10: 'no number'\n")
    assert "pvws: internal error: RuntimeError: a thing went wrong\n" in said


async def test_work_is_done_unless_a_signal_comes_and_has_ended_then() -> None:
    stop, ended = Stop(), asyncio.Event()

    async def quick() -> int:
        return 7

    async def long() -> int:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return 7

    assert await unless_stopped(stop, quick()) == 7
    working = asyncio.ensure_future(unless_stopped(stop, long()))
    await asyncio.sleep(0)
    stop.request(130)
    assert await working is None
    assert ended.is_set()
