"""docs/exam.md: its tables are those of the cases, and what it shows is what is said."""

import re
import sys
from threading import Thread

import pytest

from pvws.terminal.spans import plain
from pvws.testing.exam.case import Part
from pvws.testing.exam.catalogue import CASES, SUITES
from pvws.testing.exam.finding import Card, Finding
from pvws.testing.exam.report import lines
from pvws.testing.judging.facts import Fact, Knocked, Opened, Sent, Subscribed
from pvws.testing.judging.judge import judge
from pvws.testing.verdict import Outcome
from tests.support.evidence import MS, at, sent_away
from tests.support.exam_document import DOCUMENT, PART, rendered
from tests.support.snippets import texts

TEXT = DOCUMENT.read_text(encoding="utf-8")
(SHOWN,) = re.findall(r"<!-- shown: failure -->\n```text\n(.*?)```", TEXT, re.DOTALL)
(CODE,) = texts("docs/exam.md", "python")
SUBSCRIBE = '{"type":"subscribe","topic":"alerts"}'


def test_the_tables_are_those_of_the_cases() -> None:
    assert rendered(TEXT) == TEXT, "run `make reference`"
    assert [match["name"] for match in PART.finditer(TEXT)] == ["count", *SUITES]
    assert re.findall(r"^### (.*)$", TEXT, re.MULTILINE) == list(SUITES)


def test_the_failure_that_is_shown_is_what_is_said() -> None:
    (told, *_), (_, *closed) = sent_away(729), sent_away(730)
    evidence: list[Fact] = [
        at(126, Knocked),
        at(127, Opened),
        at(128, Sent, type="subscribe", size=len(SUBSCRIBE), text=SUBSCRIBE),
        at(128, Subscribed, topic="alerts"),
        told,
        *closed,
        at(1_231, Knocked, 2),
        at(1_231, Opened, 2),
    ]
    case = CASES["reconnect.resubscribes"]
    (verdict,) = judge(case.scenario().expect, evidence, 60_000 * MS)
    finding = Finding(
        case=case,
        outcome=Outcome.FAILED,
        parts=[Part.of(verdict)],
        ended="was ended by SIGTERM when it was asked to end",
        seconds=11.5,
    )
    card = Card(command=("node", "my-client.js"), findings=[finding], seconds=11.9)
    assert "\n".join(map(plain, list(lines(card))[:-1])) + "\n" == SHOWN


def test_the_python_on_the_page_tells_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    """As it stands there, but for the client, which ends at once, and the cases: one that needs no more of it."""
    code = CODE.replace('["node", "my-client.js"]', "COMMAND").replace('chosen(["reconnect"])', "chosen(ids=CASES)")
    command, cases = [sys.executable, "-c", ""], ["security.token-not-printed"]
    thread = Thread(target=exec, args=[code, {"COMMAND": command, "CASES": cases}])  # it has an event loop of its own
    thread.start()
    thread.join(40)
    assert capsys.readouterr().out.startswith("security.token-not-printed ")
