"""How the words of a command line become values.

typer would have pydantic do it, whose import takes as long as all else of a command's start, and whose sentences say
neither what was expected nor what was found.
"""

import os
import re
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

import typer

from pvws.errors import InputError, Problem

__all__ = ["read_plainly"]

_DIGITS_MAX = 18  # so that a number fits into 64 bits wherever it goes
_WHOLE = re.compile(r"[+-]?[0-9]+", re.ASCII)

_Read = Callable[[Any], Any]


def read_plainly(command: Any) -> None:
    """Have every parameter of a command, and of those below it, whose type is known here read as it says."""
    for parameter in (*command.params, command.get_help_option(typer.Context(command))):
        read = _reader(parameter)
        if read is not None:
            parameter.get_runtime_param = read
    for below in getattr(command, "commands", {}).values():
        read_plainly(below)


class _Plain:
    """Reads what was given for a parameter, in the place of what typer makes for that."""

    def __init__(self, read: _Read) -> None:
        self._read = read

    def __call__(self) -> "_Plain":
        return self

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value; several of them where the parameter may be given again. Raises InputError."""
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        return [self._read(each) for each in value] if several else self._read(value)


def _reader(parameter: Any) -> _Plain | None:
    """None where typer is to see to it itself."""
    descriptor = getattr(parameter, "type_descriptor", None)
    if descriptor is None or not hasattr(parameter, "get_runtime_param"):
        return None
    kind, name = getattr(descriptor, "annotation", None), _name(parameter)
    if get_origin(kind) is list:
        (kind,) = get_args(kind)
    if kind is bool:
        return _Plain(bool)
    if kind is str:
        return _Plain(lambda value: _text(name, value))
    if kind is int:
        least, most = descriptor.parameter_info.min, descriptor.parameter_info.max
        return _Plain(lambda value: _whole(name, value, least, most))
    if kind is float:
        return _Plain(lambda value: _number(name, value))
    if get_origin(kind) is Literal:
        words = get_args(kind)
        return _Plain(lambda value: _word(name, value, words))
    return None


def _name(parameter: Any) -> str:
    """What a person calls it: an option by its long name, an argument by what the help calls it."""
    options = [option for option in parameter.opts if option.startswith("-")]
    return max(options, key=len) if options else str(parameter.metavar or parameter.name.upper())


def _text(name: str, value: Any) -> Any:
    """It may be a file's name, and stays as the system has given it, also under a locale that is not UTF-8."""
    try:
        os.fsencode(str(value)).decode()
    except UnicodeError:
        raise InputError(Problem(name, "a text in UTF-8", ascii(value))) from None
    return value


def _whole(name: str, value: Any, least: int | None, most: int | None) -> int:
    text = str(value).strip()
    is_whole, fits = _WHOLE.fullmatch(text) is not None, len(text.lstrip("+-")) <= _DIGITS_MAX
    number = int(text) if is_whole and fits else None
    if number is None or (least is not None and number < least) or (most is not None and number > most):
        bounds = _bounds(least, most) or ("" if fits or not is_whole else f" of up to {_DIGITS_MAX} digits")
        raise InputError(Problem(name, f"a whole number{bounds}", f'"{value}"'))
    return number


def _bounds(least: int | None, most: int | None) -> str:
    if least is None:
        return "" if most is None else f" up to {most}"
    return f" from {least} on" if most is None else f" from {least} to {most}"


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        raise InputError(Problem(name, "a number", f'"{value}"')) from None


def _word(name: str, value: Any, words: tuple[str, ...]) -> str:
    if value in words:
        return str(value)
    from pvws.notation.nearest import nearest  # only for who has erred

    listed = f"{', '.join(words[:-1])} or {words[-1]}"
    raise InputError(Problem(name, listed, f'"{value}"', hint=nearest(value, words)))
