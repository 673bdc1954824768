import json
import re
from xml.etree import ElementTree

from msgspec import structs

from pvws.terminal.spans import plain
from pvws.testing.exam.case import Part
from pvws.testing.exam.catalogue import CASES
from pvws.testing.exam.finding import Card, Finding, unexamined
from pvws.testing.exam.report import badge, badge_line, document, lines, suites
from pvws.testing.junit import junit_xml
from pvws.testing.verdict import Outcome

PART = Part("connects", Outcome.FAILED, lines=("failed: connects", "  the client: expected a; found b", "    0.1 s  c"))
HELD = Finding(case=CASES["contract.subscribes"], outcome=Outcome.HELD, seconds=0.25)
FAILED = Finding(
    case=CASES["reconnect.jitter"],
    outcome=Outcome.FAILED,
    parts=[PART],
    ended="exited with 1 by itself",
    output=["Error: \x1b[31mno"],
    seconds=3.0,
    trials=2,
)
UNJUDGED = Finding(case=CASES["reconnect.flapping"], outcome=Outcome.NOT_JUDGED, why="it slept", seconds=1.0)
CARD = Card(command=("node", "a b.js"), findings=[HELD, FAILED, UNJUDGED], seconds=4.5)
REFUSAL = structs.replace(FAILED, case=CASES["contract.subscribes"], trials=1)
BLANK = Card(command=("node",), findings=[unexamined(CASES["load.burst"], "it never came")], refusal=REFUSAL)


def text(card: Card) -> list[str]:
    return [plain(pieces) for pieces in lines(card)]


def test_the_table_has_a_line_a_case_and_what_is_wrong_behind_it() -> None:
    told = text(CARD)
    assert told[0] == "contract  1 of 1"
    assert told[1] == "  ✓ contract.subscribes    0.2 s  It connects and subscribes to a topic within 10 s."
    assert told[2] == "reconnect  0 of 2"
    assert told[3].startswith("  ✗ reconnect.jitter       3.0 s  Chance has a part")
    assert told[4:13] == [
        "      failed: connects",
        "        the client: expected a; found b",
        "          0.1 s  c",
        "      the command exited with 1 by itself",
        told[8],
        "      tried 2 times",
        "      written  RFC 6455, section 7.2.3: a random amount of time",
        "      again    pvws check client --case reconnect.jitter -- node 'a b.js'",
        told[12],
    ]
    assert told[8].startswith("      | Error: ")
    assert told[12].startswith("  – reconnect.flapping")
    assert "      not judged: it slept" in told
    assert told[-2] == "1 of 3 cases held, 1 failed, 1 not judged  (4.5 s)"
    assert told[-1] == badge_line(CARD)


def test_what_was_interrupted_is_no_whole_report_and_has_no_badge() -> None:
    told = text(Card(command=("node",), findings=[HELD, FAILED], interrupted=True))
    assert told[-1] == "interrupted: 2 cases tried, 1 held, 1 failed, 0 not judged"
    assert "      failed: connects" in told


def test_who_could_not_be_examined_is_told_once_why() -> None:
    told = text(BLANK)
    assert told[1].startswith("  – load.burst ")
    assert told[3:7] == [
        "nothing was judged: the command has not connected and subscribed to a topic",
        "  it is given the URL in PVWS_URL and PEERVAULT_WS_URL, and in place of {url} in its arguments",
        "      failed: connects",
        "        the client: expected a; found b",
    ]
    assert "      the command exited with 1 by itself" in told
    both = structs.replace(BLANK, findings=[REFUSAL, *BLANK.findings])
    assert sum(line == "      failed: connects" for line in text(both)) == 1


def test_a_program_gets_the_same() -> None:
    told = document(CARD)
    assert json.loads(json.dumps(told)) == told
    assert told["totals"] == {"cases": 3, "held": 1, "failed": 1, "not_judged": 1}
    assert (told["admitted"], told["passed"], told["command"]) == (True, False, ["node", "a b.js"])
    first, second, _ = told["cases"]
    assert first.keys() == {"id", "suite", "purpose", "reference", "outcome", "seconds", "trials", "expected"}
    assert second["why"] == "the client: expected a; found b"
    assert second["evidence"] == list(PART.lines)
    assert second["again"].startswith("pvws check client --case reconnect.jitter -- ")


def test_a_ci_shows_what_has_not_held() -> None:
    root = ElementTree.fromstring(junit_xml("exam", suites(CARD)))
    assert [(suite.get("name"), suite.get("failures"), suite.get("errors")) for suite in root] == [
        ("contract", "0", "0"),
        ("reconnect", "1", "1"),
    ]
    failure, error = root.find(".//failure"), root.find(".//error")
    assert failure is not None
    assert error is not None
    assert failure.get("message") == "the client: expected a; found b"
    assert "again: pvws check client" in (failure.text or "")
    assert error.get("message") == "it slept"


def test_a_badge_says_how_many_have_held() -> None:
    assert badge(CARD) == {
        "schemaVersion": 1,
        "label": "pvws exam",
        "message": "1 of 3",
        "color": "red",
        "isError": True,
    }
    colours = [
        badge(Card(command=(), findings=[HELD] * held + [FAILED] * failed))["color"]
        for held, failed in ((5, 0), (8, 2), (7, 3))
    ]
    assert colours == ["brightgreen", "yellow", "red"]
    assert (badge(BLANK)["message"], badge(BLANK)["color"]) == ("not examined", "lightgrey")
    assert badge_line(CARD) == "![pvws exam: 1 of 3](https://img.shields.io/badge/pvws%20exam-1%20of%203-red)"
    assert re.fullmatch(r"!\[[^]]+\]\(https://\S+\)", badge_line(structs.replace(BLANK)))
