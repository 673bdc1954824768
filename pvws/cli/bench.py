"""`pvws bench`: measures, on this machine, pvws itself or any server."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeAlias

import msgspec
import typer

from pvws.cli.options import Settings, parsed, settings
from pvws.cli.reaching import token_for, trust
from pvws.cli.run import EXIT_CODES
from pvws.cli.standard import ProgressLine, print_json
from pvws.client.address import checked_url, shown_url
from pvws.errors import InputError, Problem
from pvws.testing.target import Target
from pvws.units import duration, duration_text, size_text

if TYPE_CHECKING:
    from pvws.testing.load.measures import Delivery, Progress

__all__ = ["app", "bench", "connect", "fanout", "latency", "replay", "simulate"]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Try: pvws bench fanout, and then: pvws bench fanout ws://localhost:8083/ws",
)
"""The group of commands."""

_RATE_MAX = 1_000_000.0
_CLIENTS_MAX = 60_000  # a client's port is one of 65,536, and of one address
_MOMENT_S = 0.001
_PINGS_A_CLIENT_MAX = 50  # half of what the API lets a client say in a second

_Url: TypeAlias = Annotated[
    str | None, typer.Argument(metavar="[URL]", help="A server. Default: one of our own, started for the measurement.")
]
_For: TypeAlias = Annotated[str, typer.Option("--for", metavar="D", help="How long: 5s, 1m.")]
_Compress: TypeAlias = Annotated[bool, typer.Option("--compress", help="Have messages compressed.")]
_Token: TypeAlias = Annotated[
    str | None, typer.Option(metavar="T|@FILE", help="A token that the server accepts. Default: that of PVWS_TOKEN.")
]
_Ca: TypeAlias = Annotated[
    str | None, typer.Option(metavar="F", help="The certificate of the authority to trust for wss://, in PEM.")
]
_AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the figures as one JSON document.")]


def _clients() -> Any:
    return typer.Option(min=1, max=_CLIENTS_MAX, metavar="N", help="How many connections.")


_Clients: TypeAlias = Annotated[int, _clients()]


@app.callback()
def bench() -> None:
    """Measure pvws, or any server, on this machine."""


@app.command()
def fanout(
    url: _Url = None,
    clients: _Clients = 1000,
    rate: Annotated[
        float | None,
        typer.Option(metavar="R", help="Events a second of our own server. Default: as many as it can send."),
    ] = None,
    stalled: Annotated[
        int, typer.Option(min=0, max=_CLIENTS_MAX, metavar="N", help="This many more clients that never read.")
    ] = 0,
    for_: _For = "5s",
    compress: _Compress = False,
    token: _Token = None,
    ca: _Ca = None,
    as_json: _AsJson = False,
) -> None:
    """How many messages a second reach how many clients.

    Everybody subscribes before the first event, and every byte is looked at: what is lost, comes twice or in another
    order is counted, and then the exit code is 1. Our own server is fed by its engine as fast as that goes, or by
    --rate events a second; to any other it is listened.

    \b
    Examples:
      pvws bench fanout
      pvws bench fanout --clients 100 --rate 1000 --for 10s
      pvws bench fanout ws://localhost:8083/ws --clients 50 --json
    """
    from pvws.testing.load.house import Plan
    from pvws.testing.load.measures import measure_house, measure_url

    target, seconds = _target(url, token, ca), _seconds(for_)
    with _progress("fanout") as tell:
        if target is None:
            plan = Plan(seconds, rate=_rate(rate))
            found = measure_house(plan, clients, compress=compress, stalled=stalled, tell=tell)
        else:
            _only_ours(**{"--rate": rate is not None, "--stalled": bool(stalled)})
            found = measure_url(target, clients, seconds, compress=compress, tell=tell)
    _leave(found, as_json, lambda: _delivered("fanout", url, found))


@app.command()
def latency(
    url: _Url = None,
    clients: _Clients = 100,
    rate: Annotated[
        float | None,
        typer.Option(metavar="R", help="Events a second, else 1000; of another server pings a second, one a client."),
    ] = None,
    for_: _For = "10s",
    token: _Token = None,
    ca: _Ca = None,
    as_json: _AsJson = False,
) -> None:
    """How late messages are.

    Of our own server: from the instant at which an event was due to when each client has read it. Of any other: from
    when a `ping` of the API was due to when its `pong` was read, the clients asking in turn.

    \b
    Examples:
      pvws bench latency
      pvws bench latency --clients 1000 --rate 100 --for 30s
      pvws bench latency ws://localhost:8083/ws --clients 10 --rate 100
    """
    from pvws.testing.load.answers import measure_answers
    from pvws.testing.load.house import Plan
    from pvws.testing.load.measures import measure_house

    target, seconds = _target(url, token, ca), _seconds(for_)
    if target is None:
        plan = Plan(seconds, rate=_rate(1000.0 if rate is None else rate))
        with _progress("latency") as tell:
            found = measure_house(plan, clients, tell=tell)
        _leave(found, as_json, lambda: _delivered("latency", url, found))
    asked = _rate(float(clients) if rate is None else rate) or 0.0
    if asked > clients * _PINGS_A_CLIENT_MAX:
        expected = f"at most {_PINGS_A_CLIENT_MAX} a second and client, as the API limits what a client may say"
        raise InputError(Problem("--rate", expected, f"{asked:g} with {clients} clients"))
    with _progress("latency") as tell:
        answers = measure_answers(target, clients, asked, seconds, tell)
    lines = [
        f"latency of {shown_url(target.url)}",
        f"  asked       {answers.asked:,} pings on {answers.clients:,} connections in {answers.seconds:.1f} s",
        f"  answered    {answers.answered:,}" + (f", and {answers.others:,} other messages" * (answers.others > 0)),
        _late(answers.latency_p50, answers.latency_p99, answers.latency_worst, "ping to pong"),
    ]
    _say(msgspec.to_builtins(answers), as_json, lines)
    raise typer.Exit(int(answers.answered < answers.asked))


@app.command()
def connect(
    url: _Url = None,
    clients: _Clients = 1000,
    compress: _Compress = False,
    token: _Token = None,
    ca: _Ca = None,
    as_json: _AsJson = False,
) -> None:
    """How quickly connections are accepted, and their cost.

    All connect, do their handshakes and subscribe. Our own server then sends a hundred events to everybody, and its
    memory is looked at before and after.

    \b
    Examples:
      pvws bench connect
      pvws bench connect --clients 10000 --compress
      pvws bench connect ws://localhost:8083/ws --clients 500
    """
    from pvws.testing.load.house import Plan
    from pvws.testing.load.measures import measure_house, measure_url

    target = _target(url, token, ca)
    with _progress("connect") as tell:
        if target is None:
            found = measure_house(Plan(600.0, events=100), clients, compress=compress, tell=tell)
        else:
            found = measure_url(target, clients, 0.0, compress=compress, tell=tell)
    _leave(found, as_json, lambda: _delivered("connect", url, found))


@app.command()
def simulate(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A file, or the name of a shipped scenario.")
    ] = "firehose",
    set_: Settings = None,
    for_: _For = "5s",
    as_json: _AsJson = False,
) -> None:
    """How fast the engine makes events.

    Without a server, on one core: events that agree with each other, encoded.

    Ends with the scenario, if that is shorter.

    \b
    Examples:
      pvws bench simulate
      pvws bench simulate my-scenario.yaml --for 30s --json
    """
    from pvws.stage.shipped import find_scenario
    from pvws.testing.load.engine import measure_engine
    from pvws.testing.load.measures import Progress

    found, seconds = find_scenario(scenario, settings(set_)), _seconds(for_)
    with _progress("simulate", "events") as tell:
        made = measure_engine(found, seconds, lambda events, took: tell(Progress(0, events, took)))
    each = f"{made.cpu_s / made.events * 1e6:.2f} µs of CPU each" if made.events else "none"
    ended = ", to its end" if made.ended else ""
    lines = [
        f"simulate {made.scenario}",
        f"  made        {made.events:,} events ({size_text(made.size)}) in {made.seconds:.1f} s, {each}",
        f"  rate        {made.events_a_second:,.0f} events/s",
        f"  played      {duration_text(made.played)} of the scenario{ended}",
        f"  engine      {'compiled' if made.compiled else 'interpreted; PVWS_COMPILE=1 pip install makes it faster'}",
    ]
    _say(msgspec.to_builtins(made) | {"events_a_second": made.events_a_second}, as_json, lines)


@app.command()
def replay(
    recording: Annotated[
        str | None, typer.Argument(metavar="[RECORDING]", help="A recording. Default: one of the scenario firehose.")
    ] = None,
    for_: _For = "5s",
    as_json: _AsJson = False,
) -> None:
    """How fast a recording is replayed.

    Without a server, at speed max, to nobody.

    By turns with Python's json module, which loads and dumps each line; CPU times are compared.

    \b
    Examples:
      pvws bench replay
      pvws bench replay session.pvrec.jsonl.zst --for 10s --json
    """
    from pvws.testing.load.measures import Progress
    from pvws.testing.load.replays import made_recording, measure_replay

    seconds = _seconds(for_)
    with ExitStack() as made, _progress("replay") as tell:
        path = recording if recording is not None else made.enter_context(made_recording())
        found = measure_replay(path, seconds, lambda messages, took: tell(Progress(0, messages, took)))
    each = found.replay_s / max(found.messages, 1) * 1e6
    lines = [
        f"replay {'of the scenario firehose, recorded' if recording is None else recording}",
        f"  replayed    {found.messages:,} messages ({size_text(found.size)}), {found.rounds:,} times",
        f"  rate        {found.messages_a_second:,.0f} messages/s, {each:.2f} µs of CPU each",
        f"  json        {found.times_json:.1f} times as fast as json.loads and json.dumps of each line",
    ]
    figures = msgspec.to_builtins(found)
    figures |= {"messages_a_second": found.messages_a_second, "times_json": found.times_json}
    _say(figures, as_json, lines)


# What was asked for


def _target(url: str | None, token: str | None, ca: str | None) -> Target | None:
    """The server to measure; None for our own."""
    if url is None:
        _only_theirs(**{"--token": token is not None, "--ca": ca is not None})
        return None
    return Target(checked_url(url), token=token_for(url, token), tls=trust(url, ca), patience=10.0)


def _seconds(text: str) -> float:
    micros = parsed("--for", text, duration)
    if micros <= 0:
        raise InputError(Problem("--for", "a duration above 0, such as 5s", f'"{text}"'))
    return micros / 1_000_000


def _rate(rate: float | None) -> float | None:
    if rate is not None and not 0 < rate <= _RATE_MAX:
        raise InputError(Problem("--rate", f"a number above 0 and at most {_RATE_MAX:,.0f}", f"{rate:g}"))
    return rate


def _only_ours(**given: bool) -> None:
    for option in (name for name, is_given in given.items() if is_given):
        raise InputError(Problem(option, "none beside a URL, since that server sends what it likes", "both"))


def _only_theirs(**given: bool) -> None:
    for option in (name for name, is_given in given.items() if is_given):
        raise InputError(Problem(option, "a URL beside it, since our own server lets everybody in", "none"))


# What is told


def _leave(found: "Delivery", as_json: bool, lines: Callable[[], list[str]]) -> NoReturn:
    figures = msgspec.to_builtins(found) | {"messages_a_second": found.messages_a_second, "exact": found.exact}
    _say(figures, as_json, lines())
    raise typer.Exit(int(not found.exact))


def _say(figures: dict[str, Any], as_json: bool, lines: list[str]) -> None:
    if as_json:
        print_json(figures)
    else:
        print("\n".join(lines))  # noqa: T201


def _delivered(name: str, url: str | None, found: "Delivery") -> list[str]:
    whose = "pvws itself" if url is None else shown_url(url)
    many = f"{found.clients:,} client{'' if found.clients == 1 else 's'}"
    lines = [f"{name} of {whose}, {many}", f"  connected   in {found.connected_s:.2f} s"]
    if found.connection_kib is not None and found.connection_kib_after is not None:
        lines[-1] += f"; {found.connection_kib:.1f} KiB of memory each, {found.connection_kib_after:.1f} at the end"
    lines.append(
        f"  delivered   {found.messages:,} messages of {found.events:,} events ({size_text(found.bytes_received)}) in "
        f"{found.seconds:.1f} s"
    )
    lines.append(f"  rate        {found.messages_a_second:,.0f} messages/s")
    if found.cpu_us is not None:
        lines[-1] += f", {found.cpu_us:.2f} µs of the server's CPU each"
    if found.latency_p50 is not None and found.latency_p99 is not None and found.latency_worst is not None:
        lines.append(_late(found.latency_p50, found.latency_p99, found.latency_worst, "due to read"))
    lines += _reached(found)
    if found.client_busy > 0.95:
        lines.append("  note        the load client was as busy as it can be, so the server may be able to do more")
    return lines


def _reached(found: "Delivery") -> list[str]:
    reckoning, rest = found.reckoning, []
    if found.exact:
        return ["  reach       everybody got everything, once, in order and unchanged"]
    for number, word in (
        (reckoning.lost, "lost"),
        (reckoning.repeated, "repeated"),
        (reckoning.disordered, "out of order"),
        (reckoning.strange, "that nobody else got"),
    ):
        rest += [f"{number:,} {word}"] if number else []
    lines = [f"  reach       {reckoning.reach:,} of {found.clients:,} clients got everything, once and in order"]
    if rest:
        lines.append(f"  wrong       {', '.join(rest)}, over all clients")
    if found.gone:
        lines.append(f"  gone        {found.gone:,} connections were ended by the server")
    if found.intact is False:
        lines.append("  first       the client with which all others are compared has not got what was sent")
    return lines


def _late(p50: int, p99: int, worst: int, what: str) -> str:
    return f"  latency     {p50 / 1000:.2f} ms in the median, {p99 / 1000:.2f} p99, {worst / 1000:.2f} worst ({what})"


@contextmanager
def _progress(name: str, what: str = "messages") -> Iterator[Callable[["Progress"], None]]:
    """What shows on a terminal how far it is. Meanwhile a signal ends the command, and the server it started."""
    line = ProgressLine()

    def tell(progress: "Progress") -> None:
        clients = f"{progress.connections:,} clients  " if progress.connections else ""
        line.show(f"{name}  {clients}{progress.messages:,} {what}  {progress.seconds:.1f}s")

    def leave(code: int) -> NoReturn:
        raise typer.Exit(code)

    def signalled(number: int, frame: object) -> NoReturn:
        leave(EXIT_CODES[signal.Signals(number)])

    def unraisable(lost: "sys.UnraisableHookArgs") -> None:
        if isinstance(lost.exc_value, typer.Exit):  # the signal came within a finalizer: it is raised in a moment
            code = lost.exc_value.exit_code
            signal.signal(signal.SIGALRM, lambda number, frame: leave(code))
            signal.setitimer(signal.ITIMER_REAL, _MOMENT_S)
        else:
            hook(lost)

    hook, sys.unraisablehook = sys.unraisablehook, unraisable
    before = {number: signal.signal(number, signalled) for number in EXIT_CODES}
    before[signal.SIGALRM] = signal.getsignal(signal.SIGALRM)
    try:
        yield tell
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)
        line.clear()
