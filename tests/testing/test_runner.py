import asyncio
import time
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from pvws.errors import ReachError
from pvws.testing.rule import Rule, Section
from pvws.testing.runner import judge, judge_all
from pvws.testing.target import Target
from pvws.testing.verdict import Outcome, Verdict
from pvws.testing.visit import Visit
from tests.testing.conftest import RightServer
from tests.testing.rulings import SHORT


async def passes(visit: Visit) -> None:
    await (await visit.open()).fence()


async def fails(visit: Visit) -> None:
    talk = await visit.open()
    talk.say("hello")
    await talk.pong()


async def judges_nothing(visit: Visit) -> None:
    await visit.open()


async def gives_up(visit: Visit) -> None:
    raise visit.unjudged("for a reason")


def rule(name: str, dialogue: object, **options: object) -> Rule:
    section = Section("made-up")
    section.add(name, "", "", dialogue, **options)  # type: ignore[arg-type]
    return section.rules[0]


async def test_every_outcome_comes_about(right_server: RightServer) -> None:
    async with right_server() as target:
        verdicts = [await judge(target, rule("x", each)) for each in (passes, fails, judges_nothing, gives_up)]
    assert [verdict.outcome for verdict in verdicts] == ["held", "failed", "not judged", "not judged"]
    assert verdicts[1].sent == "GET /ws; text hello"
    assert verdicts[1].expected == "a pong"
    assert '"INVALID_MESSAGE"' in verdicts[1].received
    assert [verdict.why for verdict in verdicts[2:]] == ["nothing came of it that could be judged", "for a reason"]


async def test_quick_leaves_out_what_is_slow_or_alone(right_server: RightServer) -> None:
    async with right_server(quick=True) as target:
        for options in ({"slow": True}, {"alone": True}):
            verdict = await judge(target, rule("x", passes, **options))
            assert (verdict.outcome, verdict.why) == (Outcome.NOT_JUDGED, "skipped by --quick")


async def test_verdicts_come_in_the_order_of_the_rules_and_what_is_alone_runs_last(right_server: RightServer) -> None:
    running = 0

    async def slowly(visit: Visit) -> None:
        nonlocal running
        running += 1
        await asyncio.sleep(0.05)
        await passes(visit)
        running -= 1

    async def alone(visit: Visit) -> None:
        assert running == 0
        await passes(visit)

    told: list[str] = []
    rules = [rule("a", alone, alone=True), rule("b", slowly), *(rule(f"c{number}", passes) for number in range(20))]

    def tell(verdict: Verdict) -> None:
        told.append(verdict.rule)

    async with right_server() as target:
        verdicts = await judge_all(target, rules, tell)
    assert [verdict.rule for verdict in verdicts] == [each.id for each in rules]
    assert {verdict.outcome for verdict in verdicts} == {Outcome.HELD}
    assert told[-1] == "made-up.a"
    assert set(told) == {each.id for each in rules}


async def test_a_mistake_of_ours_is_no_failure_of_the_server(right_server: RightServer) -> None:
    async def wrong(visit: Visit) -> None:
        raise ZeroDivisionError

    async with right_server() as target:
        with pytest.raises(ZeroDivisionError):
            await judge_all(target, [rule("a", wrong), rule("b", passes)])


async def test_nobody_there_is_told() -> None:
    with pytest.raises(ReachError, match=r"^127\.0\.0\.1:1: connection refused\nIs a server running"):
        await judge_all(Target("ws://127.0.0.1:1/ws"), [rule("a", passes)])


def standing_still(trials: Sequence[bool], *, nothing_comes: bool = True) -> tuple[Rule, list[bool]]:
    """A rule that is broken at each trial at which the machine stands still, and which trials it has had."""
    had: list[bool] = []

    async def dialogue(visit: Visit) -> None:
        stands_still = trials[len(had)]
        had.append(stands_still)
        if stands_still:
            time.sleep(2 * visit.target.standstill_max)  # noqa: ASYNC251 # nobody has a turn: that is the point
            raise (await visit.open()).broken("a pong", "nothing", nothing_came=nothing_comes)
        await passes(visit)

    return rule("unlucky", dialogue), had


async def test_what_fails_while_the_machine_stands_still_is_judged_again(right_server: RightServer) -> None:
    unlucky, had = standing_still([True, False])
    async with right_server(times=SHORT) as target:
        (verdict,) = await judge_all(target, [unlucky])
    assert (verdict.outcome, had) == (Outcome.HELD, [True, False])


async def test_what_never_had_a_fair_trial_is_not_judged(right_server: RightServer) -> None:
    unlucky, had = standing_still([True, True, True])
    heard: list[Verdict] = []
    async with right_server(times=SHORT) as target:
        verdicts = await judge_all(target, [unlucky], heard.append)
    assert len(had) == 3
    assert verdicts == heard
    assert verdicts[0].outcome is Outcome.NOT_JUDGED
    assert verdicts[0].why.startswith("this machine is too busy: it stood still for 0.")


async def test_a_wrong_answer_is_one_however_late_it_comes(right_server: RightServer) -> None:
    wrong, had = standing_still([True, True, True], nothing_comes=False)
    async with right_server(times=SHORT) as target:
        (verdict,) = await judge_all(target, [wrong])
    assert (verdict.outcome, verdict.expected, len(had)) == (Outcome.FAILED, "a pong", 3)


async def test_a_failure_on_a_machine_that_has_time_stands(right_server: RightServer) -> None:
    tried = 0

    async def dialogue(visit: Visit) -> None:
        nonlocal tried
        tried += 1
        await fails(visit)

    async with right_server() as target:
        target = replace(target, read_timeout=1e9, auth_timeout=1e9)
        (verdict,) = await judge_all(target, [rule("x", dialogue)])
    assert (verdict.outcome, tried) == (Outcome.FAILED, 1)
