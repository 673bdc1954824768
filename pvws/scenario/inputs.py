"""The journal of what clients and controllers did that had an effect: one line of JSON each, so that a run can be
played again.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from pvws.errors import InputError, Problem
from pvws.scenario.orders import read_rule, read_step
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Deed, Exchange, Input, Order

__all__ = ["input_line", "inputs_head", "read_inputs"]

_VERSION = 1


class _Head(Struct, rename={"version": "pvws-inputs"}):
    version: int
    scenario: str
    seed: int
    start: int


class _Deed(Struct, omit_defaults=True):
    t: int
    client: int
    did: Deed
    topic: str = ""
    type: str = ""
    message: str = ""
    id: str = ""
    name: str = ""
    behind: bool = False


class _Order(Struct, omit_defaults=True):
    t: int
    rule: str = ""
    step: dict[str, Any] | None = None
    behind: bool = False


class _Exchange(Struct):
    t: int
    start: int
    plays: dict[str, Any] | None


_decode_head = msgspec.json.Decoder(_Head).decode
_decode_line = msgspec.json.Decoder(dict[str, Any]).decode


def inputs_head(scenario: str, seed: int, start: Instant) -> str:
    """The first line of a journal: which run it belongs to. `start` in microseconds."""
    return msgspec.json.encode(_Head(_VERSION, scenario, seed, start)).decode()


def input_line(given: Input, start: Instant) -> str:
    """The line of one input, with `t` in microseconds since the start of the run."""
    t = given.at - start
    line: Struct
    match given:
        case ClientInput():
            who = given.message, given.client_id, given.name, given.behind
            line = _Deed(t, given.client, given.did, given.topic, given.type, *who)
        case Order():
            line = _Order(t, given.rule, None if given.step is None else dict(given.step), given.behind)
        case Exchange():
            line = _Exchange(t, given.start - start, None if given.what is None else dict(given.what))
    return msgspec.json.encode(line).decode()


def read_inputs(text: str, file: str, start: Instant) -> list[Input]:
    """The inputs of a journal, in order, for a run that begins at `start`.

    Raises InputError with the line of everything that is none, or comes before the line above it. A last line that
    was cut short by a crash is passed over.
    """
    problems: list[Problem] = []
    inputs: list[Input] = []
    lines = text.split("\n")
    last = start
    for number, line in enumerate(lines, 1):
        if number > 1 and not line.strip():
            continue
        try:
            if number == 1:
                _check_head(line)
                continue
            given = _input(_decode_line(line), start)
        except InputError as error:
            problems += [
                Problem(each.path, each.expected, each.found, file=file, line=number, hint=each.hint)
                for each in error.problems
            ]
        except (ValueError, RecursionError) as error:  # also what msgspec raises, and what is no UTF-8
            if number == len(lines) > 1:
                break
            expected = "the head of a journal of inputs" if number == 1 else "what a client or a controller did"
            found = f"something else ({error})" if line.strip() else "nothing"
            problems.append(Problem("", expected, found, file=file, line=number))
        else:
            if given.at < last:
                expected = "a time that is not before that of the line above" if last > start else "a time of the run"
                problems.append(Problem("t", expected, str(given.at - start), file=file, line=number))
            last = given.start if isinstance(given, Exchange) else max(last, given.at)
            inputs.append(given)
    if problems:
        raise InputError(*problems)
    return inputs


def _input(line: Mapping[str, Any], start: Instant) -> Input:
    """What a line says. Raises msgspec's ValidationError, or InputError for a step that is none."""
    if "plays" in line:
        exchange = msgspec.convert(line, _Exchange)
        return Exchange(start + exchange.t, start + exchange.start, exchange.plays)
    if "step" in line or "rule" in line:
        order = msgspec.convert(line, _Order)
        if order.step is not None:
            read = read_rule if order.rule else read_step
            read(order.step)
        return Order(start + order.t, order.step, order.rule, order.behind)
    deed = msgspec.convert(line, _Deed)
    at = start + deed.t
    who = deed.message, deed.id, deed.name, deed.behind
    return ClientInput(at, deed.client, deed.did, deed.topic, deed.type, *who)


def _check_head(line: str) -> None:
    """Raises InputError if a head is of another version, and ValueError or RecursionError if it is none."""
    version = _decode_head(line).version
    if version != _VERSION:
        raise InputError(Problem("pvws-inputs", str(_VERSION), str(version)))
