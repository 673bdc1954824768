"""Three hundred wrong inputs: each is answered by sentences and the right exit code, none by a traceback.

A word with a dot in it is a file of `tests/support/wrong_files.py` where there is one of that name, `DIR` a folder,
`BUSY` a port that is taken and `DEAF` one on which nobody listens.
"""

import re
import shlex
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import pvws
from tests.support.wrong_files import FILES

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
2 proxy --to ws://127.0.0.1:DEAF/ws --fault 'restart: 1s'
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
2 test
2 test nowhere.yaml -- true
2 test good.yaml
2 test good.yaml --
2 test good.yaml -- no-such-command-anywhere
2 test good.yaml -- DIR
2 test good.yaml --timeout 0s -- true
2 test good.yaml --timeout soon -- true
2 test good.yaml --grace x -- true
2 test good.yaml --until never -- true
2 test good.yaml --begin later -- true
2 test good.yaml --env MINE -- true
2 test good.yaml --seed x -- true
2 test good.yaml --speed fast -- true
2 test good.yaml --set nonsense=1 -- true
2 test good.yaml --junit /no/such/folder/x.xml -- true
2 test good.yaml --config key.yaml -- true
2 test good.yaml --tls-cert key.pem -- true
2 test good.yaml --tls-self-signed --tls-cert key.pem -- true
2 test text.pvrec.jsonl -- true
2 test expect.yaml -- true
2 explore
2 explore good.yaml
2 explore good.yaml --seeds 0 -- true
2 explore good.yaml --seeds many -- true
2 explore good.yaml --from x -- true
2 explore good.yaml --repeat 0 -- true
2 explore good.yaml --jobs 0 -- true
2 explore good.yaml --linger x -- true
2 explore good.yaml --out /no/such/folder/x -- true
2 explore good.yaml --seeds 1 -- no-such-command-anywhere
2 explore good.yaml --seeds 1 -- true
2 explore bounds.yaml -- true
2 explore chance.yaml -- true
2 explore text.pvrec.jsonl -- true
2 shrink
2 shrink good.yaml
2 shrink nowhere.yaml -- true
2 shrink nowhere.pvrec.jsonl -- true
2 shrink text.pvrec.jsonl -- true
2 shrink good.yaml --out good.yaml -- true
2 shrink good.yaml --repeat x -- true
2 shrink good.yaml -- no-such-command-anywhere
2 shrink text.pvrec.jsonl --set seed=3 -- true
2 check client
2 check client --suite lod -- true
2 check client --case nothing -- true
2 check client --show nothing
2 check client --jobs 65 -- true
2 check client --badge x.png -- true
2 check client --junit /no/such/folder/x.xml -- true
2 check server ws://127.0.0.1:DEAF/ws --junit /no/such/folder/x.xml
2 check server ws://127.0.0.1:DEAF/ws --write-baseline /no/such/folder/x.txt
2 check client -- no-such-command-anywhere
2 check server ws://127.0.0.1:DEAF/ws --ping-period soon
2 check server ws://127.0.0.1:DEAF/ws --profile real
2 check server ws://127.0.0.1:DEAF/ws --token @nowhere.txt
2 check server ws://127.0.0.1:DEAF/ws --ca nowhere.pem
2 serve --bus http://127.0.0.1:DEAF
2 serve --bus nats://
2 serve --bus nats://127.0.0.1:DEAF/a/b/c
2 serve --bus nats://127.0.0.1:DEAF?aeg=1h
2 serve --bus @nowhere.txt
3 serve --bus nats://127.0.0.1:DEAF --port 0 --control off
2 serve --workers 2
2 serve --workers 0 --bus nats://127.0.0.1:DEAF
2 serve --workers two
2 replay text.pvrec.jsonl --bus nats://
2 schema asyncapi -o /no/such/folder/x.json
2 schema asyncapi --profile upstream
2 schema config -o DIR
2 schema confg
2 schema asyncapi config
2 recording convert
2 recording convert text.pvrec.jsonl
2 recording convert whole.pvrec.jsonl whole.pvrec.jsonl
2 recording convert whole.pvrec.jsonl x.mp3
2 recording convert whole.pvrec.jsonl x.jsonl --to nonsense
2 recording convert whole.pvrec.jsonl /no/such/folder/x.har
2 recording convert whole.pvrec.jsonl DIR --to har
2 recording convert whole.pvrec.jsonl x.har --redact 'a..b'
2 recording convert whole.pvrec.jsonl x.har --from har
2 recording to-scenario whole.pvrec.jsonl -o /no/such/folder/x.yaml
2 emit alerts storage_alert too much
2 emit alerts storage_alert --data @DIR
2 emit alerts storage_alert --url ftp://x
3 emit alerts storage_alert --url http://127.0.0.1:DEAF
2 emit alerts storage_alert --token @nowhere.txt
2 ctl step x
2 ctl seek
2 ctl advance
2 ctl wait --timeout soon
2 ctl wait --schema '{'
2 ctl wait --count 0
2 ctl fault
2 ctl fault add
2 ctl fault remove
2 ctl rule add
2 ctl disconnect --code 99999
2 ctl disconnect --share much
2 ctl compare
2 ctl lease
2 ctl lease w1 --ttl soon
2 ctl events --for ever
2 ctl events --count 0
2 ctl load nowhere.yaml
2 ctl load good.yaml --set nonsense
2 bench latency --clients 0
2 bench latency --rate -1
2 bench connect --clients many
2 bench fanout --rate nan
2 bench fanout ws://127.0.0.1:DEAF/ws --stalled 3
2 bench fanout http://x
2 bench fanout --token @nowhere.txt
2 bench fanout ws://127.0.0.1:DEAF/ws --ca nowhere.pem
2 bench simulate quickstart --set nonsense=1
2 bench replay text.pvrec.jsonl
2 proxy --to ws://127.0.0.1:DEAF/ws -o /no/such/folder/x.pvrec.jsonl
2 proxy --to ws://127.0.0.1:DEAF/ws --port many
2 proxy --to nonsense
2 proxy --to ws://127.0.0.1:DEAF/ws --seed x
2 scenarios list extra
2 scenarios new 'a/../b.yaml' --from nowhere
2 watch --count 1.5
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


def test_there_are_three_hundred() -> None:
    assert len(LINES) >= 300
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
    assert code != "2" or re.search("expected|Usage:", said), "and what would be right"
