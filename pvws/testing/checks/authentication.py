"""Tokens: three ways to present one, and what a wrong one, or none, comes to."""

import secrets

from pvws.testing.rule import Dialogue, Section
from pvws.testing.talk import Talk
from pvws.testing.visit import Visit
from pvws.wire.messages import SENTENCES, ErrorCode
from pvws.wire.topics import TOPICS

__all__ = ["SECTION"]

SECTION = Section("authentication", profile="documented")
"""`authentication.…`"""

_AUTHENTICATION = 'contract, "Authentication"'
_WAYS = 'API documentation, "Authentication"'
_FAILED = ErrorCode.AUTH_FAILED
_PING = '{"type":"ping"}'
_MADE_UP = f"made-up-{secrets.token_hex(8)}"  # anew each run: nobody can have it configured


def _token(visit: Visit) -> str:
    if visit.target.token is None:
        raise visit.unjudged("needs --token, and a server that asks for it")
    return visit.target.token


def _bad_token(visit: Visit) -> str:
    _token(visit)
    return visit.target.bad_token or _MADE_UP


def _auth(token: str, kind: str = "auth") -> str:
    return f'{{"type":"{kind}","data":{{"token":"{token}"}}}}'


@SECTION.rule("none-configured", _AUTHENTICATION)
async def _none_configured(visit: Visit) -> None:
    """No tokens configured: everyone may do everything, a presented token is ignored."""
    if visit.target.token is not None:
        raise visit.unjudged("the server asks for tokens")
    await (await visit.open()).fence()
    await (await visit.open(visit.target.with_query("token=any"))).fence()
    await (await visit.open(Authorization="Bearer any")).fence()


@SECTION.rule("query", _WAYS)
async def _query(visit: Visit) -> None:
    """Connections can be authenticated using query parameters: `?token=your_token`."""
    target = visit.target.with_query(f"token={_token(visit)}")
    await (await visit.open(target, Authorization=None)).fence()


@SECTION.rule("header", _WAYS)
async def _header(visit: Visit) -> None:
    """Connections can be authenticated using headers: `Authorization: Bearer your_token`."""
    await (await visit.open(Authorization=f"Bearer {_token(visit)}")).fence()


async def _by_message(visit: Visit, kind: str) -> None:
    token = _token(visit)
    talk = await visit.open(Authorization=None)
    talk.say(_auth(token, kind))
    await talk.fence()


@SECTION.rule("message", _WAYS)
async def _message(visit: Visit) -> None:
    """Connections can be authenticated using an `auth` message after connection; no reply on success."""
    await _by_message(visit, "auth")


@SECTION.rule("connection-init", 'contract, "Client messages"')
async def _connection_init(visit: Visit) -> None:
    """`connection_init` with `data.token` means the same as `auth`."""
    await _by_message(visit, "connection_init")


async def _shut_out(talk: Talk) -> None:
    await talk.error(_FAILED)
    await talk.close(1008)
    await talk.end()


async def _refused(visit: Visit, target: str | None = None, **changes: str | None) -> None:
    """Hold the server to letting nobody in: by message, or by HTTP 401 if it is configured so."""
    talk = await visit.connect()
    answer = await talk.handshake(target, **changes)
    talk.expect(answer.status in (101, 401), "101, then AUTH_FAILED; or 401", answer)
    if answer.status == 101:
        await _shut_out(talk)


@SECTION.rule("wrong-query", _AUTHENTICATION)
async def _wrong_query(visit: Visit) -> None:
    """A wrong token in the query: `AUTH_FAILED` and close 1008, or HTTP 401."""
    await _refused(visit, visit.target.with_query(f"token={_bad_token(visit)}"), Authorization=None)


@SECTION.rule("wrong-header", _AUTHENTICATION)
async def _wrong_header(visit: Visit) -> None:
    """A wrong token in the header: `AUTH_FAILED` and close 1008, or HTTP 401."""
    await _refused(visit, Authorization=f"Bearer {_bad_token(visit)}")


@SECTION.rule("wrong-message", _AUTHENTICATION)
async def _wrong_message(visit: Visit) -> None:
    """A wrong token in an `auth` message: `AUTH_FAILED` and close 1008."""
    token = _bad_token(visit)
    talk = await visit.open(Authorization=None)
    talk.say(_auth(token))
    await _shut_out(talk)


def _before_token(text: str) -> Dialogue:
    async def dialogue(visit: Visit) -> None:
        _token(visit)
        talk = await visit.open(Authorization=None)
        talk.say(text)
        await _shut_out(talk)

    return dialogue


for _name, _text in (
    ("nothing-ping", _PING),
    ("nothing-subscribe", '{"type":"subscribe","topic":"alerts"}'),
    ("nothing-junk", "hello"),
):
    SECTION.add(
        _name,
        _AUTHENTICATION,
        f"None presented: the client may only send `auth`; `{_text}` is answered by `AUTH_FAILED` and close 1008.",
        _before_token(_text),
    )


@SECTION.rule("nothing-timeout", _AUTHENTICATION, slow=True)
async def _nothing_timeout(visit: Visit) -> None:
    """None presented: `auth` must come within 10 s; their end is answered by `AUTH_FAILED` and close 1008."""
    _token(visit)
    talk = await visit.open(Authorization=None)
    within = visit.target.auth_timeout
    await talk.quiet(f"nothing before {within:g} s are over", 0.8 * within)
    expected = f"AUTH_FAILED after {within:g} s"
    error = await talk.reply(expected, 0.3 * within + visit.target.patience)
    talk.expect(str(error.get("data", {})).find(_FAILED) >= 0, expected, error)
    await talk.close(1008)


@SECTION.rule("query-first", _AUTHENTICATION)
async def _query_first(visit: Visit) -> None:
    """The first way present is judged: a wrong token in the query isn't rescued by a right one in the header."""
    wrong = visit.target.with_query(f"token={_bad_token(visit)}")
    await _refused(visit, wrong, Authorization=f"Bearer {_token(visit)}")


@SECTION.rule("query-alone", _AUTHENTICATION)
async def _query_alone(visit: Visit) -> None:
    """The first way present is judged: with a right token in the query a wrong one in the header isn't looked at."""
    target = visit.target.with_query(f"token={_token(visit)}")
    await (await visit.open(target, Authorization=f"Bearer {_bad_token(visit)}")).fence()


@SECTION.rule("again", _AUTHENTICATION)
async def _again(visit: Visit) -> None:
    """A further `auth` replaces the token if it is right."""
    talk = await visit.open(Authorization=f"Bearer {_token(visit)}")
    talk.say(_auth(_token(visit)))
    await talk.fence()


@SECTION.rule("sentence", 'API documentation, "Authentication Failed"')
async def _sentence(visit: Visit) -> None:
    """`AUTH_FAILED` has the documented sentence, and never quotes a token."""
    token = _bad_token(visit)
    talk = await visit.open(Authorization=None)
    talk.say(_auth(token))
    error = await talk.error(_FAILED)
    message = str(error["data"].get("message"))
    talk.expect(message.startswith(SENTENCES[_FAILED]), f"the sentence “{SENTENCES[_FAILED]}”", error)
    talk.expect(token not in str(error), "an error without the token in it", error)


@SECTION.rule("topics", 'contract, "Client messages"')
async def _topics(visit: Visit) -> None:
    """A topic that the client's token does not permit: `AUTH_FAILED`, the connection stays open."""
    _token(visit)
    talk = await visit.open()
    for topic in TOPICS:
        talk.say(f'{{"type":"subscribe","topic":"{topic}"}}')
    talk.say(_PING)
    replies = []
    while (reply := await talk.reply("AUTH_FAILED or a pong")).get("type") != "pong":
        replies.append(reply)
    if not replies:
        raise visit.unjudged("the token permits every topic")
    for reply in replies:
        data = reply.get("data")
        right = isinstance(data, dict) and data.get("code") == _FAILED
        talk.expect(right, "AUTH_FAILED for topics that the token does not permit", reply)
