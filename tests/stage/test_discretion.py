import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.stage.discretion import discreet


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ('{"type":"ping"}', '{"type":"ping"}'),
        ('{"type":"auth","data":{"token":"s3cret"}}', '{"type":"auth","data":{"token":"…"}}'),
        ('{"Token":"s3cret"}', '{"Token":"…"}'),
        ('{"\\u0074oken":"s3cret"}', '{"token":"…"}'),
        ('[{"token":["s3cret"]}]', '[{"token":"…"}]'),
        ("token s3cret", "…"),
        (b'{"type":"ping"}', '{"type":"ping"}'),
        (b"\xff", ""),
    ],
)
def test_all_is_kept_but_tokens(message: str | bytes, kept: str) -> None:
    assert discreet(message) == kept


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=8))
def test_no_token_comes_through(token: str) -> None:
    assert token not in discreet(json.dumps({"type": "auth", "data": {"token": token}}))


@given(st.text() | st.binary())
def test_nothing_breaks_it(message: str | bytes) -> None:
    discreet(message)
