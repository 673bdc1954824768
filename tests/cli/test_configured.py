import os
from pathlib import Path

import pytest

from pvws.cli.configured import configured
from pvws.cli.reaching import TOKEN_VARIABLE
from pvws.errors import InputError
from pvws.server.certificates import server_context
from pvws.server.settings import Configuration, Tls
from pvws.session.access import Token


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of our variables is set."""
    for name in list(os.environ):
        if name.startswith("PEERVAULT_WS_") or name == TOKEN_VARIABLE:
            monkeypatch.delenv(name)


def told(**options: object) -> str:
    with pytest.raises(InputError) as caught:
        configured(**options)  # type: ignore[arg-type]
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_without_anything_it_is_the_default() -> None:
    assert configured() == Configuration()


def test_flags_go_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pvws.yaml"
    file.write_text("websocket: {host: a, port: 1, profile: upstream}\n")
    monkeypatch.setenv("PEERVAULT_WS_HOST", "b")
    monkeypatch.setenv("PEERVAULT_WS_PORT", "2")
    found = configured(config=str(file), port=0, profile=None)
    assert (found.host, found.port, found.profile) == ("b", 0, "upstream")
    assert configured(config=str(file), host="c", profile="documented").profile == "documented"


def test_tls_comes_from_both_flags() -> None:
    assert configured(tls_cert="c", tls_key="k").tls == Tls("c", "k")
    assert told(tls_cert="c") == "--tls-cert: websocket.tls.key: expected a value, got nothing"
    assert told(tls_key="k") == "--tls-key: websocket.tls.certificate: expected a value, got nothing"


def test_self_signed_says_where_its_authority_is_and_makes_what_a_server_can_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = configured(tls_self_signed=True)
    said = capsys.readouterr().err
    authority = Path(said.partition("clients must trust this certificate authority: ")[2].strip())
    assert b"BEGIN CERTIFICATE" in authority.read_bytes()
    assert found.tls is not None
    server_context(found.tls)


@pytest.mark.parametrize("others", [{"tls_cert": "c"}, {"tls_key": "k"}, {"tls_cert": "c", "tls_key": "k"}])
def test_self_signed_is_no_addition_to_a_certificate(others: dict[str, str]) -> None:
    said = "--tls-self-signed: expected no --tls-cert and no --tls-key beside it, got both"
    assert told(tls_self_signed=True, **others) == said


def test_tokens_come_from_flags_and_files_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("# ours\nb\n\nc\n")
    assert configured(token=["a", f"@{file}", "4711"]).auth.tokens == tuple(map(Token, ("a", "b", "c", "4711")))


def test_the_variable_stands_in_where_there_is_no_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "*from, the: environment")
    assert configured().auth.tokens == (Token("*from, the: environment"),)
    assert configured(token=["flag"]).auth.tokens == (Token("flag"),)
    monkeypatch.setenv(TOKEN_VARIABLE, "")
    assert configured().auth.tokens == ()


@pytest.mark.parametrize("content", ["", "\n# no token\n"])
def test_a_file_without_tokens_does_not_open_the_server_to_everyone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    file = tmp_path / "tokens"
    file.write_text(content)
    assert told(token=[f"@{file}"]) == f'--token: expected a file with a token in it, got "{file}" (none)'
    monkeypatch.setenv(TOKEN_VARIABLE, "beside")
    assert told(token=[f"@{file}"]) == f'--token: expected a file with a token in it, got "{file}" (none)'


def test_an_empty_token_is_none() -> None:
    assert told(token=[""]) == "--token: websocket.auth.tokens[0]: expected a text or a mapping, got something else"


def test_files_that_can_not_be_read_are_told_with_the_option(tmp_path: Path) -> None:
    absent = tmp_path / "absent"
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"ab\xff")
    assert told(config=str(absent)) == (
        f'--config: expected a file that can be read, got "{absent}" (no such file or directory)'
    )
    assert told(token=[f"@{absent}"]) == (
        f'--token: expected a file that can be read, got "{absent}" (no such file or directory)'
    )
    assert (
        told(config=str(tmp_path)) == f'--config: expected a file that can be read, got "{tmp_path}" (is a directory)'
    )
    assert told(config=str(wrong)) == f'--config: expected text in UTF-8, got other bytes at 2 of "{wrong}"'
    assert told(config="a\0b") == '--config: expected a file that can be read, got "a\0b" (embedded null byte)'


def test_mistakes_in_the_file_are_told_with_its_name_and_line(tmp_path: Path) -> None:
    file = tmp_path / "pvws.yaml"
    file.write_text("websocket:\n  limits:\n    max_connection: 5\n")
    assert told(config=str(file)) == (
        f"{file}:3:5: websocket.limits: expected one of max_connections, max_message_size, messages_per_second, "
        'retry_after, connections_per_address, got "max_connection" (did you mean "max_connections"?)'
    )
