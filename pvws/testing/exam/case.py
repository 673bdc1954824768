"""A case of the exam: a small scenario, what it is for, and where that is written. Pure."""

import json
from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct

from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario
from pvws.server.configuration import configure
from pvws.server.settings import Configuration
from pvws.testing.judging.verdict import Verdict
from pvws.testing.trial.result import Result
from pvws.testing.trial.trial import Begin
from pvws.testing.verdict import Outcome

__all__ = ["END", "Case", "Part", "Rule"]

END = "the end"
"""The mark with which a script says that it is over, where that depends on what the client does."""

_PATIENCE_S = 40.0  # the longest that an expectation gives, and some more


class Part(Struct, frozen=True):
    """What came of one thing that a case expects. `lines` are for people: of a failure with the evidence."""

    title: str
    outcome: Outcome
    why: str = ""
    lines: tuple[str, ...] = ()

    @classmethod
    def of(cls, verdict: Verdict) -> "Part":
        """What the judge has said."""
        return cls(verdict.title, verdict.outcome, verdict.why, tuple(verdict.lines))


Rule: TypeAlias = Callable[[Sequence[Result]], Part]
"""What no expectation of the language can say, since it is about more than what is on the wire."""


class Case(Struct, frozen=True, kw_only=True):
    """What is asked of a client in one situation.

    `purpose` is the sentence that a good client keeps, `reference` where it comes from. `script` is the scenario but
    for its name, `settings` what the server is configured to beside that, as under `websocket:`, and `query` what
    stands behind the URL.

    With `begin` "subscription" all times of the timeline count from when the client has subscribed. A case ends when
    something has failed; or when its script is over, or says so by the mark `END`, and all has held then and for
    `linger_s` more; or `patience_s` behind the script. `copies` of the command are tried at the same time, each on its
    own. Where chance decides (`by_chance`) a failure is one only if it comes twice; where milliseconds count, no other
    case is tried beside it (`alone`). A client that ends by itself before
    the script is over can't be judged, unless it `may_end`; what it does when it is asked to counts if `judges_end`.
    """

    id: str
    purpose: str
    reference: str
    script: str
    settings: str = ""
    query: str = ""
    begin: Begin = "subscription"
    linger_s: float = 0.0
    patience_s: float = _PATIENCE_S
    copies: int = 1
    by_chance: bool = False
    alone: bool = False
    may_end: bool = False
    judges_end: bool = False
    rules: tuple[Rule, ...] = ()

    @property
    def suite(self) -> str:
        """The first part of the id."""
        return self.id.partition(".")[0]

    @property
    def text(self) -> str:
        """The whole scenario, as a file that `pvws test` plays too. Nothing happens in it but what it says."""
        purpose = json.dumps(self.purpose, ensure_ascii=False)  # which is YAML, too
        return f"pvws: 1\nscenario: {self.id}\ndescription: {purpose}\nnetwork: {{peers: 0}}\n{self.script}"

    @property
    def configuration_text(self) -> str:
        """The server's configuration, as a file; empty if all is as ever."""
        if not self.settings:
            return ""
        return "websocket:\n" + "".join(f"  {line}\n" for line in self.settings.splitlines())

    def scenario(self) -> Scenario:
        """The scenario, read."""
        return load(self.text, f"{self.id}.yaml")

    def configuration(self) -> Configuration:
        """The server's configuration, on a free port of this machine alone."""
        flags: dict[tuple[str, ...], tuple[str, object]] = {
            ("port",): ("port", 0),
            ("host",): ("host", "127.0.0.1"),
        }
        return configure(self.configuration_text or None, f"{self.id}.config.yaml", {}, flags, _no_file)


def _no_file(path: str) -> str:
    raise AssertionError(f"no case names a file: {path}")
