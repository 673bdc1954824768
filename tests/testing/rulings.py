"""What the tests of the checker share: times that a test can wait for, and runs of rules."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager

from pvws.testing.checks.catalogue import RULES, selected
from pvws.testing.runner import judge_all
from pvws.testing.target import Target
from pvws.testing.verdict import Outcome, Verdict

_WAITS = {"patience": 2.0, "window": 0.3}
TIMES = {"ping_period": 54.0, "pong_wait": 60.0, "read_timeout": 30.0, "auth_timeout": 10.0} | _WAITS
"""The contract's own, so that nothing hurries the rules that wait for no timeout."""
SHORT = {"ping_period": 0.7, "pong_wait": 1.2, "read_timeout": 0.4, "auth_timeout": 0.8} | _WAITS
"""Times that a test can wait for, for the slow rules."""
CONNECTIONS = 90  # more than the rules that run side by side have open


async def judged(target: Target, sections: Iterable[str] = (), ids: Iterable[str] = ()) -> dict[str, Verdict]:
    """The verdicts by rule."""
    rules = selected(target.profile, list(sections), list(ids))
    return {verdict.rule: verdict for verdict in await judge_all(target, rules)}


async def judged_whole(
    serve: Callable[[dict[str, float]], AbstractAsyncContextManager[Target]],
) -> dict[str, Verdict]:
    """The verdicts by rule, with the slow ones against a server of short times and the others against one of long."""
    verdicts: dict[str, Verdict] = {}
    for times, slow in ((TIMES, False), (SHORT, True)):
        async with serve(times) as target:
            verdicts |= await judged(target, ids=[name for name, rule in RULES.items() if rule.slow is slow])
    return verdicts


def with_outcome(verdicts: dict[str, Verdict], outcome: Outcome) -> set[str]:
    """The rules with this outcome."""
    return {rule for rule, verdict in verdicts.items() if verdict.outcome is outcome}


def failures(verdicts: dict[str, Verdict]) -> set[str]:
    """The rules that were broken."""
    return with_outcome(verdicts, Outcome.FAILED)


def told(verdicts: dict[str, Verdict]) -> str:
    """The failures as a person reads them."""
    return "\n".join(
        f"{verdict.rule}: sent {verdict.sent}; expected {verdict.expected}; received {verdict.received}"
        for verdict in verdicts.values()
        if verdict.outcome is Outcome.FAILED
    )


BROKEN_YET: dict[str, set[str]] = {
    "documented": set(),
    "upstream": set(),
}
"""What our own server is still to learn, by profile. A rule that holds now must leave it."""


async def assert_holds(target: Target, section: str, *, but: Iterable[str] = ()) -> None:
    """Every rule of a section holds of a right server, `but` for those that can't be judged."""
    verdicts = await judged(target, [section])
    broken_yet = {rule for rule in BROKEN_YET[target.profile] if rule in verdicts}
    assert failures(verdicts) == broken_yet, told(verdicts)
    assert with_outcome(verdicts, Outcome.NOT_JUDGED) == {f"{section}.{name}" for name in but}
