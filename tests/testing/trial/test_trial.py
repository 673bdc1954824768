import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pvws.errors import InputError, PvwsError
from pvws.server.settings import Auth, Configuration
from pvws.session.access import Token
from pvws.stage.venue import Venue
from pvws.testing.judging.facts import Knocked, Landmark, Opened, Refused, Stood
from pvws.testing.trial.command import Exit
from pvws.testing.trial.trial import Steering
from pvws.testing.trial.until import decided, nobody_came, scenario_over
from pvws.testing.verdict import Outcome
from tests.support.tried import SMALL, trial

EXPECTED = """expect:
  - {client: connects, within: 10s}
  - {client: subscribes, topics: [alerts], within: 10s}
  - {client: closes_properly}
  - {client: sends_valid_messages}
"""
SHORT: dict[str, Any] = {"begin": "subscription", "duration": "50ms", "until": scenario_over}
HELD, FAILED, NOT_JUDGED = Outcome.HELD, Outcome.FAILED, Outcome.NOT_JUDGED


def outcomes(result: Any) -> list[Outcome]:
    return [verdict.outcome for verdict in result.verdicts]


async def test_a_client_that_does_all_right_passes() -> None:
    result = await trial("{url}", "alerts", "close", "print=done", rest=EXPECTED).run()
    assert outcomes(result) == [HELD] * 4, [verdict.lines for verdict in result.verdicts]
    assert (result.ending, result.exit, result.passed) == ("exited", Exit(0), True)
    assert result.output == "done\n"
    assert (result.attempts, result.connections) == (1, 1)
    times = result.timings
    assert times.knocked is not None
    assert times.connected is not None
    assert times.subscribed is not None
    assert 0 <= times.knocked <= times.connected <= times.subscribed <= times.command
    assert [type(fact) for fact in result.facts if not isinstance(fact, Stood)][:2] == [Knocked, Opened]


async def test_a_client_that_sends_nonsense_and_runs_away_fails_by_the_last_thing_it_did() -> None:
    # Nothing waits for the server here: what was sent at last is judged all the same.
    result = await trial("{url}", "alerts", "say={", rest=EXPECTED).run()
    assert outcomes(result) == [HELD, HELD, FAILED, FAILED]
    assert not result.passed


async def test_what_a_client_that_has_ended_has_not_done_it_will_not_do() -> None:
    result = await trial("exit=0", rest="expect:\n  - {client: connects, within: 1h}\n").run()
    assert outcomes(result) == [FAILED]
    assert result.attempts == 0


async def test_its_exit_code_counts_beside_the_expectations() -> None:
    result = await trial("{url}", "alerts", "close", "exit=4", rest=EXPECTED).run()
    assert outcomes(result) == [HELD] * 4
    assert (result.exit, result.passed) == (Exit(4), False)


async def test_a_client_that_never_ends_is_ended_when_the_scenario_is_over() -> None:
    result = await trial("{url}", "alerts", "stay", rest=EXPECTED, **SHORT).run()
    assert outcomes(result) == [HELD, HELD, NOT_JUDGED, HELD], "that it was ended by us is not judged"
    assert (result.ending, result.exit) == ("enough", Exit(None, signal.SIGTERM))
    assert not result.command_failed


async def test_or_when_all_is_decided() -> None:
    rest = "expect:\n  - {client: subscribes, within: 10s}\n"
    result = await trial("{url}", "alerts", "stay", rest=rest, duration="1h", until=decided).run()
    assert (outcomes(result), result.ending) == ([HELD], "enough")


async def test_how_it_leaves_when_it_is_asked_to_can_be_judged() -> None:
    rest = "expect:\n  - {client: closes_properly}\n"
    result = await trial("{url}", "alerts", "stay", rest=rest, judges_end=True, **SHORT).run()
    assert outcomes(result) == [FAILED], "it was killed by the signal, without a close frame"


async def test_one_that_takes_too_long_is_ended_and_fails() -> None:
    result = await trial("{url}", "alerts", "stay", timeout=0.3).run()
    assert (result.ending, result.command_failed, result.passed) == ("timed out", True, False)


async def test_where_nobody_comes_one_need_not_wait_for_ever() -> None:
    until = nobody_came(0.05, scenario_over)
    result = await trial(argv=("sleep", "100"), rest=EXPECTED, until=until).run()
    assert (result.ending, result.attempts) == ("enough", 0)
    assert outcomes(result)[0] is NOT_JUDGED


async def test_a_fault_of_the_very_start_is_in_effect_for_the_first_handshake() -> None:
    rest = "timeline:\n  - {at: 0s, do: fault, status: 503, attempts: 1}\n"
    result = await trial("{url}", rest=rest).run()
    assert "refused: HTTP/1.1 503" in result.output
    assert any(isinstance(fact, Refused) for fact in result.facts)


async def test_the_scenario_s_clock_waits_for_the_first_handshake() -> None:
    rest = "timeline:\n  - {at: 10ms, do: mark, name: early}\n"
    argv = ("sh", "-c", 'sleep 0.1; exec "$0" "$@"', *SMALL)
    result = await trial("{url}", "stay", argv=argv, rest=rest, duration="50ms", until=scenario_over).run()
    said = [fact for fact in result.facts if isinstance(fact, Knocked | Landmark)]
    assert [type(fact) for fact in said] == [Knocked, Landmark]


@pytest.mark.parametrize("begin", ["subscription", "start"])
async def test_it_may_begin_with_the_first_subscription_or_at_once(begin: Any) -> None:
    rest = "timeline:\n  - {at: 0s, do: emit, type: security_alert}\n"
    result = await trial("{url}", "alerts", "stay", rest=rest, begin=begin, duration="50ms", until=scenario_over).run()
    assert result.ending == "enough"


async def test_what_went_between_them_can_be_kept(tmp_path: Path) -> None:
    result = await trial("{url}", "alerts", "say={", "close", rest=EXPECTED, taped=True).run()
    assert result.tape is not None
    assert result.tape.write(str(tmp_path / "run.pvrec.jsonl")) > 4
    said = (tmp_path / "run.pvrec.jsonl").read_text()
    assert '"scenario":"tried"' in said
    assert "INVALID_MESSAGE" in said
    assert (await trial("exit=0").run()).tape is None


async def test_a_query_is_part_of_the_url_and_no_token_is_told_beside_it() -> None:
    configuration = Configuration("127.0.0.1", 0, auth=Auth(tokens=(Token("s3cret"),)))
    words = ("print={url}|{token}", "env=PVWS_URL", "env=PVWS_TOKEN", "env=VITE_PVWS_URL")
    result = await trial(*words, configuration=configuration, query="token=s3cret").run()
    url, in_variable, no_token, in_browser = result.output.splitlines()
    assert url.endswith("/ws?token=s3cret|")
    assert in_variable == in_browser == url[:-1]
    assert "s3cret" not in no_token


async def test_arguments_and_variables_tell_of_the_server() -> None:
    told = list[Any]()
    configuration = Configuration("127.0.0.1", 0, auth=Auth(tokens=(Token("s3cret"),)))
    words = ("print={url} {token}", "env=PVWS_URL", "env=PVWS_TOKEN", "env=PVWS_CONTROL_URL", "env=MINE")

    @asynccontextmanager
    async def beside(venue: Venue, stop: Callable[[], None]) -> AsyncIterator[Steering]:
        yield Steering("http://localhost:1", "st33r")

    options = {"configuration": configuration, "beside": beside, "more": [("MINE", "{port}")], "listens": told.append}
    result = await trial(*words, **options).run()
    (address,) = told
    assert result.output.splitlines() == [
        f"{address.url} s3cret",
        address.url,
        "s3cret",
        "http://localhost:1",
        address.port,
    ]


async def test_whoever_steers_it_can_end_it() -> None:
    @asynccontextmanager
    async def beside(venue: Venue, stop: Callable[[], None]) -> AsyncIterator[Steering]:
        asyncio.get_running_loop().call_later(0.05, stop)
        yield Steering()

    result = await trial(argv=("sleep", "100"), beside=beside).run()
    assert result.ending == "enough"


async def test_whoever_wants_no_more_ends_it_by_the_signal_they_got() -> None:
    async def stopped() -> signal.Signals:
        await asyncio.sleep(0.05)
        return signal.SIGINT

    result = await trial(argv=("sleep", "100"), rest=EXPECTED).run(stopped)
    assert (result.ending, result.exit, result.passed) == ("stopped", Exit(None, signal.SIGINT), False)


async def test_a_world_beside_the_main_stage_plays_the_same_and_is_not_judged() -> None:
    result = await trial("{url}?world=mine", "alerts", "close", rest=EXPECTED).run()
    assert (outcomes(result)[0], result.attempts, result.worlds) == (FAILED, 0, ("mine",))
    assert result.exit == Exit(0)


async def test_a_command_that_can_t_be_run_is_no_client() -> None:
    with pytest.raises(InputError, match="COMMAND"):
        await trial(argv=("no-such-command-anywhere",)).run()


async def test_a_scenario_that_can_t_be_played_on_ends_the_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(stage: Any) -> None:
        raise PvwsError("tried.yaml:7: it can't")

    monkeypatch.setattr("pvws.stage.stage.Stage.play", fails)
    with pytest.raises(PvwsError, match="it can't"):
        await trial("{url}", "stay").run()


async def test_trials_side_by_side_know_nothing_of_each_other() -> None:
    one, other = trial("{url}", "alerts", "close", rest=EXPECTED), trial("exit=0", rest=EXPECTED)
    results = await asyncio.gather(one.run(), other.run())
    assert [result.passed for result in results] == [True, False]
