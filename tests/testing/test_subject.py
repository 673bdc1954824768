"""A client that may fail: when a run of it ends, and in which ways it has failed."""

import asyncio
from functools import partial

import pytest

from pvws.errors import InputError
from pvws.recording.format import Message
from pvws.scenario.schema import Scenario
from pvws.testing.subject import Subject, came, lasted, not_judged, replayed, ways
from pvws.testing.trial.command import Exit
from pvws.testing.trial.result import Result, Timings
from pvws.testing.trial.trial import Trial
from tests.support.tried import HERE, SMALL, scenario


def subject(*words: str, linger: float = 0, comes: float = 20, timeout: float = 20) -> Subject:
    return Subject(partial(Trial, argv=(*SMALL, *words), configuration=HERE, timeout=timeout), linger, comes)


def short(rest: str = "") -> Scenario:
    return scenario(rest, duration="10ms")


async def test_a_command_that_ends_by_itself_with_another_code_than_0_has_failed() -> None:
    result = await subject("{url}", "alerts", "exit=3").meet(scenario())
    assert ways(result) == {"the command exited with 3"}
    assert ways(await subject("{url}", "alerts", "close").meet(scenario())) == frozenset()


async def test_a_command_that_does_not_end_is_asked_to_when_all_is_played_and_has_not_failed() -> None:
    result = await subject("{url}", "alerts", "stay").meet(short())
    assert result.ending == "enough"
    assert ways(result) == frozenset()


async def test_a_command_that_fails_behind_the_end_is_waited_for() -> None:
    # It subscribes a few milliseconds behind the end of what plays.
    result = await subject("{url}", "alerts", "exit=3", linger=20).meet(short())
    assert ways(result) == {"the command exited with 3"}


async def test_a_run_is_over_once_an_expectation_has_failed() -> None:
    rest = "expect:\n  - {client: never_sends, larger_than: 5 B}\n  - {client: reconnects}\n"
    result = await subject("{url}", "alerts", "stay").meet(scenario(rest))
    assert result.ending == "enough"
    assert ways(result) == {"failed: never_sends, larger_than: 5"}
    assert not_judged([result]) == ["reconnects"]


async def test_a_command_that_takes_too_long_has_failed() -> None:
    result = await subject("{url}", "alerts", "stay", timeout=0.3).meet(scenario())
    assert ways(result) == {"the command took too long"}


async def test_a_command_that_does_not_connect_is_no_client() -> None:
    result = await subject("print=hello").meet(scenario())
    with pytest.raises(InputError, match=r"^COMMAND: expected a command that connects to \$PVWS_URL.*it has ended"):
        came(result)
    argv = (SMALL[0], "-c", "import time; time.sleep(50)")
    waiting = Subject(partial(Trial, argv=argv, configuration=HERE, timeout=20), 0, 0.1)
    with pytest.raises(InputError, match="none in time"):
        came(await waiting.meet(scenario()))
    came(await subject("exit=1").meet(scenario()))


async def test_a_recording_is_heard_from_the_first_subscription_on() -> None:
    text = b'{"type":"file_deleted","topic":"file_operations","data":{"key":"never seen"}}'
    stage = replayed([Message(0, "recv", text)], 1_704_067_200_000_000)
    canary = (*SMALL[:-1], SMALL[-1].replace("small_client", "canary_client"), "{url}")
    heard = Subject(partial(Trial, argv=canary, configuration=HERE, timeout=20), 20, 20)
    assert ways(await heard.hear(stage)) == {"the command exited with 1"}


async def test_runs_go_on_side_by_side() -> None:
    one = subject("{url}", "alerts", "exit=3")
    results = await asyncio.gather(*(one.meet(scenario()) for _ in range(3)))
    assert [ways(result) for result in results] == [{"the command exited with 3"}] * 3


def test_how_long_a_run_took_is_told_in_stage_time() -> None:
    timings = Timings(knocked=1_000_000, command=3_500_000)
    result = Result(ending="exited", exit=Exit(1), verdicts=(), timings=timings)
    assert lasted(result, 10.0) == 25_000_000
    assert lasted(result, None) is None, "as fast as it goes"
    assert lasted(Result(ending="exited", exit=Exit(1), verdicts=(), timings=Timings()), 1.0) is None
