"""Fuzzing: whatever comes in, nothing crashes, no traceback is seen, and the server still answers.

What is sent, and what is given to readers, is drawn by the strategies of the ordinary tests, from a seed. Surfaces of
the network are attacked in a `pvws serve` that is a process of its own; readers are called as the tests call them.
"""

import http.client
import json
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from websockets.sync.client import connect

from pvws.client.control.sync_control import SyncControl
from pvws.control.openapi import document
from pvws.control.table import routes
from pvws.testing.target import Target
from pvws.wire.codec import decode_client_message, decode_server_message
from tests.bus import test_entry
from tests.client import test_reading
from tests.property import test_codec, test_expression, test_scenario
from tests.recording import (
    test_capture,
    test_formats,
    test_har,
    test_mockd,
    test_mockforge,
    test_raw_capture,
    test_read,
)
from tests.reliability.part import Found, Result
from tests.reliability.served import Served, served
from tests.server import test_configuration
from tests.server.test_fuzz import ATTACKS, Attack
from tests.server.test_fuzz import http as raw_http
from tests.wire import test_client_reader

DECODERS = (decode_client_message, decode_server_message)
CASES_A_MINUTE = 500
MINUTES = 10.0
SEED = 1
PATIENCE_S = 20.0
_ERRORS_KEPT = 3

READERS: Mapping[str, Sequence[Callable[..., Any]]] = {
    "client messages, as texts": (
        *(partial(test_codec.test_any_text_is_read_or_refused, decode) for decode in DECODERS),
        *(partial(test_codec.test_any_json_value_is_read_or_refused, decode) for decode in DECODERS),
        test_codec.test_a_damaged_message_is_read_or_refused,
        test_codec.test_a_message_with_one_wrong_value_is_read_or_refused,
        test_client_reader.test_any_text_is_read_dropped_or_refused,
    ),
    "what a server sends, to `pvws.connect`": (
        test_reading.test_no_text_raises_anything,
        test_reading.test_no_broadcast_that_is_cut_short_raises_anything,
    ),
    "scenarios": (
        test_scenario.test_any_text_is_a_scenario_or_an_error_with_a_place,
        test_scenario.test_a_mutated_script_is_a_scenario_or_an_error_with_a_place,
        test_scenario.test_a_script_with_other_words_is_a_scenario_or_an_error_with_a_place,
        test_scenario.test_a_script_with_other_lines_is_a_scenario_or_an_error_with_a_place,
        test_scenario.test_any_value_that_is_given_is_put_in_or_refused,
    ),
    "expressions and templates": (
        test_expression.test_any_text_is_an_expression_or_refused_with_its_column,
        test_expression.test_evaluating_never_fails_and_gives_the_same_again,
        test_expression.test_any_text_is_a_template_or_refused_and_filled_in_or_refused,
    ),
    "recordings, and those of other programs": (
        test_read.test_any_file_is_read_or_refused_with_file_and_line_whole_and_byte_by_byte,
        test_read.test_a_recording_cut_anywhere_is_read_up_to_its_last_whole_line,
        test_raw_capture.test_any_file_is_read_or_refused_with_its_problems,
        test_capture.test_any_file_is_read_or_refused_with_file_and_line,
        test_har.test_any_file_is_read_or_refused_with_file_and_line,
        test_mockd.test_any_file_is_read_or_refused_with_file_and_line,
        test_mockforge.test_any_file_is_read_or_refused_with_file_and_line,
        test_formats.test_any_file_is_read_or_refused_with_file_and_line,
    ),
    "configuration": (
        test_configuration.test_any_tree_is_a_configuration_or_an_input_error,
        test_configuration.test_any_text_is_a_configuration_or_an_input_error,
        test_configuration.test_any_environment_is_a_configuration_or_an_input_error,
    ),
    "entries of a bus": (test_entry.test_what_no_source_has_sent_is_an_error_of_ours,),
}
"""Properties of the ordinary tests which say that anything is read or refused, by what is read."""

TIMES = "websocket: {timeouts: {read: 2s, close: 200ms}, limits: {max_message_size: 1048576}}\n"


class Tally:
    """Cases, and what went wrong with them."""

    def __init__(self) -> None:
        self.cases = 0
        self.wrong = 0
        self.errors: list[str] = []

    def tried(self, case: Callable[..., object]) -> Callable[..., None]:
        """A case that is counted, and whose failure is noted instead of raised."""

        def once(*arguments: Any, **named: Any) -> None:
            self.cases += 1
            try:
                case(*arguments, **named)
            except hypothesis.errors.HypothesisException:
                raise
            except Exception as error:
                self.wrong += 1
                if len(self.errors) < _ERRORS_KEPT:
                    self.errors.append(f"{type(error).__name__}: {error} with {arguments or named!r}"[:500])

        return once


def run(minutes: float = MINUTES, seed: int = SEED) -> Found:
    """All surfaces, with so many cases each."""
    cases = max(20, int(CASES_A_MINUTE * minutes))
    found = {surface: _read(properties, cases, seed) for surface, properties in READERS.items()}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pvws.yaml").write_text(TIMES)
        with served(Path(folder), "serve", "--scenario", "steady-day", "--config", f"{folder}/pvws.yaml") as server:
            for kind, attacks in ATTACKS.items():
                found[f"WebSocket: {kind}"] = _tried(attacks, partial(attack, Target(server.url)), cases, seed)
            plane = Target(server.control.replace("http", "ws", 1))
            raw = raw_http.map(lambda data: Attack(b"", [data], "with an end"))
            found["control plane: HTTP"] = _tried(raw, partial(attack, plane), cases, seed)
            found["control plane: calls"] = _tried(CALLS, partial(call, plane), cases, seed)
            answers = int(still_answers(server))
            code, said = server.end()
    rows = [
        {"surface": name, "cases": tally.cases, "crashes": tally.wrong, "first": "; ".join(tally.errors)}
        for name, tally in found.items()
    ]
    results = [
        Result("cases", sum(tally.cases for tally in found.values()), ""),
        Result("crashes", sum(tally.wrong for tally in found.values()), "", at_most=0),
        Result("tracebacks in the server's log", said.count("Traceback"), "", at_most=0),
        Result("the server still answers", answers, "", at_least=1),
        Result("exit code after SIGTERM", abs(code), "", at_most=0),
    ]
    return Found(results, rows, {"seed": seed, "cases_a_surface": cases, "log": said[-2_000:]})


def _settings(cases: int) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=cases,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def _tried(strategy: st.SearchStrategy[Any], case: Callable[[Any], object], cases: int, seed: int) -> Tally:
    tally = Tally()
    once = tally.tried(case)

    def tried(drawn: Any) -> None:
        once(drawn)

    hypothesis.seed(seed)(_settings(cases)(hypothesis.given(strategy)(tried)))()
    return tally


def _read(properties: Sequence[Callable[..., Any]], cases: int, seed: int) -> Tally:
    """Have properties of the tests tried on their own strategies, more often than the tests do."""
    tally = Tally()
    for each in properties:
        whole = each.func if isinstance(each, partial) else each
        right = whole.hypothesis.inner_test  # type: ignore[attr-defined] - what `given` wraps
        whole.hypothesis.inner_test = tally.tried(right)  # type: ignore[attr-defined]
        try:
            # As `settings` does, which refuses a function that has some already.
            whole._hypothesis_internal_use_settings = _settings(max(1, cases // len(properties)))  # type: ignore[attr-defined]
            hypothesis.seed(seed)(whole)
            each()
        finally:
            whole.hypothesis.inner_test = right  # type: ignore[attr-defined]
    return tally


# What is sent


def attack(target: Target, sent: Attack) -> None:
    """Send it; the server must end the connection, or answer, before long. How is its own affair."""
    with socket.create_connection((target.host, target.port), timeout=PATIENCE_S) as client:
        try:
            if sent.head:
                client.sendall(sent.head)
                assert client.recv(12) == b"HTTP/1.1 101", "a good handshake succeeds"
            for piece in sent.pieces:
                client.sendall(piece)
            if sent.leaves == "at once":
                return
            client.shutdown(socket.SHUT_WR)
            while client.recv(65_536):
                pass
        except TimeoutError:
            raise
        except OSError:
            pass  # it has been cut already, which is an answer too


_DOCUMENT = document(routes())
_SCHEMAS: Mapping[str, Any] = _DOCUMENT["components"]["schemas"]
_NAMES = sorted({name for schema in _SCHEMAS.values() for name in schema.get("properties", ())} - {"timeout"})
_ENDLESS = ("/v1/stop", "/v1/events")  # the one ends the server, the other answers as long as it is listened to
_OPERATIONS = sorted(
    (method.upper(), path) for path, methods in _DOCUMENT["paths"].items() for method in methods if path not in _ENDLESS
)
_words = st.sampled_from(
    (
        *("main", "alerts", "all", "5s", "1ms", "-1s", "50%", "max", "quickstart", "2024-01-01T00:00:00Z", "drop", "é"),
        *("stall", "subscribe", "f1", "r1", "1", "0"),
        *("drop: 10%", "latency: 1s, for: 2s", "type == 'x'", "type ==", "${x}", "{", "\0", "a" * 300, "../../passwd"),
    )
)
_leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _words | st.text(max_size=6)
_bodies = st.recursive(
    _leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=10,
)
CALLS = st.tuples(
    st.sampled_from(_OPERATIONS),
    st.lists(_words, min_size=3, max_size=3),
    st.dictionaries(st.sampled_from(["world", "limit", "after", "where", "client", "x"]), _words, max_size=2),
    st.dictionaries(st.sampled_from(_NAMES), _bodies, max_size=4) | _bodies,
)
"""A method and a path, what stands in its variable parts, its query, and its body."""


def call(target: Target, drawn: Any) -> None:
    """Ask it; the answer is any but a mistake of pvws."""
    from urllib.parse import quote, urlencode

    (method, path), words, query, body = drawn
    for word in words:
        if "{" in path:
            before, _, rest = path.partition("{")
            path = before + quote(word, safe="") + rest.partition("}")[2]
    if isinstance(body, dict) and ("wait" in path or "clock" in path):
        body = body | {"timeout": "20ms"}
    connection = http.client.HTTPConnection(target.host, target.port, timeout=PATIENCE_S)
    try:
        content = json.dumps(body).encode()
        connection.request(method, f"{path}?{urlencode(query)}", content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status != 500, f"{method} {path}: {answer.read(500)!r}"
    finally:
        connection.close()


def still_answers(server: Served) -> bool:
    """Whether, once faults and rules are gone, a client is let in, gets a pong, and the endpoints answer."""
    target = Target(server.url)
    with SyncControl(server.control) as control:
        for world in control.worlds():
            control.at(world.name).faults.clear()
            control.at(world.name).rules.clear()
    connection = http.client.HTTPConnection(target.host, target.port, timeout=PATIENCE_S)
    connection.request("GET", "/ws/health")
    healthy = connection.getresponse().status == 200
    connection.close()
    with connect(server.url) as client:
        client.send('{"type":"ping"}')
        return healthy and '"pong"' in str(client.recv(PATIENCE_S))
