"""Trials with a small client, on a scenario of one's own."""

import sys
from pathlib import Path
from typing import Any

from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario
from pvws.server.settings import Configuration
from pvws.testing.trial.staging import staged
from pvws.testing.trial.trial import Trial

SMALL = (sys.executable, "-I", "-S", str(Path(__file__).with_name("small_client.py")))
"""The small client, but for what it is to do: see there."""

HERE = Configuration("127.0.0.1", 0)


def scenario(rest: str = "", *, duration: str = "1m", peers: int = 3) -> Scenario:
    """A small scenario: `rest` is more of its text, such as a timeline and expectations."""
    head = f"scenario: tried\nstart: 2024-01-01T00:00:00Z\nduration: {duration}\nnetwork: {{peers: {peers}}}\n"
    return load(head + rest, "tried.yaml")


def trial(*words: str, rest: str = "", argv: tuple[str, ...] = SMALL, duration: str = "1m", **options: Any) -> Trial:
    """A trial of the small client that does what the words say, or of `argv` with them."""
    script = scenario(rest, duration=duration)
    made: dict[str, Any] = {"expect": script.expect, "configuration": HERE, "timeout": 20}
    return Trial(argv=(*argv, *words), stage=staged(script), **made | options)
