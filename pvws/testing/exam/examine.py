"""The exam: runs cases against a command, a few at a time, and always reports them in the same order."""

import asyncio
import time
from collections.abc import Callable, Sequence

from msgspec import structs

from pvws.testing.exam.case import Case
from pvws.testing.exam.catalogue import ADMISSION
from pvws.testing.exam.finding import Card, Finding, found, unexamined
from pvws.testing.exam.watching import Watching
from pvws.testing.pulse import Pulse
from pvws.testing.together import together
from pvws.testing.trial.staging import staged
from pvws.testing.trial.trial import Trial
from pvws.testing.verdict import Outcome

__all__ = ["ADMISSION_S", "JOBS", "examine"]

ADMISSION_S = 10.0
"""How long a command has to connect and to subscribe to a topic, alone on the machine."""

JOBS = 4
"""How many cases are tried at a time, if nothing else is said: most of what they do is to wait."""

_COMING_S = 30.0  # the same for each case, with others beside it
_TRIALS = 3  # of a case, where this machine was too busy to be fair
_STANDSTILL_S = 0.25  # for how long this process may have no turn without a case being tried again
_TIMEOUT_S = 200.0  # of a trial, for safety: cases end by themselves long before


async def examine(
    argv: Sequence[str],
    cases: Sequence[Case],
    *,
    jobs: int = JOBS,
    tell: Callable[[Finding], object] = lambda finding: None,
) -> Card:
    """Examine a command by some cases; `tell` hears of each as soon as it is known.

    At first it has to connect and to subscribe: if it does not, nothing is judged. What has not held while this machine
    stood still is tried again alone. Raises InputError where the command can't be run, and ReachError where no port
    can be had. When this is cancelled everything that was started is ended.
    """
    began = time.monotonic()
    room = _Room(argv, jobs, tell)
    async with Pulse() as room.pulse:
        admission = await room.admitted()
        admitted = admission.outcome is Outcome.HELD
        if admitted:
            await room.together([case for case in cases if case is not ADMISSION])
    return Card(
        command=tuple(argv),
        findings=[room.findings.get(case.id) or _unexamined(case, admission, tell) for case in cases],
        refusal=None if admitted else admission,
        seconds=time.monotonic() - began,
    )


def _unexamined(case: Case, admission: Finding, tell: Callable[[Finding], object]) -> Finding:
    finding = unexamined(case, f"the command has not connected and subscribed to a topic within {ADMISSION_S:g} s")
    if case is ADMISSION:
        finding = admission
    tell(finding)
    return finding


class _Room:
    """Where a command is examined, and what was found by now."""

    pulse: Pulse

    def __init__(
        self,
        argv: Sequence[str],
        jobs: int,
        tell: Callable[[Finding], object],
    ) -> None:
        self._argv = argv
        self._jobs = jobs
        self._tell = tell
        self.findings: dict[str, Finding] = {}

    async def admitted(self) -> Finding:
        """The first case, alone: without it there are no others, and nothing is judged, not even that."""
        finding = await self._tried(ADMISSION, ADMISSION_S)
        if finding.outcome is Outcome.HELD:
            self._know(finding)
            return finding
        return structs.replace(finding, outcome=Outcome.NOT_JUDGED, why=finding.why or f"it {finding.ended}")

    async def together(self, cases: Sequence[Case]) -> None:
        """A few at a time; alone those where milliseconds count, and those that were not fairly judged then."""
        gate, again = asyncio.Semaphore(self._jobs), list[Case]()

        async def one(case: Case) -> None:
            async with gate:
                began = self.pulse.now()
                finding = await self._tried(case, _COMING_S)
            if finding.outcome is not Outcome.HELD and (case.by_chance or self._stood(began)):
                again.append(case)
            else:
                self._know(finding)

        # Who may take longest begins first: what waits beside others costs no time.
        beside = [case for case in cases if not case.alone]
        await together(one(case) for case in sorted(beside, key=lambda case: -case.patience_s))
        for case in cases:
            if case.alone:
                await one(case)
        for case in again:
            self._know(await self._tried_again(case))

    async def _tried_again(self, case: Case) -> Finding:
        for trials in range(2, _TRIALS + 1):
            began = self.pulse.now()
            finding = await self._tried(case, _COMING_S, trials)
            if finding.outcome is Outcome.HELD or not self._stood(began):
                break
        return finding

    def _stood(self, began: float) -> bool:
        return self.pulse.worst_since(began) > _STANDSTILL_S

    def _know(self, finding: Finding) -> None:
        self.findings[finding.case.id] = finding
        self._tell(finding)

    async def _tried(self, case: Case, coming_s: float, trials: int = 1) -> Finding:
        """What comes of a case this time."""
        began, watchings = time.monotonic(), [Watching(case, coming_s) for _ in range(case.copies)]
        results = await together(self._trial(case, watching).run() for watching in watchings)
        is_over, came = all(each.is_over for each in watchings), all(each.came for each in watchings)
        finding = found(case, results, is_over=is_over, came=came, waited_s=coming_s)
        return structs.replace(finding, seconds=time.monotonic() - began, trials=trials)

    def _trial(self, case: Case, watching: Watching) -> Trial:
        scenario = case.scenario()
        return Trial(
            argv=self._argv,
            stage=staged(scenario),
            expect=scenario.expect,
            configuration=case.configuration(),
            query=case.query,
            begin=case.begin,
            until=watching.until,
            timeout=_TIMEOUT_S,
            judges_end=case.judges_end,
            observers=lambda stage: [watching],
        )
