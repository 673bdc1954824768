"""`pvws explore`: looks for a run of a scenario in which a client fails."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import Struct

from pvws.cli.files import check_other, check_writable, write_file
from pvws.cli.options import (
    Config,
    Control,
    ControlToken,
    Env,
    Profile,
    Settings,
    TlsCert,
    TlsKey,
    TlsSelfSigned,
    Tokens,
    parsed,
    settings,
)
from pvws.cli.run import ENDED_FROM_OUTSIDE, Stop, run, unless_stopped
from pvws.cli.standard import ProgressLine, note, print_json
from pvws.cli.subjects import (
    Argv,
    AsJson,
    Jobs,
    Linger,
    Repeat,
    Timeout,
    cores,
    last_words,
    shown_shrink,
    shown_test,
    subject_of,
)
from pvws.scenario.quantities import speed as read_speed
from pvws.stage.shipped import find_script, names_of
from pvws.testing.exploring.explore import Explored, Explorer, Failure
from pvws.testing.exploring.variation import Exploring
from pvws.testing.subject import Subject

__all__ = ["explore"]


def explore(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A file, or the name of a shipped scenario.")],
    command: Argv,
    seeds: Annotated[int, typer.Option(min=1, metavar="N", help="How many seeds to try.")] = 100,
    first: Annotated[
        int | None, typer.Option("--from", metavar="SEED", help="The seed to begin with. Default: the scenario's own.")
    ] = None,
    repeat: Repeat = 3,
    jobs: Jobs = None,
    timeout: Timeout = None,
    linger: Linger = "1s",
    speed: Annotated[
        str | None, typer.Option(metavar="X", help="How many times as fast as real time. Default: the scenario's own.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", metavar="PREFIX", help="What the files of a failing run are called. Default: NAME-seed-N."
        ),
    ] = None,
    as_json: AsJson = False,
    env: Env = None,
    set_: Settings = None,
    config: Config = None,
    profile: Profile = None,
    token: Tokens = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_self_signed: TlsSelfSigned = False,
    control: Control = None,
    control_token: ControlToken = None,
) -> None:
    """Vary a scenario until a client fails, and keep that run.

    Each seed is another run, with other times, values and faults, within the bounds that the scenario gives under
    `explore`; its own seed is the scenario as it stands. The first seed with which the command fails every time is
    kept, as a scenario that repeats the run, and as a recording. A failure is an expectation that was not met, or an
    exit code other than 0.

    The exit code is 0 when no seed fails, and 1 when one does. Ctrl-C keeps what has failed so far.

    \b
    Examples:
      pvws explore train-ride --seeds 50 --speed 10 -- node my-client.js
      pvws explore my-scenario.yaml --set peers=40 --jobs 4 -- python client.py {url}
    """
    script = find_script(scenario)
    script.scenario(settings(set_))  # what is wrong in it is told with the paths of its files
    if speed is not None:
        parsed("--speed", speed, read_speed)
    exploring = Exploring(script.text, str(script.path), script.read, tuple(settings(set_)), speed)
    names_of(exploring.scenario)
    own = exploring.scenario.seed if first is None else first
    exploration = _Exploration(
        exploring,
        range(own, own + seeds),
        subject_of(context.params, expected=exploring.scenario.expect),
        context.params,
        Path(scenario).stem,
        out,
        repeat,
        jobs or cores(),
        as_json,
    )
    for path in exploration.files(own).values():
        check_other("--out", path, script.path)
        check_writable("--out", path)
    raise typer.Exit(run(exploration, terminated=ENDED_FROM_OUTSIDE))


class _Exploration(Struct, frozen=True):
    """One run of the command. Call it with the `Stop`; it gives the exit code."""

    exploring: Exploring
    seeds: range
    subject: Subject
    parameters: Mapping[str, Any]
    name: str
    out: str | None
    repeat: int
    jobs: int
    as_json: bool

    async def __call__(self, stop: Stop) -> int:
        """Explore, keep what was found, and report."""
        progress = _Progress(len(self.seeds))
        explorer = Explorer(
            self.exploring, self.seeds, self.subject, repeat=self.repeat, at_once=self.jobs, told=progress.tell
        )
        try:
            await unless_stopped(stop, explorer.run())
        finally:
            progress.line.clear()
        found = explorer.explored()
        failure = found.found or next(iter(found.at_times), None)
        files = {} if failure is None else self._keep(failure)
        if stop.requested:
            note(f"interrupted after {progress.runs:,} run{'' if progress.runs == 1 else 's'}")
        if self.as_json:
            print_json(self._document(found, failure, files) | {"interrupted": stop.requested})
        else:
            for line in self._lines(found, failure, files):
                print(line)  # noqa: T201
        return stop.exit_code if stop.requested else int(failure is not None)

    def files(self, seed: int) -> dict[str, str]:
        """What the files are called in which the run of a seed is kept."""
        prefix = f"{self.name}-seed-{seed}" if self.out is None else self.out
        return {"scenario": f"{prefix}.yaml", "recording": f"{prefix}.pvrec.jsonl"}

    def _keep(self, failure: Failure) -> dict[str, str]:
        """Write the run down; what the files are called."""
        files = self.files(failure.variation.seed)
        comment = f"# Seed {failure.variation.seed} of {self.name}: {'; '.join(failure.ways)}.\n"
        write_file("--out", files["scenario"], comment + failure.variation.text)
        assert failure.result.tape is not None, "each run is taped"
        failure.result.tape.write(files["recording"], "--out")
        return files

    def _commands(self, failure: Failure, files: dict[str, str]) -> dict[str, str]:
        return {
            "repeat": shown_test(files["scenario"], failure.result, self.parameters),
            "shrink": shown_shrink(files["scenario"], self.parameters if failure.repeats else self._once()),
        }

    def _once(self) -> dict[str, Any]:
        """The parameters for what does not fail each time."""
        return {**self.parameters, "repeat": 1}

    def _lines(self, found: Explored, failure: Failure | None, files: dict[str, str]) -> list[str]:
        lines = [
            f"seed {each.variation.seed} failed in {each.failed} of {each.runs} runs: {'; '.join(each.ways)}"
            for each in found.at_times
            if not each.repeats
        ]
        if failure is None:
            seeds = "1 seed was" if found.tried == 1 else f"{found.tried:,} seeds were"
            lines.append(f"{seeds} tried, and the command failed with none of them")
        else:
            lines += _failure_lines(failure)
            lines.append(f"kept as {files['scenario']} and {files['recording']}")
            commands = self._commands(failure, files)
            lines += [f"repeat it:  {commands['repeat']}", f"shorten it: {commands['shrink']}"]
        lines += [f"not judged in any run: {title}" for title in found.not_judged]
        return lines

    def _document(self, found: Explored, failure: Failure | None, files: dict[str, str]) -> dict[str, Any]:
        document: dict[str, Any] = {"scenario": self.name, "seeds": found.tried, "failed": failure is not None}
        if failure is not None:
            document |= {
                "seed": failure.variation.seed,
                "changes": failure.variation.changes,
                "ways": failure.ways,
                "runs": failure.runs,
                "failed_runs": failure.failed,
                "output": failure.result.output,
                "files": files,
                **self._commands(failure, files),
            }
        at_times = [
            {"seed": each.variation.seed, "runs": each.runs, "failed_runs": each.failed, "ways": each.ways}
            for each in found.at_times
        ]
        return document | {"at_times": at_times, "not_judged": found.not_judged}


def _failure_lines(failure: Failure) -> list[str]:
    seed, runs = failure.variation.seed, "in each run" if failure.runs > 1 else "in its run"
    which = f"seed {seed}, the scenario as it stands," if failure.variation.given else f"seed {seed}"
    head = f"{which} fails, {runs}" if failure.repeats else f"{which} is kept, although it does not fail each time"
    lines = [f"{head}: {'; '.join(failure.ways)}", *(f"  {change}" for change in failure.variation.changes)]
    for verdict in failure.result.verdicts:
        if verdict.failed:
            lines += [f"  {line}" for line in verdict.lines]
    if failure.result.attempts == 0:
        lines.append("  it never tried to connect: the address is in PVWS_URL, or is {url} in its arguments")
    return lines + last_words(failure.result.output)


class _Progress:
    """Says how far it is."""

    def __init__(self, seeds: int) -> None:
        self.line = ProgressLine()
        self.runs = 0
        self._seeds = seeds
        self._seen: dict[int, int] = {}

    def tell(self, seed: int, failed: frozenset[str]) -> None:
        self.runs += 1
        self._seen[seed] = self._seen.get(seed, 0) + bool(failed)
        failing = [f"seed {each} fails" for each, times in self._seen.items() if times]
        self.line.show(f"{len(self._seen):,} of {self._seeds:,} seeds, {self.runs:,} runs  {', '.join(failing[-3:])}")
