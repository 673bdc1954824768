"""wss:// as a user sets it up: by flags, by a file, or made for the occasion."""

import json
import ssl
from pathlib import Path

import pytest
import trustme
from websockets.sync.client import connect

from tests.support.command import pvws, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    for name in ("one", "two"):
        certificate = authority.issue_cert("localhost", "127.0.0.1")
        certificate.cert_chain_pems[0].write_to_path(str(folder / f"{name}.crt"))
        certificate.private_key_pem.write_to_path(str(folder / f"{name}.key"))
    return folder


def speaks(url: str, authority: Path) -> bool:
    """Whether a client that trusts an authority gets its pong."""
    with connect(url, ssl=ssl.create_default_context(cafile=authority)) as client:
        client.send('{"type":"ping"}')
        return bool(json.loads(client.recv())["type"] == "pong")


def test_certificate_and_key_come_from_flags_or_from_a_file(tmp_path: Path, folder: Path) -> None:
    flags = ["--tls-cert", str(folder / "one.crt"), "--tls-key", str(folder / "one.key")]
    with serving(tmp_path, "serve", *flags) as server:
        assert server.url.startswith("wss://localhost:")
        assert speaks(server.url, folder / "ca.pem")
    (tmp_path / "ready.json").unlink(missing_ok=True)
    config = tmp_path / "pvws.yaml"
    config.write_text(f"websocket:\n  tls: {{certificate: {folder}/two.crt, key: {folder}/two.key}}\n")
    with serving(tmp_path, "serve", "--config", str(config)) as server:
        assert speaks(server.url, folder / "ca.pem")


def test_self_signed_prints_the_file_of_the_authority_and_who_trusts_it_connects(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--tls-self-signed") as server:
        assert server.process.stderr is not None
        said = server.process.stderr.readline()
        before, _, path = said.strip().partition("authority: ")
        assert before == "pvws: clients must trust this certificate "
        assert speaks(server.url, Path(path))
        with pytest.raises(ssl.SSLCertVerificationError):
            connect(server.url)
        server.process.terminate()
        server.process.communicate(timeout=60)
    assert not Path(path).parent.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--tls-cert", "F/one.crt", "--tls-key", "F/two.key"],
            'tls.key: expected the key of the certificate in F/one.crt, got that of another one in "F/two.key"',
        ),
        (
            ["--tls-cert", "F/absent", "--tls-key", "F/two.key"],
            'tls.certificate: expected a file in PEM that can be read, got "F/absent" (no such file or directory)',
        ),
        (["--tls-cert", "F/one.crt"], "--tls-cert: websocket.tls.key: expected a value, got nothing"),
        (
            ["--tls-self-signed", "--tls-cert", "F/one.crt"],
            "--tls-self-signed: expected no --tls-cert and no --tls-key beside it, got both",
        ),
        (
            ["--tls-self-signed", "--host", "my_host"],
            '--tls-self-signed: expected a host that a certificate can name, got "my_host"',
        ),
    ],
)
def test_what_can_not_be_used_is_a_sentence_and_exit_code_2(folder: Path, arguments: list[str], said: str) -> None:
    ended = pvws("serve", "--port", "0", *(argument.replace("F/", f"{folder}/") for argument in arguments))
    assert ended.returncode == 2
    assert ended.stderr.replace(f"{folder}/", "F/") == f"pvws: {said}\n"
    assert ended.stdout == ""
