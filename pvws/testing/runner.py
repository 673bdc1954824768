"""Runs rules against a server: many at a time, and always reported in the same order."""

import asyncio
import errno
import os
import re
from collections.abc import Callable, Sequence

from pvws.errors import ReachError
from pvws.testing.pipe import Pipe
from pvws.testing.pulse import Pulse
from pvws.testing.rule import Rule
from pvws.testing.target import Target
from pvws.testing.together import together
from pvws.testing.verdict import BrokenError, Outcome, UnjudgedError, Verdict
from pvws.testing.visit import Visit

__all__ = ["judge", "judge_all"]

_TRIALS = 3  # of a rule, if this machine is too busy to be fair
_AT_ONCE = 8  # a server on a small machine must have time for each within its patience
_REACHING_S = 5.0  # at least, for the first connection: nobody is judged by it
_DIALOGUE_S_MAX = 60.0  # for what waits for no timeout of the server: it takes seconds at most


async def judge_all(
    target: Target, rules: Sequence[Rule], tell: Callable[[Verdict], None] = lambda verdict: None
) -> list[Verdict]:
    """The verdicts, in the order of the rules; `tell` hears of each as soon as it is known.

    Slow rules all run from the beginning, the others a few at a time beside them, and those that disturb others
    alone at the end. What fails while this machine stands still is judged again, with less beside it; for what was
    late in each trial nobody can be blamed: it is not judged. Raises ReachError when there is nobody to judge.
    """
    await _reached(target)
    verdicts: dict[str, Verdict] = {}
    pending, at_once = list(rules), _AT_ONCE
    async with Pulse() as pulse:
        for left in reversed(range(_TRIALS)):
            court = _Court(target, pulse, verdicts, tell, at_once, is_last=left == 0)
            await court.hear(pending)
            pending, at_once = court.again, 1
    return [verdicts[rule.id] for rule in rules]


class _Court:
    """One trial of some rules: whose verdict is not fair, is to be heard `again`."""

    def __init__(
        self,
        target: Target,
        pulse: Pulse,
        verdicts: dict[str, Verdict],
        tell: Callable[[Verdict], None],
        at_once: int,
        *,
        is_last: bool,
    ) -> None:
        self.again: list[Rule] = []
        self._target = target
        self._pulse = pulse
        self._verdicts = verdicts
        self._tell = tell
        self._gate = asyncio.Semaphore(at_once)
        self._is_last = is_last

    async def hear(self, rules: Sequence[Rule]) -> None:
        await together([self._run(rule) for rule in rules if not rule.alone])
        for rule in rules:
            if rule.alone:
                await self._run(rule)

    async def _run(self, rule: Rule) -> None:
        if rule.slow or rule.alone:
            await self._judge(rule)
        else:
            async with self._gate:
                await self._judge(rule)

    async def _judge(self, rule: Rule) -> None:
        began = self._pulse.now()
        verdict, is_of_time = await _trial(self._target, rule)
        standstill = self._pulse.worst_since(began)
        if verdict.outcome is not Outcome.HELD and standstill > self._target.standstill_max:
            if not self._is_last:
                self.again.append(rule)
                return
            if is_of_time:
                verdict = Verdict(rule.id, Outcome.NOT_JUDGED, why=_unfair(standstill))
        self._verdicts[rule.id] = verdict
        self._tell(verdict)


def _unfair(standstill: float) -> str:
    return f"this machine is too busy: it stood still for {standstill:.1f} s, and in each of {_TRIALS} trials"


async def judge(target: Target, rule: Rule) -> Verdict:
    """The verdict of one rule. A rule whose dialogue holds the server to nothing has judged nothing."""
    verdict, _ = await _trial(target, rule)
    return verdict


async def _trial(target: Target, rule: Rule) -> tuple[Verdict, bool]:
    """The verdict of one rule, and whether it is a failure that may be the time's: something came late, or never."""
    if target.quick and (rule.slow or rule.alone):
        return Verdict(rule.id, Outcome.NOT_JUDGED, why="skipped by --quick"), False
    try:
        async with asyncio.timeout(_most(target, rule)), Visit(target) as visit:
            await rule.dialogue(visit)
            if not visit.has_judged:
                return Verdict(rule.id, Outcome.NOT_JUDGED, why="nothing came of it that could be judged"), False
    except UnjudgedError as reason:
        return Verdict(rule.id, Outcome.NOT_JUDGED, why=str(reason)), False
    except BrokenError as broken:
        verdict = Verdict(rule.id, Outcome.FAILED, broken.sent, broken.expected, broken.received)
        return verdict, rule.slow or broken.nothing_came
    except TimeoutError:
        expected = f"the end of the dialogue within {_most(target, rule):g} s"
        return Verdict(rule.id, Outcome.FAILED, "the dialogue of the rule", expected, "still more to read"), True
    return Verdict(rule.id, Outcome.HELD), False


def _most(target: Target, rule: Rule) -> float:
    if not rule.slow:
        return _DIALOGUE_S_MAX
    return 3 * max(target.ping_period, target.pong_wait, target.read_timeout, target.auth_timeout) + _DIALOGUE_S_MAX


async def _reached(target: Target) -> None:
    try:
        (await Pipe.open(target, max(target.patience, _REACHING_S))).abort()
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
