from pvws.session.access import Grant, Token
from pvws.testing.verdict import Outcome
from pvws.wire.topics import Topic
from tests.testing.conftest import RightServer
from tests.testing.rulings import SHORT, assert_holds, judged, with_outcome


async def test_every_rule_of_the_section_holds_of_a_right_server_with_tokens(right_server: RightServer) -> None:
    async with right_server(times=SHORT, token="sesame") as target:
        await assert_holds(target, "authentication", but=["none-configured", "topics"])


async def test_a_bad_token_may_be_named(right_server: RightServer) -> None:
    async with right_server(times=SHORT, token="sesame", bad_token="open") as target:
        await assert_holds(target, "authentication", but=["none-configured", "topics"])


async def test_without_a_token_nothing_but_its_absence_is_judged(right_server: RightServer) -> None:
    async with right_server(quick=True) as target:
        verdicts = await judged(target, ["authentication"])
    assert with_outcome(verdicts, Outcome.HELD) == {"authentication.none-configured"}
    assert verdicts["authentication.query"].why == "needs --token, and a server that asks for it"


async def test_a_good_token_that_is_called_bad_is_a_failure_and_not_told(right_server: RightServer) -> None:
    async with right_server(token="sesame", bad_token="sesame", quick=True) as target:
        verdicts = await judged(target, ids=["authentication.wrong-message"])
    (verdict,) = verdicts.values()
    assert verdict.outcome is Outcome.FAILED
    assert "sesame" not in str(verdict)


async def test_topics_that_a_token_does_not_permit_are_judged(right_server: RightServer) -> None:
    tokens = (Token("sesame", Grant(frozenset({Topic.ALERTS}))),)
    async with right_server(token="sesame", tokens=tokens) as target:
        verdicts = await judged(target, ids=["authentication.topics"])
    assert verdicts["authentication.topics"].outcome is Outcome.HELD
