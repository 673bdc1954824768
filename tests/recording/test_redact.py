"""No secret gets into a recording, and nothing but the secret is changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.recording.format import Entry, Header, Mark, Message, Open
from pvws.recording.redact import Redactor, redacted_url
from tests.recording import entries as drawn

SECRET = "s3cr3t"


def redacted(text: str, *paths: str, tokens: bool = True) -> str:
    entry = Redactor(paths, tokens=tokens).entry(Message(0, "send", text.encode()))
    assert isinstance(entry, Message)
    return entry.data.decode()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('{"type":"auth","data":{"token":"s3cr3t"}}', '{"type":"auth","data":{"token":"REDACTED"}}'),
        (
            '{ "type" : "connection_init", "data" : { "x":1.0, "token" : "s3cr3t" } }',
            '{ "type" : "connection_init", "data" : { "x":1.0, "token" : "REDACTED" } }',
        ),
        ('{"token":"s3cr3t","type":"auth"}', '{"token":"REDACTED","type":"auth"}'),
        ('{"TYPE":"auth","data":{"Token":["s3cr3t"]}}', '{"TYPE":"auth","data":{"Token":"REDACTED"}}'),
        ('{"data":{"token":"s3cr3t","token":"s3cr3t"}}', '{"data":{"token":"REDACTED","token":"REDACTED"}}'),
        (r'{"data":{"t\u006fken":"s3cr3t"}}', r'{"data":{"t\u006fken":"REDACTED"}}'),
        ('{"data":{"token":"s3cr', '{"data":{"token":"REDACTED"'),
        ('{"data":{"Authorization":"Bearer s3cr3t"}}', '{"data":{"Authorization":"REDACTED"}}'),
        ('{"a":1}\n{"token":5}', '{"a":1}\n{"token":"REDACTED"}'),
    ],
)
def test_a_token_in_a_message_is_replaced_and_nothing_else(text: str, left: str) -> None:
    assert redacted(text) == left
    assert redacted(text, tokens=False) == text


@pytest.mark.parametrize(
    "text", ['{"type":"subscribe","topic":"alerts"}', '{"message":"no token in it"}', "token", "[]"]
)
def test_a_message_without_a_token_is_the_same_object(text: str) -> None:
    message = Message(0, "recv", text.encode())
    assert Redactor().entry(message) is message


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("data.key", '{"data":{"key":"REDACTED","tags":["a","b"],"in":[{"id":1},{"id":2}]}}'),
        ("$.data.tags", '{"data":{"key":"k","tags":"REDACTED","in":[{"id":1},{"id":2}]}}'),
        ("data.tags[]", '{"data":{"key":"k","tags":["REDACTED","REDACTED"],"in":[{"id":1},{"id":2}]}}'),
        ("data.tags[1]", '{"data":{"key":"k","tags":["a","REDACTED"],"in":[{"id":1},{"id":2}]}}'),
        ("*.in[*].id", '{"data":{"key":"k","tags":["a","b"],"in":[{"id":"REDACTED"},{"id":"REDACTED"}]}}'),
        ("data", '{"data":"REDACTED"}'),
        ("key", '{"data":{"key":"k","tags":["a","b"],"in":[{"id":1},{"id":2}]}}'),
    ],
)
def test_further_values_are_named_by_their_paths(path: str, left: str) -> None:
    text = '{"data":{"key":"k","tags":["a","b"],"in":[{"id":1},{"id":2}]}}'
    assert redacted(text, path) == left


@pytest.mark.parametrize("path", ["", ".", "a.", "a..b", "[0]", "a[x]", "a[", "$", "a]b"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r'^a path within messages such as "data\.key"'):
        Redactor([path])


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("ws://h/ws?token=s3cr3t", "ws://h/ws?token=REDACTED"),
        ("ws://h/ws?world=a&Token=s3cr3t&x=1#f", "ws://h/ws?world=a&Token=REDACTED&x=1#f"),
        ("wss://me:s3cr3t@h:1/ws", "wss://REDACTED@h:1/ws"),
        ("ws://h/ws?tokens=3", "ws://h/ws?tokens=3"),
        ("ws://h/a@b", "ws://h/a@b"),
    ],
)
def test_a_url_keeps_all_but_its_secrets(url: str, left: str) -> None:
    assert redacted_url(url) == left
    assert Redactor().header(Header(url=url)) == Header(url=left, redacted=("tokens",))


def test_credentials_in_a_handshake_are_replaced() -> None:
    request = (("Host", "h"), ("authorization", "Bearer s3cr3t"), ("Cookie", "s3cr3t"))
    opened = Open(0, url="ws://h/?token=s3cr3t", request=request, response=(("Set-Cookie", "s3cr3t"),))
    entry = Redactor().entry(opened)
    assert SECRET not in repr(entry)
    assert isinstance(entry, Open)
    assert entry.request[0] == ("Host", "h")
    assert Redactor(tokens=False).entry(opened) is opened


def test_the_header_says_what_was_redacted_each_once() -> None:
    redactor = Redactor(["data.key"])
    header = redactor.header(Header())
    assert header.redacted == ("tokens", "data.key")
    assert redactor.header(header) == header


def test_frames_end_where_they_ended_and_still_add_up() -> None:
    data = b'{"type":"auth","data":{"token":"s3cr3t"},"more":1}'
    message = Message(0, "send", data, fragments=(10, 25, 0, len(data) - 35))
    entry = Redactor().entry(message)
    assert isinstance(entry, Message)
    assert entry.fragments is not None
    assert sum(entry.fragments) == len(entry.data)
    assert entry.fragments[0] == 10
    assert entry.data[-len(b',"more":1}') :] == b',"more":1}'


@given(drawn.entries, st.booleans())
def test_any_entry_can_be_redacted_and_again_without_a_change(entry: Entry, tokens: bool) -> None:
    redactor = Redactor(["*"], tokens=tokens)
    once = redactor.entry(entry)
    assert type(once) is type(entry)
    assert redactor.entry(once) == once
    if isinstance(once, Message) and once.fragments is not None:
        assert sum(once.fragments) == len(once.data)
    assert redactor.entry(Mark(0, "token")) == Mark(0, "token")


@given(st.text(alphabet='{}[]:,"\\abtoken1 \n', max_size=40))
def test_a_secret_behind_a_token_is_gone_whatever_stands_around_it(around: str) -> None:
    assert SECRET not in redacted('{"token":"' + SECRET + '"}' + around)
