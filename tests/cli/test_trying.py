import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from pvws.cli.run import ENDED_FROM_OUTSIDE, Stop
from pvws.cli.trying import Trying
from pvws.server.settings import Configuration, Control
from tests.support.tried import SMALL, scenario, trial

FAILS = "expect:\n  - {client: sends_valid_messages}\n"


def trying(*words: str, rest: str = "", control: bool = False, argv: tuple[str, ...] = SMALL, **options: Any) -> Trying:
    configuration = Configuration("127.0.0.1", 0, control=Control(enabled=control))
    made = trial(*words, rest=rest, argv=argv, configuration=configuration)
    return Trying(trial=made, scenario=scenario(rest), **options)


async def test_what_passes_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "artefacts"
    assert await trying("{url}", "alerts", "close", rest=FAILS, artefacts=str(folder))(Stop()) == 0
    assert not folder.exists()


async def test_what_fails_is_recorded_and_said_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "artefacts"
    assert await trying("{url}", "say={", "close", rest=FAILS, artefacts=str(folder))(Stop()) == 1
    (recording,) = folder.iterdir()
    assert "INVALID_MESSAGE" in recording.read_text()
    assert f"pvws: the run is recorded in {recording}" in capsys.readouterr().err


async def test_where_it_can_t_be_recorded_the_verdict_is_told_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert await trying("{url}", "say={", "close", rest=FAILS, artefacts=str(tmp_path / "file"))(Stop()) == 1
    said = capsys.readouterr().err
    assert "pvws: --artefacts: expected a folder that can be written to" in said
    assert "failed: sends_valid_messages" in said
    assert "is recorded" not in said


async def test_with_record_it_is_recorded_in_any_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = tmp_path / "run.pvrec.jsonl"
    rest = "timeline:\n  - {when: {client: subscribes}, do: emit, type: security_alert}\n"
    assert await trying("{url}", "alerts", "close", rest=rest, record=str(recording))(Stop()) == 0
    header, *events = recording.read_text().splitlines()
    assert '"scenario":"tried"' in header
    assert "security_alert" in events[-1]


async def test_the_control_plane_and_the_ready_file_are_there_before_the_command(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    command = ("sh", "-c", f'cat {ready}; echo "$PVWS_CONTROL_URL"')
    made = trying(control=True, ready_file=str(ready))
    kept = list[Any]()

    class Kept(type(made.trial)):  # type: ignore[misc]
        async def run(self, stopped: Any = None) -> Any:
            kept.append(await super().run(stopped))
            return kept[0]

    tried = Kept(**structs.asdict(made.trial) | {"argv": command})
    assert await structs.replace(made, trial=tried)(Stop()) == 0
    told, control = kept[0].output.splitlines()
    assert json.loads(told)["control"] == control
    assert not ready.exists()


async def test_a_terminal_that_is_gone_ends_the_command() -> None:
    previous = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where the tests were started by nohup
    try:
        stop = Stop()
        running = asyncio.ensure_future(trying("{url}", "alerts", "stay")(stop))
        while signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # noqa: ASYNC110 - a handler tells no event
            await asyncio.sleep(0.002)
        os.kill(os.getpid(), signal.SIGHUP)
        assert await running == 1
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, previous)


async def test_where_a_hang_up_is_nothing_to_us_it_stays_so() -> None:
    previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup has it
    try:
        made = trying(argv=("sh", "-c", "kill -HUP $PPID; exit 0"))
        assert await made(Stop()) == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, previous)


async def test_where_nobody_came_there_is_nothing_to_keep(tmp_path: Path) -> None:
    folder = tmp_path / "artefacts"
    assert await trying("exit=1", artefacts=str(folder))(Stop()) == 1
    assert not folder.exists()


@pytest.mark.parametrize(("code", "asked"), [(130, "INT"), (ENDED_FROM_OUTSIDE, "TERM")])
async def test_whoever_is_ended_from_outside_has_not_passed(
    code: int, asked: str, capfd: pytest.CaptureFixture[str]
) -> None:
    stop, waiting = Stop(), "while :; do sleep 0.01; done"
    argv = ("sh", "-c", f"trap 'echo asked by INT; exit' INT; trap 'echo asked by TERM; exit' TERM; echo; {waiting}")
    made = trying(argv=argv)
    made = structs.replace(made, trial=structs.replace(made.trial, heard="passed on"))
    running = asyncio.ensure_future(made(stop))
    while not capfd.readouterr().out:  # noqa: ASYNC110 - it is another process that says it
        await asyncio.sleep(0.002)
    stop.request(code)
    assert await running == code
    out, err = capfd.readouterr()
    assert out == f"asked by {asked}\n"
    assert "before it was done" in err
