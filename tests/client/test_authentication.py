import json
from typing import Any

import pytest

from pvws.client.authentication import WAYS, Credentials, Presented, Way
from pvws.client.errors import AuthenticationError
from pvws.errors import InputError

URL = "ws://h/ws"
SECRET = "s3cret"


async def test_each_way_presents_the_token_in_its_place() -> None:
    assert await Credentials(URL, SECRET, "header").present() == Presented(
        URL, {"Authorization": "Bearer s3cret"}, None
    )
    assert await Credentials(URL, SECRET, "query").present() == Presented(f"{URL}?token=s3cret", {}, None)
    url, headers, message = await Credentials(URL, SECRET, "message").present()
    assert (url, headers, json.loads(message or "")) == (URL, {}, {"type": "auth", "data": {"token": SECRET}})


@pytest.mark.parametrize("way", WAYS)
async def test_without_a_token_nothing_is_presented(way: Way) -> None:
    assert await Credentials(URL, None, way).present() == Presented(URL, {}, None)


@pytest.mark.parametrize(
    ("url", "with_token"),
    [
        ("ws://h/ws?world=w", "ws://h/ws?world=w&token=a%26b%20%C3%A4"),
        ("ws://h/ws?", "ws://h/ws?token=a%26b%20%C3%A4"),
        ("ws://h", "ws://h?token=a%26b%20%C3%A4"),
    ],
)
async def test_a_token_in_the_query_is_quoted_and_goes_behind_what_is_there(url: str, with_token: str) -> None:
    assert (await Credentials(url, "a&b ä", "query").present()).url == with_token


async def test_a_function_is_asked_for_each_connection_and_may_be_a_coroutines() -> None:
    tokens = iter(["one", "two", "three"])

    async def later() -> str:
        return next(tokens)

    credentials = Credentials(URL, lambda: next(tokens), "query")
    assert (await credentials.present()).url.endswith("token=one")
    assert (await credentials.present()).url.endswith("token=two")
    assert (await Credentials(URL, later, "query").present()).url.endswith("token=three")


def test_a_token_that_was_refused_ends_it_at_once() -> None:
    error = Credentials(URL, SECRET, "header").refused()
    assert isinstance(error, AuthenticationError)
    assert str(error).startswith(f"{URL}: the server refuses the token\nCheck the token")
    assert SECRET not in str(error)


def test_without_a_token_it_is_said_that_one_is_asked_for() -> None:
    said = str(Credentials(URL, None, "header").refused())
    assert said.startswith(f"{URL}: the server asks for a token\nGive it one: --token T")
    in_url = Credentials(f"{URL}?token=s3cret", None, "header").refused()
    assert "the server refuses the token" in str(in_url)
    assert SECRET not in str(in_url)


async def test_a_function_may_give_another_token_once() -> None:
    tokens = iter(["expired", "fresh"])
    credentials = Credentials(URL, lambda: next(tokens), "header")
    await credentials.present()
    assert credentials.refused() is None
    assert (await credentials.present()).headers == {"Authorization": "Bearer fresh"}
    assert isinstance(credentials.refused("HTTP 401"), AuthenticationError)


async def test_a_function_that_gives_the_refused_token_again_is_not_believed() -> None:
    credentials = Credentials(URL, lambda: SECRET, "header")
    await credentials.present()
    assert credentials.refused() is None
    with pytest.raises(AuthenticationError):
        await credentials.present()


async def test_what_was_accepted_for_a_while_may_be_refused_again() -> None:
    numbers = iter(range(10))
    credentials = Credentials(URL, lambda: f"{next(numbers)}", "header")
    for _ in range(3):
        await credentials.present()
        assert credentials.refused() is None
        credentials.accepted()


@pytest.mark.parametrize("token", ["", "a\nb", "ä", " a", 7, "\ud800"])
def test_what_no_header_can_hold_is_said_and_never_quoted(token: Any) -> None:
    with pytest.raises(InputError) as caught:
        Credentials(URL, token, "header")
    assert str(caught.value).startswith("token: expected ")
    assert "a\nb" not in str(caught.value)
    assert "ä" not in str(caught.value)


async def test_what_a_function_gives_is_looked_at_as_well() -> None:
    given: Any = lambda: None  # noqa: E731
    with pytest.raises(InputError, match="token: expected a text, got a NoneType"):
        await Credentials(URL, given, "query").present()


def test_two_tokens_and_unknown_ways_are_mistakes() -> None:
    with pytest.raises(InputError, match="token: expected one token, got another one in the URL"):
        Credentials(f"{URL}?token=a", "b", "header")
    way: Any = "cookie"
    with pytest.raises(InputError, match='authenticate: expected one of header, query, message, got "cookie"'):
        Credentials(URL, "b", way)
