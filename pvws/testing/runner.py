"""Runs rules against a server: many at a time, and always reported in the same order."""

import asyncio
import errno
import os
import re
from collections.abc import Awaitable, Callable, Sequence

from pvws.errors import ReachError
from pvws.testing.pipe import Pipe
from pvws.testing.rule import Rule
from pvws.testing.target import Target
from pvws.testing.verdict import BrokenError, Outcome, UnjudgedError, Verdict
from pvws.testing.visit import Visit

__all__ = ["judge", "judge_all"]

_AT_ONCE = 8  # a server on a small machine must have time for each within its patience
_DIALOGUE_S_MAX = 60.0  # for what waits for no timeout of the server: it takes seconds at most


async def judge_all(
    target: Target, rules: Sequence[Rule], tell: Callable[[Verdict], None] = lambda verdict: None
) -> list[Verdict]:
    """The verdicts, in the order of the rules; `tell` hears of each as soon as it is known.

    Slow rules all run from the beginning, the others a few at a time beside them, and those that disturb others
    alone at the end. Raises ReachError when there is nobody to judge.
    """
    await _reached(target)
    gate = asyncio.Semaphore(_AT_ONCE)
    verdicts: dict[str, Verdict] = {}

    async def run(rule: Rule) -> None:
        if rule.slow or rule.alone:
            verdict = await judge(target, rule)
        else:
            async with gate:
                verdict = await judge(target, rule)
        verdicts[rule.id] = verdict
        tell(verdict)

    await _together([run(rule) for rule in rules if not rule.alone])
    for rule in rules:
        if rule.alone:
            await run(rule)
    return [verdicts[rule.id] for rule in rules]


async def judge(target: Target, rule: Rule) -> Verdict:
    """The verdict of one rule. A rule whose dialogue holds the server to nothing has judged nothing."""
    if target.quick and (rule.slow or rule.alone):
        return Verdict(rule.id, Outcome.NOT_JUDGED, why="skipped by --quick")
    try:
        async with asyncio.timeout(_most(target, rule)), Visit(target) as visit:
            await rule.dialogue(visit)
            if not visit.has_judged:
                return Verdict(rule.id, Outcome.NOT_JUDGED, why="nothing came of it that could be judged")
    except UnjudgedError as reason:
        return Verdict(rule.id, Outcome.NOT_JUDGED, why=str(reason))
    except BrokenError as broken:
        return Verdict(rule.id, Outcome.FAILED, broken.sent, broken.expected, broken.received)
    except TimeoutError:
        expected = f"the end of the dialogue within {_most(target, rule):g} s"
        return Verdict(rule.id, Outcome.FAILED, "the dialogue of the rule", expected, "still more to read")
    return Verdict(rule.id, Outcome.HELD)


def _most(target: Target, rule: Rule) -> float:
    if not rule.slow:
        return _DIALOGUE_S_MAX
    return 3 * max(target.ping_period, target.pong_wait, target.read_timeout, target.auth_timeout) + _DIALOGUE_S_MAX


async def _reached(target: Target) -> None:
    try:
        (await Pipe.open(target, target.patience)).abort()
    except OSError as error:  # TimeoutError and the errors of TLS are some of them
        raise ReachError(f"{target.host}:{target.port}", _trouble(error).lower(), _advice(error)) from None


def _trouble(error: OSError) -> str:
    if verify := getattr(error, "verify_message", None):  # OpenSSL's own words, without its source code's place
        return str(verify)
    # asyncio tries every address of a name, and joins what it heard from each.
    numbers = {int(number) for number in re.findall(r"\[Errno (\d+)\]", str(error))} - {0}
    if isinstance(error, ConnectionError | TimeoutError) or len(numbers) == 1:
        return os.strerror(error.errno or min(numbers, default=errno.ETIMEDOUT))
    return error.strerror or str(error)


def _advice(error: OSError) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "Name the certificate of its authority with --ca."
    return "Is a server running? Start one with: pvws serve"


async def _together(runs: Sequence[Awaitable[None]]) -> None:
    tasks = [asyncio.ensure_future(run) for run in runs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
