"""One run of `pvws shrink`."""

import shlex
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Generic, TypeVar

from msgspec import Struct

from pvws.cli.files import check_other, check_writable, write_file
from pvws.cli.options import parsed, settings
from pvws.cli.run import Stop, unless_stopped
from pvws.cli.standard import ProgressLine, note, print_json
from pvws.cli.subjects import (
    cores,
    last_words,
    shown_test,
    subject_of,
)
from pvws.cli.wishes import Source, Wishes, wishes_of
from pvws.errors import InputError, Problem
from pvws.files.recordings import RecordingWriter
from pvws.notation.document import Node, scalar
from pvws.notation.tree import put
from pvws.recording.format import Message
from pvws.recording.write import entry_line
from pvws.scenario.expectations import Kind
from pvws.scenario.loader import load
from pvws.scenario.quantities import speed as read_speed
from pvws.scenario.schema import Scenario
from pvws.stage.shipped import find_script, names_of, shipped_scenarios
from pvws.terminal.printable import printable
from pvws.testing.shrinking.recording import Entries, RecordingShrinking
from pvws.testing.shrinking.scenario import ScenarioShrinking
from pvws.testing.shrinking.shrink import Failing, First, judgeable
from pvws.testing.standalone import standalone, written_out
from pvws.testing.subject import Subject, lasted, not_judged, replayed
from pvws.testing.trial.result import Result
from pvws.testing.verdict import Outcome
from pvws.units import duration_text

__all__ = ["Shrinking", "shortest_of", "shrinking_of"]

_C = TypeVar("_C")
_SCRIPTS = (".yaml", ".yml")
_SUFFIXES = frozenset((*_SCRIPTS, ".pvrec", ".jsonl", ".har", ".gz", ".zst", ".zstd"))
_SHOWN_LINES_MAX = 40


class _Manner(Struct, frozen=True):
    """How it is shrunk, as the command line says."""

    name: str
    subject: Subject
    parameters: Mapping[str, Any]
    repeat: int
    jobs: int
    any_way: bool
    out: str
    as_json: bool


class Shrinking(Generic[_C]):
    """One run of the command, of a scenario or a recording. Call it with the `Stop`; it gives the exit code."""

    kind: str
    suffix: str

    def __init__(self, manner: _Manner, given: _C) -> None:
        self._manner = manner
        self._given = given
        self._line = ProgressLine()
        self._tried = 0
        self._failing = Failing(
            self.run,
            self.key,
            repeat=manner.repeat,
            at_once=manner.jobs,
            any_way=manner.any_way,
            told=self._tell,
        )

    async def __call__(self, stop: Stop) -> int:
        """Shrink, write the shortest down, and report."""
        self._line.show(f"running {self._manner.name} as it is")
        try:
            first = await unless_stopped(stop, self._failing.begin(self._given))
            if first is None:
                self._line.clear()
                note("interrupted before anything was tried")
                return stop.exit_code
            if not first.fails:
                raise self._nothing_to_shrink(first)
            await unless_stopped(stop, self.shrink(self._failing, first))
        finally:
            self._line.clear()
        self._report(first, interrupted=stop.requested)
        return stop.exit_code

    # What scenarios and recordings differ in

    @abstractmethod
    async def run(self, candidate: _C) -> Result:
        """Run a candidate once."""

    @abstractmethod
    def key(self, candidate: _C) -> object:
        """What two candidates have in common that are the same."""

    @abstractmethod
    async def shrink(self, failing: Failing[_C], first: First) -> None:
        """Make the input as short as it gets."""

    @abstractmethod
    def best(self) -> _C:
        """The shortest so far."""

    @abstractmethod
    def extent(self, candidate: _C) -> str:
        """How large a candidate is, in words."""

    @abstractmethod
    def write(self, path: str, candidate: _C, why: str) -> str:
        """Write it down; its text, where people can read that."""

    @abstractmethod
    def not_expected(self, first: First) -> list[str]:
        """What the input expects and the shortest does not."""

    @abstractmethod
    def again(self, path: str) -> str:
        """The command line that runs it again."""

    # What they have in common

    def _tell(self, failed: bool) -> None:
        self._tried += 1
        self._line.show(f"{self._failing.runs:,} runs, {self._tried:,} tried  {self.extent(self.best())}")

    def _nothing_to_shrink(self, first: First) -> InputError:
        """There is nothing to be made shorter, and what was found instead."""
        runs = len(first.results)
        if first.failed:
            found = f"one that fails at times ({first.failed} of {runs} runs: {'; '.join(first.ways)})"
            hint: str | None = "--repeat 1 takes one failure for enough"
        else:
            found = "a run without a failure"
            unjudged = not_judged(first.results)
            hint = f"what could not be judged is none: {'; '.join(unjudged)}" if unjudged else None
        expected = "a run in which the command fails, each time it is repeated"
        return InputError(Problem(self._manner.name, expected, found, hint=hint))

    def _report(self, first: First, *, interrupted: bool) -> None:
        best, manner = self.best(), self._manner
        result = self._failing.result(best)
        assert result is not None, "whatever is the best has failed"
        path = manner.out
        why = "; ".join(first.ways)
        text = self.write(path, best, why)
        gone = self.not_expected(first)
        before, after = self.extent(self._given), self.extent(best)
        if manner.as_json:
            told: dict[str, Any] = {
                "file": path,
                "not_expected": gone,
                "ways": first.ways,
                "from": before,
                "to": after,
                "runs": self._failing.runs,
            }
            print_json({**told, "interrupted": interrupted, "repeat": self.again(path), "output": result.output})
            return
        lines = [f"{manner.name} fails: {why}", *last_words(result.output)]
        lines.append(f"{'interrupted; ' if interrupted else ''}{self._failing.runs:,} runs made {before}")
        lines.append(f"into {after}, written to {path}")
        lines += [f"not expected any more, because so short a run can't judge it: {title}" for title in gone]
        shown = text.splitlines()
        if 0 < len(shown) <= _SHOWN_LINES_MAX:
            lines += ["", *(f"  {printable(line)}" for line in shown), ""]
        for line in [*lines, f"repeat it: {self.again(path)}"]:
            print(line)  # noqa: T201


class _OfScenario(Shrinking[str]):
    kind = "scenario"
    suffix = ".yaml"

    def __init__(self, manner: _Manner, root: Node) -> None:
        super().__init__(manner, written_out(root))
        self._root = root
        self._shrinking: ScenarioShrinking | None = None

    async def run(self, candidate: str) -> Result:
        return await self._manner.subject.meet(self._read(candidate))

    def key(self, candidate: str) -> object:
        return candidate

    async def shrink(self, failing: Failing[str], first: First) -> None:
        over = lasted(first.results[0], self._read(self._given).speed)
        self._shrinking = ScenarioShrinking(self._root, failing.fails, at_once=self._manner.jobs, over=over)
        await self._shrinking.run()

    def best(self) -> str:
        return self._given if self._shrinking is None else self._shrinking.text

    def extent(self, candidate: str) -> str:
        scenario = self._read(candidate)
        counts = (
            (len(scenario.timeline), "step"),
            (len(scenario.behaviours), "behaviour"),
            (scenario.network.count, "peer"),
        )
        said = ", ".join(f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
        return f"{said} and {duration_text(scenario.duration)}"

    def write(self, path: str, candidate: str, why: str) -> str:
        result = self._failing.result(candidate)
        assert result is not None, "it has failed"
        text = judgeable(candidate, result)
        write_file(
            "--out", path, f"# The shortest of {printable(self._manner.name)} that fails: {printable(why)}.\n{text}"
        )
        return text

    def not_expected(self, first: First) -> list[str]:
        result = self._failing.result(self.best())
        assert result is not None, "it has failed"
        kept = [verdict.title for verdict in result.verdicts if verdict.outcome is not Outcome.NOT_JUDGED]
        given = Counter(verdict.title for verdict in first.results[0].verdicts)
        return list((given - Counter(kept)).elements())

    def again(self, path: str) -> str:
        result = self._failing.result(self.best())
        assert result is not None, "it has failed"
        return shown_test(path, result, self._manner.parameters)

    @staticmethod
    def _read(text: str) -> Scenario:
        return load(text, "a candidate")


class _OfRecording(Shrinking[Entries]):
    kind = "recording"
    suffix = ".pvrec.jsonl"

    def __init__(self, manner: _Manner, wishes: Wishes, source: Source, entries: Entries) -> None:
        super().__init__(manner, entries)
        self._wishes = wishes
        self._source = source
        self._shrinking = RecordingShrinking(entries, self._failing.fails, at_once=manner.jobs)

    async def run(self, candidate: Entries) -> Result:
        wishes = self._wishes
        stage = replayed(candidate, wishes.start, exact=wishes.choice.exact, speed=wishes.speed)
        return await self._manner.subject.hear(stage)

    def key(self, candidate: Entries) -> object:
        return blake2b(b"".join(map(entry_line, candidate))).digest()

    async def shrink(self, failing: Failing[Entries], first: First) -> None:
        await self._shrinking.run()

    def best(self) -> Entries:
        return self._shrinking.entries

    def extent(self, candidate: Entries) -> str:
        messages = sum(isinstance(entry, Message) and entry.dir == "recv" for entry in candidate)
        length = duration_text(candidate[-1].t if candidate else 0)
        return f"{messages:,} message{'' if messages == 1 else 's'} in {length}"

    def write(self, path: str, candidate: Entries, why: str) -> str:
        with RecordingWriter(path, self._source.header, option="--out") as writer:
            for entry in candidate:
                writer.write(entry)
        return b"".join(map(entry_line, candidate[: _SHOWN_LINES_MAX + 1])).decode(errors="replace")

    def not_expected(self, first: First) -> list[str]:
        return []

    def again(self, path: str) -> str:
        return f"pvws replay {shlex.quote(path)} --wait-for-client, and the command beside it"


def shrinking_of(parameters: Mapping[str, Any]) -> Shrinking[Any]:
    """The run that a command's parameters ask for. Raises InputError."""
    name: str = parameters["file"]
    if name in shipped_scenarios() or name.endswith(_SCRIPTS):
        script, given = find_script(name, "RECORDING|SCENARIO"), tuple(settings(parameters["set_"]))
        scenario = script.scenario(given)
        names_of(scenario)
        root = standalone(script.text, str(script.path), script.read, given)
        if (speed := parameters["speed"]) is not None:
            parsed("--speed", speed, read_speed)
            root = put(root, ("speed",), scalar(speed, "--speed"))
        return _OfScenario(_manner(parameters, None, _OfScenario.suffix, script.path, scenario.expect), root)
    if parameters["set_"]:
        raise InputError(Problem("--set", "a scenario to set something of", f'"{name}"'))
    replay: dict[str, Any] = {
        "from_": None,
        "to": None,
        "mark": None,
        "topic": None,
        "type_": None,
        "max_gap": None,
        "loop": False,
    }
    replay |= {"split": False, "timestamps": "keep", "ids": "keep", "catch_up": False, "mode": "timed"}
    replay |= {"recordings": [name], "profile": parameters["profile"], "speed": parameters["speed"] or "1"}
    wishes = wishes_of(replay)
    (source,) = wishes.sources
    return _OfRecording(
        _manner(parameters, wishes.profile, _OfRecording.suffix, name), wishes, source, tuple(source.entries())
    )


def shortest_of(name: str, suffix: str) -> str:
    """What the shortest is called if nobody says so, beside whoever asks for it: never as the input is."""
    stem = Path(Path(name).name)
    while stem.suffix in _SUFFIXES:
        stem = stem.with_suffix("")
    return f"{stem}.min{suffix}"


def _manner(
    parameters: Mapping[str, Any], profile: str | None, suffix: str, source: str | Path, expected: Sequence[Kind] = ()
) -> _Manner:
    out = parameters["out"] or shortest_of(parameters["file"], suffix)
    check_other("--out", out, source)
    check_writable("--out", out)
    return _Manner(
        parameters["file"],
        subject_of(parameters, profile, expected),
        parameters,
        parameters["repeat"],
        parameters["jobs"] or cores(),
        parameters["any_"],
        out,
        parameters["as_json"],
    )
