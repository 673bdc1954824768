from pvws.session.access import Access, Grant, Token
from pvws.wire.topics import TOPICS, Topic


def test_without_tokens_none_is_required() -> None:
    assert not Access().required
    assert Access((Token("a"),)).required


def test_a_right_token_gives_its_grant_and_a_wrong_one_none() -> None:
    only_alerts = Grant(frozenset({Topic.ALERTS}))
    access = Access((Token("a"), Token("b", only_alerts)))
    assert access.judge("a", 0) == Grant(frozenset(TOPICS))
    assert access.judge("b", 0) == only_alerts
    for wrong in ("", "A", "ab", "a ", "\ud800", "ä"):
        assert access.judge(wrong, 0) is None


def test_a_token_holds_until_the_instant_it_expires() -> None:
    access = Access((Token("a", Grant(expires=10)),))
    assert access.judge("a", 9) is not None
    assert access.judge("a", 10) is None


def test_a_token_shows_nowhere() -> None:
    assert "secret" not in repr(Token("secret")) + str(Token("secret")) + repr([Token("secret")])
