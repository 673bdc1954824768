from pathlib import Path

import pytest

from pvws.cli.reaching import TOKEN_VARIABLE, secret, token_for, trust
from pvws.errors import InputError


def test_a_token_is_what_was_given_or_stands_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("# ours\n\n  abc \n", encoding="utf-8")
    assert [secret("--token", text) for text in (None, "t", f"@{file}")] == [None, "t", "abc"]


def test_a_file_without_a_token_is_told(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("# none\n", encoding="utf-8")
    with pytest.raises(InputError, match="--token: expected a file with a token in it"):
        secret("--token", f"@{file}")


def test_a_certificate_is_trusted_only_where_there_is_tls(tmp_path: Path) -> None:
    assert trust("ws://localhost/ws", None) is None
    assert trust("wss://localhost/ws", None) is not None
    with pytest.raises(InputError, match="--ca: expected none beside a URL without TLS"):
        trust("ws://localhost/ws", "ca.pem")
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    with pytest.raises(InputError, match="--ca: expected a file with a certificate in PEM"):
        trust("wss://localhost/ws", str(tmp_path / "ca.pem"))


def test_the_environment_has_the_token_that_is_given_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "abc")
    assert token_for("ws://localhost/ws", None) == "abc"
    assert token_for("ws://localhost/ws", "other") == "other"
    assert token_for("ws://localhost/ws?token=own", None) is None
    monkeypatch.setenv(TOKEN_VARIABLE, "")
    assert token_for("ws://localhost/ws", None) is None
