from pvws.scenario.expectations import Connects
from pvws.testing.exam.case import Case, Part
from pvws.testing.judging.verdict import Verdict
from pvws.testing.verdict import Outcome

CASE = Case(
    id="made.up",
    purpose="It is: “made up”.",
    reference="nowhere",
    settings="timeouts: {ping_period: 400ms}\nauth: {tokens: [secret]}",
    script="duration: 1s\nexpect:\n  - {client: connects}\n",
)


def test_a_case_is_a_script_and_a_configuration_that_anybody_can_read() -> None:
    scenario, configuration = CASE.scenario(), CASE.configuration()
    assert (CASE.suite, scenario.scenario, scenario.description) == ("made", "made.up", "It is: “made up”.")
    assert scenario.expect == [Connects()]
    assert configuration.timeouts.ping_period == 400_000
    assert [token.token for token in configuration.auth.tokens] == ["secret"]
    assert (configuration.host, configuration.port) == ("127.0.0.1", 0)
    assert CASE.configuration_text.startswith("websocket:\n  timeouts:")


def test_without_settings_the_server_is_as_ever() -> None:
    case = Case(id="made.up", purpose="", reference="", script="duration: 1s\n")
    assert case.configuration_text == ""
    assert case.configuration().timeouts.ping_period == 54_000_000


def test_what_the_judge_says_is_a_part() -> None:
    part = Part.of(Verdict(Connects(), Outcome.NOT_JUDGED, "nobody has connected"))
    assert (part.title, part.outcome, part.why) == ("connects", Outcome.NOT_JUDGED, "nobody has connected")
    assert part.lines == ("not judged: connects (nobody has connected)",)
