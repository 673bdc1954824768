"""The journal of what clients and controllers did, on disk: written as it happens, and read to be played again."""

from pvws.cli.files import read_file
from pvws.cli.standard import note
from pvws.scenario.inputs import input_line, inputs_head, read_inputs
from pvws.scenario.schema import Scenario
from pvws.sim.agenda import Instant
from pvws.sim.source import Input
from pvws.terminal.output import Output

__all__ = ["Journal", "read_journal"]


class Journal:
    """Writes down what clients and controllers did that had an effect, a line each as it happens: a crash loses none.

    What comes before `open` waits until then.
    """

    def __init__(self, scenario: Scenario, start: Instant) -> None:
        self._start = start
        self._output: Output | None = None
        self._waiting = [inputs_head(scenario.scenario, scenario.seed, start)]

    def open(self, output: Output) -> None:
        """From now on it is written there."""
        self._output = output
        for line in self._waiting:
            output.write(line)
        self._waiting.clear()

    def note(self, given: Input) -> None:
        """A client or a controller has done something."""
        line = input_line(given, self._start)
        if self._output is None:
            self._waiting.append(line)
        else:
            self._output.write(line)


def read_journal(path: str, scenario: Scenario, start: Instant) -> list[Input]:
    """The deeds of a journal, for a run of a scenario. Says so when they are of another run. Raises InputError."""
    text = read_file("--inputs", path)
    deeds = read_inputs(text, path, start)
    written, head = text.partition("\n")[0].rstrip("\r"), inputs_head(scenario.scenario, scenario.seed, start)
    if written != head:
        note(f"{path} is the journal of another run than this, which may go otherwise: {written}, and not {head}")
    return deeds
