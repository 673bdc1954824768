"""`pvws check`: judges servers by the contract, rule by rule, and examines clients, case by case."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

import typer
from msgspec import Struct

from pvws.cli.check_client import client
from pvws.cli.files import check_writable, read_file, write_file
from pvws.cli.options import seconds
from pvws.cli.reaching import secret, token_for, trust
from pvws.cli.run import ENDED_FROM_OUTSIDE, Stop, run, unless_stopped
from pvws.cli.standard import ProgressLine, print_json
from pvws.client.address import checked_url, shown_url
from pvws.errors import InputError, Problem
from pvws.terminal.spans import Span
from pvws.testing.baseline import baseline_text, read_baseline
from pvws.testing.checks.catalogue import selected
from pvws.testing.junit import junit_xml
from pvws.testing.report import Report
from pvws.testing.rule import Rule
from pvws.testing.runner import judge_all
from pvws.testing.target import Target
from pvws.testing.verdict import Outcome, Verdict

__all__ = ["app", "check", "server"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Try: pvws check server ws://localhost:8083/ws",
)
"""The group of commands."""

_Token: TypeAlias = Annotated[
    str | None, typer.Option(metavar="T|@FILE", help="A token that the server accepts. Default: that of PVWS_TOKEN.")
]
_BadToken: TypeAlias = Annotated[
    str | None, typer.Option(metavar="T|@FILE", help="A token that it must refuse. Default: a made-up one.")
]
_Sections: TypeAlias = Annotated[
    list[str] | None, typer.Option("--section", metavar="S", help="Only this section; may be given again.")
]
_Ids: TypeAlias = Annotated[
    list[str] | None, typer.Option("--rule", metavar="ID", help="Only this rule; may be given again.")
]
_Quick: TypeAlias = Annotated[
    bool, typer.Option("--quick", help="Skip what waits for timeouts or needs very many connections.")
]
_Baseline: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="F", help="A file of rules the server is known to break: only others count as failures."),
]
_WriteBaseline: TypeAlias = Annotated[
    str | None, typer.Option(metavar="F", help="Write the rules that fail now as a baseline.")
]
_Junit: TypeAlias = Annotated[str | None, typer.Option(metavar="F", help="Write a report in JUnit's XML as well.")]
_AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the report as one JSON document.")]
_Ca: TypeAlias = Annotated[
    str | None, typer.Option(metavar="F", help="The certificate of the authority to trust for wss://, in PEM.")
]
_RefusedOrigin: TypeAlias = Annotated[
    str | None, typer.Option(metavar="O", help="An origin that the server is configured to refuse.")
]
_Connections: TypeAlias = Annotated[
    int, typer.Option(min=2, metavar="N", help="How many connections the server is configured to take.")
]


def _time(what: str) -> Any:
    return typer.Option(metavar="D", help=f"The server's {what}, if it is configured to another.")


_PingPeriod: TypeAlias = Annotated[str, _time("ping period")]
_PongWait: TypeAlias = Annotated[str, _time("pong wait")]
_ReadTimeout: TypeAlias = Annotated[str, _time("read timeout")]
_AuthTimeout: TypeAlias = Annotated[str, _time("time for an auth message")]
_Patience: TypeAlias = Annotated[str, typer.Option(metavar="D", help="How long to wait for an answer that is due.")]


@app.callback()
def check() -> None:
    """Check a server against the contract, or examine a client."""


app.command()(client)


@app.command()
def server(
    url: Annotated[str, typer.Argument(metavar="URL", help="The server's address: ws://host:port/ws.")],
    profile: Annotated[
        Literal["documented", "upstream"], typer.Option(help="What it should behave like.")
    ] = "documented",
    token: _Token = None,
    bad_token: _BadToken = None,
    section: _Sections = None,
    rule: _Ids = None,
    quick: _Quick = False,
    baseline: _Baseline = None,
    write_baseline: _WriteBaseline = None,
    junit: _Junit = None,
    as_json: _AsJson = False,
    ca: _Ca = None,
    refused_origin: _RefusedOrigin = None,
    connections: _Connections = 1000,
    ping_period: _PingPeriod = "54s",
    pong_wait: _PongWait = "60s",
    read_timeout: _ReadTimeout = "30s",
    auth_timeout: _AuthTimeout = "10s",
    patience: _Patience = "5s",
) -> None:
    """Judge a server by every rule of the contract.

    The exit code is 0 when every rule that could be judged held, apart from those that the baseline excuses.

    \b
    Examples:
      pvws check server ws://localhost:8083/ws --quick
      pvws check server ws://localhost:8083/ws --section limits --junit report.xml
      pvws check server wss://example.org/ws --token @token.txt --baseline known.txt
    """
    times = {"ping_period": ping_period, "pong_wait": pong_wait, "read_timeout": read_timeout}
    times |= {"auth_timeout": auth_timeout, "patience": patience}
    target = Target(
        checked_url(url),
        profile=profile,
        token=token_for(url, token),
        bad_token=secret("--bad-token", bad_token),
        refused_origin=refused_origin,
        tls=trust(url, ca),
        quick=quick,
        connections=connections,
        **{name: seconds(f"--{name.replace('_', '-')}", text) for name, text in times.items()},
    )
    known = frozenset[str]() if baseline is None else read_baseline(read_file("--baseline", baseline), baseline)
    rules = selected(profile, section or [], rule or [])
    for option, path in (("--junit", junit), ("--write-baseline", write_baseline)):
        if path is not None:
            check_writable(option, path)
    raise typer.Exit(
        run(_Checking(target, rules, known, as_json, junit, write_baseline), terminated=ENDED_FROM_OUTSIDE)
    )


class _Checking(Struct, frozen=True):
    """One run. Call it with the `Stop` of the command; it gives the exit code."""

    target: Target
    rules: Sequence[Rule]
    known: frozenset[str]
    as_json: bool
    junit: str | None
    write_baseline: str | None

    async def __call__(self, stop: Stop) -> int:
        """Judge, and report."""
        progress = _Progress(len(self.rules))
        try:
            verdicts = await unless_stopped(stop, judge_all(self.target, self.rules, progress.tell))
        finally:
            progress.line.clear()
        if verdicts is None:
            return stop.exit_code
        report = Report(self.target, shown_url(self.target.url), verdicts, self.known)
        self._tell(report)
        if len(report.of(Outcome.NOT_JUDGED)) == len(report.verdicts):
            why = "; ".join(dict.fromkeys(verdict.why for verdict in report.verdicts))
            raise InputError(Problem("", "at least one rule that can be judged", f"none ({why})"))
        return 1 if report.new_failures else 0

    def _tell(self, report: Report) -> None:
        if self.as_json:
            print_json(report.document())
        else:
            _print(report)
        if self.junit is not None:
            write_file("--junit", self.junit, junit_xml(f"pvws check server {report.url}", report.suites()))
        if self.write_baseline is not None:
            write_file("--write-baseline", self.write_baseline, baseline_text(report.verdicts))


class _Progress:
    """Says on a terminal how far it is: the slow rules take a minute."""

    def __init__(self, rules: int) -> None:
        self.line = ProgressLine()
        self._left = rules

    def tell(self, verdict: Verdict) -> None:
        self._left -= 1
        self.line.show(f"{self._left} rules left")


def _print(report: Report) -> None:
    from pvws.cli.views import painted

    line = painted(sys.stdout)
    for pieces in report.lines():
        print(line([Span(*piece) for piece in pieces]))  # noqa: T201
