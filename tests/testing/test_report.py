from pvws.testing.report import Report
from pvws.testing.target import Target
from pvws.testing.verdict import Outcome, Verdict

VERDICTS = [
    Verdict("messages.ping-pong", Outcome.HELD),
    Verdict("messages.binary", Outcome.NOT_JUDGED, why="a reason"),
    Verdict("errors.empty", Outcome.FAILED, "text", "an error", "AUTH_FAILED"),
    Verdict("errors.shape", Outcome.FAILED, "text", "an error", "nothing"),
]


def report(*known: str, token: str | None = None) -> Report:
    return Report(Target("ws://h/ws", token=token), "ws://h/ws", VERDICTS, frozenset(known))


def text(of: Report) -> str:
    return "\n".join("".join(piece for piece, _ in line).rstrip() for line in of.lines())


def test_a_report_has_a_line_a_rule_and_says_what_went_wrong() -> None:
    assert text(report("errors.shape", "messages.ping-pong")) == (
        "messages\n"
        '  ✓ messages.ping-pong  `ping` is answered by `{"type":"pong","timestamp","clientId"}`; '
        "`clientId` is 32 lower-case hex digits.\n"
        "  – messages.binary  A client message is a text or a binary frame holding UTF-8 JSON.\n"
        "      not judged: a reason\n"
        "errors\n"
        "  ✗ errors.empty  An empty message is no JSON: `INVALID_MESSAGE`; the connection stays open.\n"
        "      sent     text\n"
        "      expected an error\n"
        "      received AUTH_FAILED\n"
        '      source   contract, "Client messages"\n'
        '  ✗ errors.shape  An error is `{"type":"error","data":{"code","message"},"timestamp"}`; '
        "`retryAfter` only for rate limits.\n"
        "      a known deviation\n"
        "      sent     text\n"
        "      expected an error\n"
        "      received nothing\n"
        '      source   API documentation, "Error Handling"\n'
        "\n"
        "1 rules held, 1 failed, 1 known deviations, 1 not judged\n"
        "messages.ping-pong holds now: take it off the baseline\n"
        "The server asks for a token: give it one with --token @FILE, or in PVWS_TOKEN."
    )


def test_only_what_no_baseline_knew_is_a_new_failure() -> None:
    assert [verdict.rule for verdict in report("errors.shape").new_failures] == ["errors.empty"]
    assert report("errors.shape").mended == []


def test_with_a_token_none_is_asked_for() -> None:
    assert "--token" not in text(report(token="t"))


def test_its_suites_are_sections_and_its_cases_rules() -> None:
    messages, errors = report("errors.shape").suites()
    assert (messages.name, errors.name) == ("messages", "errors")
    cases = {case.name: case for case in (*messages.cases, *errors.cases)}
    assert cases["messages.ping-pong"].trouble is None
    assert (cases["messages.binary"].trouble, cases["messages.binary"].message) == ("skipped", "a reason")
    assert (cases["errors.shape"].trouble, cases["errors.shape"].message) == ("skipped", "a known deviation")
    failed = cases["errors.empty"]
    assert (failed.trouble, failed.message) == ("failure", "expected an error")
    assert failed.text.startswith("sent: text\nexpected: an error\nreceived: AUTH_FAILED\nrule: An empty message")


def test_the_document_says_the_same() -> None:
    document = report("errors.shape").document()
    assert document["totals"] == {"held": 1, "failed": 1, "known": 1, "not_judged": 1}
    held, unjudged, failed, known = document["rules"]
    assert (held["id"], held["section"], held["outcome"]) == ("messages.ping-pong", "messages", "held")
    assert (unjudged["outcome"], unjudged["why"]) == ("not judged", "a reason")
    assert (failed["sent"], failed["expected"], failed["received"], failed["known"]) == (
        "text",
        "an error",
        "AUTH_FAILED",
        False,
    )
    assert known["known"] is True
