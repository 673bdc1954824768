"""The checker with the time of the loop that tests run on: no standstill of this machine is one of the server's."""

import asyncio
import time
from functools import partial
from types import SimpleNamespace

import pytest

from pvws.testing.pulse import Pulse

_WITH_A_CLOCK = ("talk", "pipe", "checks.limits", "checks.events", "checks.timeouts")


def _time() -> float:
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return time.monotonic()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever checks and who is checked are one process here, which a busy machine may give no turn for a second: by
    the loop's time this takes none, and every rule gets a fair trial.
    """
    for name in _WITH_A_CLOCK:
        monkeypatch.setattr(f"pvws.testing.{name}.time", SimpleNamespace(monotonic=_time))
    monkeypatch.setattr("pvws.testing.runner.Pulse", partial(Pulse, _time))
