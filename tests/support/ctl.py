"""`pvws ctl` and its like in this process, against a test-bed in another thread."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pvws.cli.app import run


class Said:
    """What a command said and left with."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:
        """What it printed for programs."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The same of one that prints a line each."""
        return [json.loads(line) for line in self.out.splitlines()]


Ctl = Callable[..., Said]


def ctl_of(capfd: pytest.CaptureFixture[str], url: str) -> Ctl:
    """Runs `pvws ctl URL` with arguments."""

    def ctl(*arguments: str) -> Said:
        capfd.readouterr()
        code = run(["ctl", url, *arguments])
        return Said(code, *capfd.readouterr())

    return ctl
