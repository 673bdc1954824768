"""Tokens, right ones and wrong ones, stand nowhere: not in the log at any verbosity, not in figures, not in errors."""

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.support.command import Serving, pvws, serving

RIGHT = "right-7f3e-hunter2"
OTHER = "other-91ac-hunter2"
WRONG = "wrong-04bd-hunter2"
SECRET = "hunter2"  # in all of them

SOURCES = {
    "flag": (["--token", RIGHT, "--token", OTHER], {}),
    "flag with a file": (["--token", "@tokens.txt"], {}),
    "environment": ([], {"PEERVAULT_WS_AUTH_TOKENS": f"{RIGHT}, {OTHER}"}),
    "variable": ([], {"PVWS_TOKEN": RIGHT}),
    "configuration": (["--config", "pvws.yaml"], {}),
    "file of tokens": (["--config", "file.yaml"], {}),
    "refusing handshakes": (["--config", "reject.yaml"], {}),
}

MESSAGES = [
    f"{WRONG} is no JSON",
    f'{{"type":"auth","data":{{"token":"{WRONG}"',
    f'"{WRONG}"',
    f'["{WRONG}"]',
    f'{{"type":"{WRONG}"}}',
    f'{{"type":"subscribe","topic":"{WRONG}"}}',
    f'{{"type":"subscribe","topic":["{WRONG}"]}}',
    f'{{"type":"auth","data":"{WRONG}"}}',
    f'{{"type":"auth","token":"{WRONG}"}}',
    f'{{"type":"auth","data":{{"token":["{WRONG}"]}}}}',
    f'{{"type":"auth","data":{{"{WRONG}":1}}}}',
    f'{{"{WRONG}":1}}',
    f'{{"type":"ping","data":"{RIGHT}"}}',
]


def files_in(folder: Path) -> None:
    (folder / "tokens.txt").write_text(f"# ours\n{RIGHT}\n{OTHER}\n")
    tokens = f"[{RIGHT}, {{token: {OTHER}, topics: [alerts]}}]"
    (folder / "pvws.yaml").write_text(f"websocket: {{auth: {{tokens: {tokens}}}}}\n")
    (folder / "file.yaml").write_text(f"websocket: {{auth: {{tokens_file: {folder}/tokens.txt}}}}\n")
    (folder / "reject.yaml").write_text(f"websocket: {{auth: {{tokens: {tokens}, reject: handshake}}}}\n")


@pytest.fixture(params=SOURCES, ids=list(SOURCES))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serving]:
    """A talkative server that has its tokens from each of the sources."""
    arguments, environment = SOURCES[request.param]
    files_in(tmp_path)
    found = [
        argument.replace("@", f"@{tmp_path}/")
        if argument.startswith("@")
        else f"{tmp_path}/{argument}"
        if argument.endswith(".yaml")
        else argument
        for argument in arguments
    ]
    with serving(tmp_path, "serve", "-v", *found, **environment) as server:
        yield server


def converse(url: str, messages: list[str], query: str = "", header: str = "") -> list[str]:
    """What a client is told that presents a token, if any, and says all this."""
    told: list[str] = []
    headers = {"Authorization": f"Bearer {header}"} if header else {}
    try:
        with connect(url + (f"?token={query}" if query else ""), additional_headers=headers) as client:
            for message in messages:
                client.send(message)
            client.send('{"type":"ping"}')
            while not told or '"pong"' not in told[-1]:
                told.append(str(client.recv(timeout=10)))
    except InvalidStatus as refused:
        told.append(f"{refused.response.status_code} {refused.response.headers} {refused.response.body!r}")
    except ConnectionClosed as closed:
        told.append(str(closed.rcvd))
    return told


def fetched(url: str, path: str, **headers: str) -> str:
    request = urllib.request.Request(url.replace("ws://", "http://").removesuffix("/ws") + path, headers=headers)
    try:
        with urllib.request.urlopen(request) as response:
            return f"{response.headers}{response.read().decode()}"
    except urllib.error.HTTPError as refused:
        with refused:
            return f"{refused.headers}{refused.read().decode()}"


def test_no_token_is_in_the_log_the_figures_or_what_clients_are_told(server: Serving) -> None:
    right = [f'{{"type":"auth","data":{{"token":"{RIGHT}"}}}}']
    subscriptions = [f'{{"type":"subscribe","topic":"{topic}"}}' for topic in ("alerts", "system")]
    for told in (
        converse(server.url, subscriptions, query=RIGHT),
        converse(server.url, subscriptions, header=RIGHT),
        converse(server.url, right + subscriptions),
    ):
        assert '"pong"' in told[-1], "these were let in"
        assert SECRET not in "".join(told)
    wrong = [
        converse(server.url, [], query=WRONG),
        converse(server.url, [], header=WRONG),
        converse(server.url, right, query=WRONG),
        *(
            converse(server.url, [f'{{"type":"{kind}","data":{{"token":"{WRONG}"}}}}'])
            for kind in ("auth", "connection_init")
        ),
        *(converse(server.url, [message]) for message in MESSAGES),
    ]
    assert not any('"pong"' in told[-1] for told in wrong)
    assert SECRET not in str(wrong)
    for message in MESSAGES:  # the same from a client that is let in: it alone may read what it has said
        converse(server.url, [message], query=RIGHT)
    pages = [
        fetched(server.url, f"/ws/{page}?token={token}", Authorization=f"Bearer {token}", Accept=accept)
        for page in ("health", "metrics", "status")
        for token in (RIGHT, WRONG)
        for accept in ("application/json", "text/plain")
    ]
    pages.append(fetched(server.url, f"/ws?token={WRONG}"))
    assert SECRET not in "".join(pages)
    server.process.send_signal(signal.SIGTERM)
    out, log = server.process.communicate()
    assert SECRET not in out + log
    for words in ("connected from", "AUTH_FAILED", "INVALID_MESSAGE", "disconnected"):
        assert words in log, "it was talkative"


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--token", RIGHT, "--port", "70000"], {}),
        (["--token", RIGHT, "--token", ""], {}),
        (["--token", RIGHT], {"PEERVAULT_WS_PORT": "x"}),
        ([], {"PEERVAULT_WS_AUTH_TOKENS": f"{RIGHT},,"}),
        ([], {"PEERVAULT_WS_AUTH_TOKENS": f"*{RIGHT}", "PEERVAULT_WS_PORT": "x"}),
        (["--config", "wrong.yaml"], {}),
        (["--config", "nested.yaml"], {}),
        (["--config", "anchor.yaml"], {}),
    ],
)
def test_no_token_is_in_what_stops_the_start(tmp_path: Path, arguments: list[str], environment: dict[str, str]) -> None:
    (tmp_path / "wrong.yaml").write_text(f"websocket: {{auth: {RIGHT}}}")
    (tmp_path / "nested.yaml").write_text(f"websocket: {{auth: {{tokens: [{{{RIGHT}: [alerts]}}]}}}}")
    (tmp_path / "anchor.yaml").write_text(f"websocket: {{auth: {{tokens: [*{RIGHT}]}}}}")
    found = [f"{tmp_path}/{argument}" if argument.endswith(".yaml") else argument for argument in arguments]
    ended = pvws("serve", "-v", *found, **environment)
    assert ended.returncode == 2
    assert ended.stderr
    assert SECRET not in ended.stderr + ended.stdout


def test_our_own_client_shows_no_token_either(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--token", RIGHT) as server:
        for token in (RIGHT, WRONG):
            ended = pvws("watch", f"{server.url}?token={token}", "--count", "1", "--for", "1s")
            assert SECRET not in ended.stderr + ended.stdout
        assert json.loads(fetched(server.url, "/ws/status").split("\n\n")[-1])["server"]["name"] == "pvws"
