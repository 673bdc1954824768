"""The journal of what clients did that had an effect: one line of JSON each, so that a run can be played again."""

import msgspec
from msgspec import Struct

from pvws.errors import InputError, Problem
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Deed

__all__ = ["input_line", "inputs_head", "read_inputs"]

_VERSION = 1


class _Head(Struct, rename={"version": "pvws-inputs"}):
    version: int
    scenario: str
    seed: int
    start: int


class _Line(Struct, omit_defaults=True):
    t: int
    client: int
    did: Deed
    topic: str = ""
    type: str = ""


_decode_head = msgspec.json.Decoder(_Head).decode
_decode_line = msgspec.json.Decoder(_Line).decode


def inputs_head(scenario: str, seed: int, start: Instant) -> str:
    """The first line of a journal: which run it belongs to. `start` in microseconds."""
    return msgspec.json.encode(_Head(_VERSION, scenario, seed, start)).decode()


def input_line(deed: ClientInput, start: Instant) -> str:
    """The line of one deed, with `t` in microseconds since the start of the run."""
    return msgspec.json.encode(_Line(deed.at - start, deed.client, deed.did, deed.topic, deed.type)).decode()


def read_inputs(text: str, file: str, start: Instant) -> list[ClientInput]:
    """The deeds of a journal, in order, for a run that begins at `start`.

    Raises InputError with the line of everything that is none, or comes before the line above it. A last line that
    was cut short by a crash is passed over.
    """
    problems: list[Problem] = []
    deeds: list[ClientInput] = []
    lines = text.split("\n")
    last = 0
    for number, line in enumerate(lines, 1):
        if number > 1 and not line.strip():
            continue
        try:
            if number == 1:
                _check_head(line)
                continue
            deed = _decode_line(line)
        except InputError as error:
            problems += [Problem(each.path, each.expected, each.found, file=file, line=1) for each in error.problems]
        except (ValueError, RecursionError) as error:  # also what msgspec raises, and what is no UTF-8
            if number == len(lines) > 1:
                break
            expected = "the head of a journal of inputs" if number == 1 else "what a client did"
            found = f"something else ({error})" if line.strip() else "nothing"
            problems.append(Problem("", expected, found, file=file, line=number))
        else:
            if deed.t < last:
                expected = "a time that is not before that of the line above" if last else "a time of the run"
                problems.append(Problem("t", expected, str(deed.t), file=file, line=number))
            last = max(last, deed.t)
            deeds.append(ClientInput(start + deed.t, deed.client, deed.did, deed.topic, deed.type))
    if problems:
        raise InputError(*problems)
    return deeds


def _check_head(line: str) -> None:
    """Raises InputError if a head is of another version, and ValueError or RecursionError if it is none."""
    version = _decode_head(line).version
    if version != _VERSION:
        raise InputError(Problem("pvws-inputs", str(_VERSION), str(version)))
