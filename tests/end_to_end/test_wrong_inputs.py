"""Two hundred wrong inputs: each is answered by sentences and the right exit code, none by a traceback.

A word with a dot in it is a file of `FILES` where there is one of that name, `DIR` a folder, `BUSY` a port that is
taken and `DEAF` one on which nobody listens.
"""

import gzip
import shlex
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import pvws

HEADER = '{"pvrec":1,"recorded":"2024-01-01T00:00:00Z","by":"x","url":"ws://x/ws","profile":"documented","topics":["alerts"]}\n'
FILES: dict[str, bytes] = {
    # scenarios
    "empty.yaml": b"",
    "binary.yaml": bytes(range(256)),
    "latin.yaml": b"scenario: gr\xf6\xdfe\n",
    "tab.yaml": b"scenario: x\nnetwork:\n\tpeers: 3\n",
    "quote.yaml": b'scenario: "x\n',
    "list.yaml": b"- scenario: x\n",
    "number.yaml": b"42\n",
    "twice.yaml": b"scenario: x\nscenario: y\n",
    "nameless.yaml": b"duration: 5s\n",
    "unknown.yaml": b"scenario: x\nbehavours: {uploads: {rate: 2/s}}\n",
    "duration.yaml": b"scenario: x\nduration: soon\n",
    "negative.yaml": b"scenario: x\nduration: -5s\n",
    "rate.yaml": b"scenario: x\nbehaviours: {uploads: {rate: 5}}\n",
    "huge.yaml": b"scenario: x\nnetwork: {peers: 99999999999}\n",
    "peers.yaml": b"scenario: x\nnetwork: {peers: many}\n",
    "capacity.yaml": b"scenario: x\nnetwork: {capacity: 5 parsec}\n",
    "locale.yaml": b"scenario: x\nnetwork: {names: {locale: xx_YY}}\n",
    "version.yaml": b"pvws: 99\nscenario: x\n",
    "bomb.yaml": b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n"
    b"d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d]\nscenario: x\n",
    "deep.yaml": b"scenario: x\nnetwork: " + b"[" * 5_000 + b"]" * 5_000,
    "python.yaml": b"scenario: !!python/object/apply:os.system ['true']\n",
    "anchor.yaml": b"scenario: *nowhere\n",
    "action.yaml": b"scenario: x\ntimeline: [{at: 1s, do: explode}]\n",
    "time.yaml": b"scenario: x\ntimeline: [{at: yesterday, do: heal}]\n",
    "fault.yaml": b"scenario: x\ntimeline: [{at: 1s, do: fault, latncy: 5ms}]\n",
    "emit.yaml": b"scenario: x\ntimeline: [{at: 1s, do: emit, type: file_upload}]\n",
    "field.yaml": b"scenario: x\ntimeline: [{at: 1s, do: emit, type: file_uploaded, data: {size: big}}]\n",
    "code.yaml": b"scenario: x\ntimeline: [{at: 1s, do: disconnect, code: 1006}]\n",
    "when.yaml": b"scenario: x\ntimeline: [{when: 'storage_usage >', do: heal}]\n",
    "name.yaml": b"scenario: x\ntimeline: [{when: 'storage_usages > 3', do: heal}]\n",
    "template.yaml": b'scenario: x\ntimeline: [{at: 1s, do: mark, name: "${peer."}]\n',
    "expect.yaml": b"scenario: x\nexpect: [{client: reconect}]\n",
    "within.yaml": b"scenario: x\nexpect: [{client: connects, within: 0s}]\n",
    "include.yaml": b"scenario: x\ninclude: [nowhere.yaml]\n",
    "outside.yaml": b"scenario: x\ninclude: [../../etc/passwd]\n",
    "self.yaml": b"scenario: x\ninclude: [self.yaml]\n",
    "csv.yaml": b"scenario: x\nbehaviours: {uploads: {rate: 1/s, size: {csv: none.csv, column: a}}}\n",
    "cycle.yaml": b"scenario: x\ntimeline: [{every: 0s, do: heal}]\n",
    "many.yaml": b"scenario: x\ntimeline: [{at: 0s, do: burst, files: 99999999999}]\n",
    "alert.yaml": b"scenario: x\nalerts: {storage_usage: {warning: 95, critical: 80}}\n",
    "good.yaml": b"scenario: good\nduration: 1s\n",
    # configurations
    "key.yaml": b"websocket: {prot: 9000}\n",
    "port.yaml": b"websocket: {port: 99999}\n",
    "pong.yaml": b"websocket: {timeouts: {ping_period: 90s}}\n",
    "root.yaml": b"port: 9000\n",
    "quirk.yaml": b"websocket: {quirks: {coalesces: on}}\n",
    "zone.yaml": b"websocket: {quirks: {zone: Mars/Olympus}}\n",
    "tokens.yaml": b"websocket: {auth: {tokens: {a: b}}}\n",
    "tokenfile.yaml": b"websocket: {auth: {tokens_file: nowhere.txt}}\n",
    "tls.yaml": b"websocket: {tls: {certificate: nowhere.pem, key: nowhere.pem}}\n",
    "scalar.yaml": b"websocket: 5\n",
    # recordings and other files
    "empty.pvrec.jsonl": b"",
    "text.pvrec.jsonl": b"hello\n",
    "headless.pvrec.jsonl": b'{"t":1.0,"dir":"recv","message":{}}\n',
    "future.pvrec.jsonl": HEADER.replace('"version":1', '"version":99').encode(),
    "broken.pvrec.jsonl": (HEADER + '{"t":1.000000,"dir":"recv","message":{"a":}\n{"t":1.000000}\n').encode(),
    "backwards.pvrec.jsonl": (
        HEADER + '{"t":2.000000,"dir":"recv","message":{}}\n{"t":1.000000,"dir":"recv","message":{}}\n'
    ).encode(),
    "binary.pvrec.jsonl": bytes(range(256)) * 8,
    "nogzip.pvrec.jsonl.gz": b"not compressed",
    "short.pvrec.jsonl.gz": gzip.compress(HEADER.encode() * 50)[:40],
    "nozstd.pvrec.jsonl.zst": b"not compressed",
    "broken.har": b'{"log": {"entries": [',
    "empty.har": b'{"log": {"entries": []}}',
    "none.har": b"{}",
    "strange.txt": b"hello",
    "inputs.jsonl": b'{"not": "inputs"}\n',
    "inputs.bin": bytes(range(256)),
    "data.json": b'{"level": ',
    "list.json": b"[1]",
    "schema.json": b"{}",
    "baseline.txt": b"messages.nonsense\n",
    "token.txt": b"",
    "key.pem": b"-----BEGIN NONSENSE-----\n",
}

# The exit codes: 2 wrong usage or bad input, 3 could not connect or bind, 1 what was tested has failed.
WRONG = """
2 dance
2 serv
2 --nonsense
2 simulate
2 simulate nowhere.yaml
2 simulate quickstrat
2 simulate DIR
2 simulate empty.yaml
2 simulate binary.yaml
2 simulate latin.yaml
2 simulate tab.yaml
2 simulate quote.yaml
2 simulate list.yaml
2 simulate number.yaml
2 simulate twice.yaml
2 simulate nameless.yaml
2 simulate unknown.yaml
2 simulate duration.yaml
2 simulate negative.yaml
2 simulate rate.yaml
2 simulate huge.yaml
2 simulate peers.yaml
2 simulate capacity.yaml
2 simulate locale.yaml
2 simulate version.yaml
2 simulate bomb.yaml
2 simulate deep.yaml
2 simulate python.yaml
2 simulate anchor.yaml
2 simulate action.yaml
2 simulate time.yaml
2 simulate fault.yaml
2 simulate emit.yaml
2 simulate field.yaml
2 simulate code.yaml
2 simulate when.yaml
2 simulate name.yaml
2 simulate template.yaml
2 simulate expect.yaml
2 simulate within.yaml
2 simulate include.yaml
2 simulate outside.yaml
2 simulate self.yaml
2 simulate csv.yaml
2 simulate cycle.yaml
2 simulate many.yaml
2 simulate alert.yaml
2 simulate good.yaml --speed fast
2 simulate good.yaml --speed 0
2 simulate good.yaml --speed -1
2 simulate good.yaml --speed nan
2 simulate good.yaml --duration 5
2 simulate good.yaml --duration forever
2 simulate good.yaml --start yesterday
2 simulate good.yaml --start 9999-12-31T23:59:59.9Z
2 simulate good.yaml --seed x
2 simulate good.yaml --seed 1.5
2 simulate good.yaml --set peers
2 simulate good.yaml --set nonsense=1
2 simulate good.yaml --set network.peers=many
2 simulate good.yaml --set =
2 simulate firehose --set rate=500/s --no-serve
2 simulate good.yaml --no-serve --port 9000
2 simulate good.yaml --no-serve --view log
2 simulate good.yaml --loop --inputs inputs.jsonl
2 simulate good.yaml --inputs inputs.jsonl
2 simulate good.yaml --inputs inputs.bin
2 simulate good.yaml --inputs nowhere.jsonl
2 simulate good.yaml --inputs DIR
2 simulate good.yaml --no-serve --out DIR
2 simulate good.yaml --no-serve --out /no/such/folder/x
2 simulate good.yaml --port 0 --control 0 --record /no/such/folder/x.pvrec.jsonl
2 simulate good.yaml --view table
2 simulate good.yaml --view log --out -
2 simulate good.yaml --wait-for-client --view log
2 simulate good.yaml --port 70000
2 simulate good.yaml --port x
3 simulate good.yaml --port BUSY --control off
3 simulate good.yaml --on http://127.0.0.1:DEAF
2 simulate good.yaml --on ftp://x
2 serve --scenario nowhere.yaml
2 serve --config nowhere.yaml
2 serve --config DIR
2 serve --config key.yaml
2 serve --config port.yaml
2 serve --config pong.yaml
2 serve --config root.yaml
2 serve --config quirk.yaml
2 serve --config zone.yaml
2 serve --config tokens.yaml
2 serve --config tokenfile.yaml
2 serve --config tls.yaml
2 serve --config scalar.yaml
2 serve --config binary.yaml
2 serve --config list.yaml
2 serve --profile real
2 serve --port -1
3 serve --port BUSY --control off
3 serve --port 0 --control BUSY
3 serve --port 0 --control off --host no.such.host.invalid
3 serve --port 0 --control off --host 203.0.113.7
2 serve --control sometimes
2 serve --control 0.0.0.0:0 --port 0
2 serve --token @nowhere.txt
2 serve --token @token.txt
2 serve --tls-cert nowhere.pem --tls-key nowhere.pem
2 serve --tls-cert key.pem --tls-key key.pem
2 serve --tls-cert key.pem
2 serve --tls-key key.pem
2 serve --port 0 --control 0 --ready-file /no/such/folder/x
2 watch http://localhost
2 watch nonsense
2 watch ws://
2 watch ws://localhost:99999/ws
2 watch ws://[::1/ws
3 watch ws://127.0.0.1:DEAF/ws --patience 0.1s
3 watch ws://no.such.host.invalid/ws --patience 0.1s
2 watch --topic weather
2 watch --where 'type =='
2 watch --where 'import os'
2 watch --where '__class__'
2 watch --until ')'
2 watch --until '(((((((((('
2 watch --count 0
2 watch --count x
2 watch --for ever
2 watch --patience x
2 watch --view picture
2 watch --json --view dashboard
2 watch --profile real
2 watch --token @nowhere.txt
2 record
2 record ws://127.0.0.1:DEAF/ws
3 record ws://127.0.0.1:DEAF/ws -o r.pvrec.jsonl --patience 0.1s
2 record ws://127.0.0.1:DEAF/ws -o /no/such/folder/r.pvrec.jsonl
2 record ws://127.0.0.1:DEAF/ws -o r.pvrec.jsonl --redact 'a..b'
2 replay
2 replay nowhere.pvrec.jsonl
2 replay DIR
2 replay empty.pvrec.jsonl
2 replay text.pvrec.jsonl
2 replay headless.pvrec.jsonl
2 replay future.pvrec.jsonl
2 replay broken.pvrec.jsonl
2 replay backwards.pvrec.jsonl
2 replay binary.pvrec.jsonl
2 replay nogzip.pvrec.jsonl.gz
2 replay nozstd.pvrec.jsonl.zst
2 replay good.yaml
2 replay empty.pvrec.jsonl@soon
2 replay empty.pvrec.jsonl --speed warp
2 replay empty.pvrec.jsonl --mode random
2 replay empty.pvrec.jsonl --mark nowhere
2 replay empty.pvrec.jsonl --from later
2 proxy
2 proxy --to http://x
2 proxy --to ws://127.0.0.1:DEAF/ws --fault 'latncy: 5ms'
2 proxy --to ws://127.0.0.1:DEAF/ws --fault 'latency: soon'
2 proxy --to ws://127.0.0.1:DEAF/ws --fault '{'
3 proxy --to ws://127.0.0.1:DEAF/ws --port BUSY
2 recording
2 recording dance
2 recording info nowhere.pvrec.jsonl
2 recording info text.pvrec.jsonl
2 recording info strange.txt
2 recording info DIR
2 recording validate broken.pvrec.jsonl
2 recording validate future.pvrec.jsonl
2 recording diff empty.pvrec.jsonl nowhere.pvrec.jsonl
2 recording diff text.pvrec.jsonl text.pvrec.jsonl
2 recording diff --tolerance x text.pvrec.jsonl text.pvrec.jsonl
2 recording convert broken.har x.pvrec.jsonl
2 recording convert empty.har x.pvrec.jsonl
2 recording convert none.har x.pvrec.jsonl
2 recording convert strange.txt x.pvrec.jsonl
2 recording convert strange.txt x.pvrec.jsonl --from nonsense
2 recording to-scenario text.pvrec.jsonl
2 scenarios
2 scenarios show nowhere
2 scenarios validate nowhere.yaml
2 scenarios validate action.yaml emit.yaml field.yaml
2 scenarios new
2 scenarios new good.yaml
2 scenarios new /no/such/folder/x.yaml
2 schema
2 schema weather
2 schema scenario -o /no/such/folder/x.json
2 check
2 check server
2 check server http://x
3 check server ws://127.0.0.1:DEAF/ws
2 check server ws://127.0.0.1:DEAF/ws --section weather
2 check server ws://127.0.0.1:DEAF/ws --rule messages.nonsense
2 check server ws://127.0.0.1:DEAF/ws --baseline nowhere.txt
2 check server ws://127.0.0.1:DEAF/ws --baseline baseline.txt
2 check server ws://127.0.0.1:DEAF/ws --patience soon
2 emit
2 emit alerts
3 emit weather storage_alert
3 emit alerts storage_alerts
2 emit alerts storage_alert --data '{'
2 emit alerts storage_alert --data '[1]'
2 emit alerts storage_alert --data @nowhere.json
2 emit alerts storage_alert --data @data.json
3 emit http://127.0.0.1:DEAF alerts storage_alert
2 ctl
2 ctl dance
3 ctl http://127.0.0.1:DEAF state
2 ctl ftp://x state
2 ctl :99999 state
3 ctl fault add 'latncy: 5ms'
3 ctl advance soon
2 ctl speed warp
2 ctl load
2 bench
2 bench dance
2 bench fanout --clients 0
2 bench fanout --for ever
3 bench fanout ws://127.0.0.1:DEAF/ws
2 bench simulate nowhere.yaml
2 bench replay nowhere.pvrec.jsonl
"""
LINES = [line for line in WRONG.splitlines() if line]


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, str]]:
    """A port that is taken, and one on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as busy, socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        yield {"BUSY": str(busy.getsockname()[1]), "DEAF": str(deaf.getsockname()[1])}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files lie, and where the command is typed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "DIR").mkdir()
    return tmp_path


def test_there_are_two_hundred() -> None:
    assert len(LINES) >= 200
    assert len(LINES) == len(set(LINES))


@pytest.mark.parametrize("line", LINES)
def test_a_wrong_input_is_told_in_a_sentence(line: str, folder: Path, ports: dict[str, str]) -> None:
    for name, content in FILES.items():
        if name.partition(".")[0] in line or "include" in line or "self" in line:
            (folder / name).write_bytes(content)
    for word, port in ports.items():
        line = line.replace(word, port)
    code, *words = shlex.split(line)
    ended = pvws(*words)
    said = ended.stderr + ended.stdout
    assert "Traceback" not in said
    assert "internal error" not in said
    assert ended.returncode == int(code), said
    assert len(said.strip()) > 15, "it says what is wrong"
