"""The exam with real clients; what each case is worth is told by the clients of `tests/exam`."""

import asyncio
import sys
from pathlib import Path

import pytest

from pvws.errors import InputError
from pvws.testing.exam import examine as examination
from pvws.testing.exam.case import Case
from pvws.testing.exam.catalogue import CASES
from pvws.testing.exam.examine import examine
from pvws.testing.exam.finding import Card, Finding
from pvws.testing.verdict import Outcome
from tests.exam.subjects import REFERENCE, flawed
from tests.support.processes import ends

HELD, FAILED, NOT_JUDGED = Outcome.HELD, Outcome.FAILED, Outcome.NOT_JUDGED


def outcomes(card: Card) -> dict[str, Outcome]:
    return {finding.case.id: finding.outcome for finding in card.findings}


async def test_a_good_client_passes_and_is_told_of_case_by_case() -> None:
    told: list[Finding] = []
    wanted = ("reconnect.after-restart", "contract.subscribes", "contract.ends-on-sigterm", "security.token-in-url")
    card = await examine(REFERENCE, [CASES[name] for name in wanted], tell=told.append)
    assert outcomes(card) == dict.fromkeys(wanted, HELD), [finding.details for finding in card.findings]
    assert card.passed
    assert card.admitted
    assert [finding.case.id for finding in card.findings] == list(wanted), "in their order, however they end"
    assert told[0].case.id == "contract.subscribes", "before anything else"
    assert {finding.case.id for finding in told} == set(wanted)


async def test_a_flawed_one_fails_where_its_flaw_is_and_not_beside_it() -> None:
    wanted = ("resilience.unknown-type", "contract.answers-close", "contract.closes-on-sigterm")
    card = await examine(flawed("crashes-on-unknown-type"), [CASES[name] for name in wanted])
    assert outcomes(card) == {wanted[0]: FAILED, wanted[1]: HELD, wanted[2]: HELD}
    assert "that it goes on for 1.5s after “the message”" in card.findings[0].summary
    assert card.findings[0].ended.endswith("by itself")


async def test_who_does_not_subscribe_is_not_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "ADMISSION_S", 0.3)
    told: list[Finding] = []
    card = await examine(
        flawed("subscribes-to-nothing"), [CASES["load.burst"], CASES["contract.subscribes"]], tell=told.append
    )
    assert (card.admitted, card.passed) == (False, False)
    assert outcomes(card) == {"load.burst": NOT_JUDGED, "contract.subscribes": NOT_JUDGED}
    assert card.findings[0].trials == 0
    assert len(told) == 2


async def test_who_ends_by_itself_before_it_is_examined_is_not_waited_for() -> None:
    card = await examine([sys.executable, "-I", "-S", "-c", "print('gone')"], [CASES["contract.subscribes"]])
    (finding,) = card.findings
    assert not card.admitted
    assert (finding.outcome, finding.why, finding.output) == (NOT_JUDGED, "it exited with 0 by itself", ["gone"])
    assert card.seconds < examination.ADMISSION_S


async def test_who_takes_its_time_to_subscribe_is_examined() -> None:
    program = (
        "import json, os, time\n"
        "from websockets.sync.client import connect\n"
        "client = connect(os.environ['PVWS_URL'])\n"
        "time.sleep(0.4)\n"
        "client.send(json.dumps({'type': 'subscribe', 'topic': 'alerts'}))\n"
        "for message in client: pass\n"
    )
    card = await examine([sys.executable, "-c", program], [CASES["contract.subscribes"]])
    assert card.passed, card.findings[0].details


async def test_where_milliseconds_count_nothing_is_tried_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    trials: list[str] = []
    at_once = 0

    async def tried(room: object, case: Case, coming_s: float, trials_: int = 1) -> Finding:
        nonlocal at_once
        at_once += 1
        trials.append(f"{case.id} {at_once}")
        await asyncio.sleep(0)
        at_once -= 1
        return Finding(case=case, outcome=HELD)

    monkeypatch.setattr(examination._Room, "_tried", tried)
    wanted = ("reconnect.jitter", "load.burst", "load.retry-after")
    card = await examine(REFERENCE, [CASES[name] for name in wanted])
    assert card.passed
    assert trials == ["contract.subscribes 1", "load.burst 1", "load.retry-after 2", "reconnect.jitter 1"]


async def test_a_command_that_is_not_there_is_told() -> None:
    with pytest.raises(InputError, match="no such file"):
        await examine(["./no-such-client"], [CASES["load.burst"]])


async def test_what_has_failed_while_this_process_stood_still_is_tried_again_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(examination, "_STANDSTILL_S", -1.0)  # it always has
    card = await examine(flawed("crashes-on-sigterm"), [CASES["contract.ends-on-sigterm"]])
    (finding,) = card.findings
    assert (finding.outcome, finding.trials) == (FAILED, 3)
    card = await examine(REFERENCE, [CASES["contract.ends-on-sigterm"]])
    assert (card.passed, card.findings[0].trials) == (True, 1), "what has held is not"


async def test_an_exam_that_is_stopped_leaves_no_process_behind(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    program = f"import os, time; open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    exam = asyncio.ensure_future(examine([sys.executable, "-I", "-S", "-c", program], [CASES["contract.subscribes"]]))
    async with asyncio.timeout(20):
        while not (pids.exists() and pids.read_text().endswith("\n")):  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.01)
    exam.cancel()
    with pytest.raises(asyncio.CancelledError):
        await exam
    (pid,) = map(int, pids.read_text().split())
    assert await asyncio.to_thread(ends, pid)
