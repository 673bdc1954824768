"""`pvws check client`: examines a client in whatever language, case by case."""

import sys
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from msgspec import Struct

from pvws.cli.files import check_writable, write_file
from pvws.cli.logged import log_to_stderr
from pvws.cli.run import ENDED_FROM_OUTSIDE, Stop, run, unless_stopped
from pvws.cli.standard import ProgressLine, print_json
from pvws.errors import InputError, Problem

if TYPE_CHECKING:
    from pvws.testing.exam.case import Case
    from pvws.testing.exam.finding import Card, Finding

__all__ = ["client"]

_JOBS_MAX = 64


def client(
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- COMMAND …", help="The client, with its arguments.")
    ] = None,
    suite: Annotated[
        list[str] | None, typer.Option("--suite", metavar="S", help="Only this suite; may be given again.")
    ] = None,
    case: Annotated[
        list[str] | None, typer.Option("--case", metavar="ID", help="Only this case; may be given again.")
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=1, max=_JOBS_MAX, metavar="N", help="How many cases to run at the same time.")
    ] = 4,
    junit: Annotated[str | None, typer.Option(metavar="F", help="Write a report in JUnit's XML as well.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON document.")] = False,
    badge: Annotated[
        str | None,
        typer.Option(metavar="F", help="Write a badge: F.json for a shields.io endpoint, F.md for a line of Markdown."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the cases, and examine nothing.")] = False,
    show: Annotated[
        str | None, typer.Option(metavar="ID", help="Print the scenario of a case, and examine nothing.")
    ] = None,
) -> None:
    """Examine a client, in any language, case by case.

    COMMAND must connect to the URL in PVWS_URL or PEERVAULT_WS_URL, or to {url} in its arguments, and subscribe to a
    topic within 10 s. For each case it is started anew, on a server of its own, and ended by SIGTERM. The exit code is
    0 when every case held.

    \b
    Examples:
      pvws check client -- node my-client.js
      pvws check client --suite reconnect --suite resilience -- ./my-client {url}
      pvws check client --case reconnect.jitter -- python client.py
    """
    from pvws.testing.exam.catalogue import case_named, chosen

    if show is not None:
        print(_shown(case_named(show, "--show")), end="")  # noqa: T201
        return
    cases = chosen(suite or [], case or [])
    if listed:
        for each in cases:
            print(f"{each.id:<32} {each.purpose}")  # noqa: T201
        return
    if not command:
        raise InputError(Problem("COMMAND", "a command after --, as in: pvws check client -- node client.js", "none"))
    if badge is not None and PurePath(badge).suffix not in (".json", ".md"):
        raise InputError(Problem("--badge", "a name that ends in .json or in .md", f'"{badge}"'))
    for option, path in (("--junit", junit), ("--badge", badge)):
        if path is not None:
            check_writable(option, path)
    raise typer.Exit(run(_Examining(tuple(command), cases, jobs, as_json, junit, badge), terminated=ENDED_FROM_OUTSIDE))


class _Examining(Struct, frozen=True):
    """One exam. Call it with the `Stop` of the command; it gives the exit code."""

    command: Sequence[str]
    cases: "Sequence[Case]"
    jobs: int
    as_json: bool
    junit: str | None
    badge: str | None

    async def __call__(self, stop: Stop) -> int:
        """Examine, and report."""
        from pvws.testing.exam.examine import examine

        log_to_stderr(verbose=False)
        progress = _Progress(len(self.cases))
        examining = examine(self.command, self.cases, jobs=self.jobs, tell=progress.tell)
        try:
            card = await unless_stopped(stop, examining)
        finally:
            progress.line.clear()
        if card is None:
            self._tell_of_some(progress.known)
            return stop.exit_code
        self._tell(card)
        if not card.admitted:
            return 2
        return 0 if card.passed else 1

    def _tell_of_some(self, known: "Sequence[Finding]") -> None:
        """What was found before it was interrupted: for people only, since a file or a badge would say too little."""
        from pvws.testing.exam.finding import Card

        if not self.as_json:
            findings = [finding for case in self.cases for finding in known if finding.case is case]
            _print(Card(command=self.command, findings=findings, interrupted=True))

    def _tell(self, card: "Card") -> None:
        from pvws.testing.exam import report
        from pvws.testing.junit import junit_xml

        if self.as_json:
            print_json(report.document(card))
        else:
            _print(card)
        if self.junit is not None:
            write_file("--junit", self.junit, junit_xml("pvws check client", report.suites(card)))
        if self.badge is not None:
            is_json = self.badge.endswith(".json")
            text = msgspec.json.encode(report.badge(card)).decode() if is_json else report.badge_line(card)
            write_file("--badge", self.badge, f"{text}\n")


class _Progress:
    """Says on a terminal how far it is, and keeps what is known."""

    def __init__(self, cases: int) -> None:
        self.known: list[Finding] = []
        self.line = ProgressLine()
        self._cases = cases

    def tell(self, finding: "Finding") -> None:
        self.known.append(finding)
        self.line.show(f"{self._cases - len(self.known)} cases left")


def _print(card: "Card") -> None:
    from pvws.cli.views import painted
    from pvws.testing.exam.report import lines

    line = painted(sys.stdout)
    for pieces in lines(card):
        print(line(pieces))  # noqa: T201


def _shown(case: "Case") -> str:
    """A case as files: its scenario, and before it what else there is to it, as comments."""
    notes = [f"{case.id}: {case.purpose}", f"Written: {case.reference}"]
    if case.begin != "handshake":
        notes.append(f"Its clock begins to run with the first {case.begin}: pvws test --begin {case.begin}")
    if case.query:
        notes.append(f"The client is given the URL with ?{case.query}")
    if case.configuration_text:
        notes += ["The server's configuration (--config):", *case.configuration_text.splitlines()]
    return "".join(f"# {note}\n" for note in notes) + case.text
