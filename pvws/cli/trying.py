"""One run of `pvws test`."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from msgspec import Struct, structs

from pvws import __version__
from pvws.cli.controlled import controlled
from pvws.cli.files import check_writable, write_file
from pvws.cli.logged import log_to_stderr
from pvws.cli.ready import told_ready
from pvws.cli.recorded import header_of, recording_to
from pvws.cli.run import ENDED_FROM_OUTSIDE, EXIT_CODES, Stop
from pvws.cli.standard import note
from pvws.errors import PvwsError
from pvws.files.refused import refused
from pvws.scenario.schema import Scenario
from pvws.stage.record import StageRecord
from pvws.stage.venue import Venue
from pvws.testing.junit import junit_xml
from pvws.testing.trial.report import Place, TrialReport
from pvws.testing.trial.result import Result
from pvws.testing.trial.trial import Steering, Trial
from pvws.testing.trial.variables import Address
from pvws.timestamp import Timestamp
from pvws.wire.topics import TOPICS

__all__ = ["Trying"]


class Trying(Struct, frozen=True, kw_only=True):
    """Call it with the `Stop` of the command; it gives the exit code.

    The trial is that of a scenario. If it is not passed, the run is recorded in the folder `artefacts`; in `record` it
    is in any case. `places` are those of the expectations.
    """

    trial: Trial
    scenario: Scenario
    places: Sequence[Place] = ()
    junit: str | None = None
    artefacts: str | None = None
    record: str | None = None
    ready_file: str | None = None
    verbose: bool = False

    async def __call__(self, stop: Stop) -> int:
        """Try, and report."""
        log_to_stderr(verbose=self.verbose)
        if self.junit is not None:
            check_writable("--junit", self.junit)
        addresses, began = list[Address](), Timestamp(time.time_ns() // 1000)
        trial = structs.replace(
            self.trial, taped=self.artefacts is not None, beside=self._beside, listens=addresses.append
        )

        async def stopped() -> signal.Signals:
            await stop.wait()
            return signal.SIGINT if stop.exit_code == EXIT_CODES[signal.SIGINT] else signal.SIGTERM

        with _hung_up(stop):
            result = await trial.run(stopped)
        (address,) = addresses
        report = TrialReport(
            scenario=self.scenario.scenario,
            argv=self.trial.argv,
            url=address.url,
            result=result,
            seed=self.scenario.seed,
            began=began,
            places=self.places,
            secrets=[each.token for each in trial.configuration.auth.tokens] + _given(address.control_token),
        )
        report = structs.replace(report, recording=self._kept(result, began))
        note("\n".join(report.lines()))
        if report.recording:
            note(f"the run is recorded in {report.recording}")
        if self.junit is not None:
            write_file("--junit", self.junit, junit_xml(f"pvws test {report.scenario}", [report.suite()]))
        return stop.exit_code or int(not result.passed)

    @asynccontextmanager
    async def _beside(self, venue: Venue, stop: Callable[[], None]) -> AsyncIterator[Steering]:
        """The control plane, a recording, and the file that says that all is ready."""
        configuration = self.trial.configuration
        async with controlled(venue, configuration, stop) as control, AsyncExitStack() as recording:
            if self.record is not None:  # not before the address is ours: no file is lost to a busy port
                start, quirks = venue.stage.now(), configuration.settings.quirks
                header = header_of("test", profile=configuration.profile, start=start, topics=TOPICS)
                header = structs.replace(header, scenario=self.scenario.scenario, seed=self.scenario.seed)
                recorder = await recording.enter_async_context(recording_to(self.record, header, "--record"))
                venue.stage.observe(StageRecord(recorder.record, start.micros, quirks))
            steered = "" if control is None else f", steered at {control}"
            note(f"pvws {__version__} serves {self.scenario.scenario} at {venue.url}{steered}")
            with told_ready(self.ready_file, venue.url, control):
                yield Steering(control or "", configuration.control.token or "")

    def _kept(self, result: Result, began: Timestamp) -> str:
        """Where the recording of a run that was not passed is; empty without one, as where nobody came."""
        if result.passed or not result.attempts or result.tape is None or self.artefacts is None:
            return ""
        stamp = began.text[:19].replace("-", "").replace(":", "")
        path = Path(self.artefacts, f"{self.scenario.scenario}-{stamp}Z-{os.getpid()}.pvrec.jsonl")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            result.tape.write(str(path), "--artefacts")
        except OSError as error:
            note(str(refused("--artefacts", "a folder that can be written to", self.artefacts, error)))
            return ""
        except PvwsError as error:
            note(str(error))
            return ""
        return str(path)


@contextmanager
def _hung_up(stop: Stop) -> Iterator[None]:
    """For as long as this is entered the end of our terminal is that of the command, which has a session of its own."""
    loop, number = asyncio.get_running_loop(), getattr(signal, "SIGHUP", None)
    if number is None or signal.getsignal(number) is signal.SIG_IGN:  # on Windows; behind nohup
        yield
        return
    loop.add_signal_handler(number, stop.request, ENDED_FROM_OUTSIDE)
    try:
        yield
    finally:
        loop.remove_signal_handler(number)


def _given(text: str) -> list[str]:
    return [text] if text else []
