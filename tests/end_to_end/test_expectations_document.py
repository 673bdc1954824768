"""docs/expectations.md: its scripts are scripts, what it shows is what is said, and no kind is left out."""

import re
from pathlib import Path

import pytest

from pvws.scenario.expectations import EXPECTATIONS
from pvws.scenario.loader import load
from pvws.testing.judging.facts import Fact, Landmark, ToldToGo
from pvws.testing.judging.judge import judge
from tests.support.evidence import MS, at, comes, refused, sent_away
from tests.support.snippets import texts
from tests.support.staged import story

DOCUMENT = (Path(__file__).parents[2] / "docs" / "expectations.md").read_text(encoding="utf-8")


SCRIPTS = texts("docs/expectations.md", "yaml")
(SHOWN,) = texts("docs/expectations.md", "text")
(CODE,) = texts("docs/expectations.md", "python")


def test_every_script_can_be_read() -> None:
    for script in SCRIPTS:
        assert load(script, "expectations.md").expect


def test_every_kind_has_a_chapter_and_no_other_does() -> None:
    chapters = re.findall(r"^### (.*)$", DOCUMENT, re.MULTILINE)
    assert chapters == list(EXPECTATIONS) or sorted(chapters) == sorted(EXPECTATIONS)


def test_the_failure_that_is_shown_is_what_is_said() -> None:
    expected = load(SCRIPTS[0], "expectations.md").expect[2]
    told = at(5_000, ToldToGo, code=1012, reason="restart")
    closed, ended = sent_away(5_001)[1:]
    evidence: list[Fact] = [*comes(210)]
    evidence += [type(fact)(real=fact.real + 4 * MS, client=1, topic="alerts") for fact in comes(210, 1, "alerts")[2:]]
    evidence += [
        at(5_000, Landmark, 0, name="disconnect"),
        told,
        closed,
        type(ended)(real=5_002 * MS, client=1, how="closed"),
    ]
    for number, ms in ((2, 5_005), (3, 5_009), (4, 5_013)):
        evidence += refused(ms, number)
    (found,) = judge([expected], evidence, 60_000 * MS)
    assert "\n".join(found.lines) + "\n" == SHOWN


async def test_the_python_on_the_page_prints_what_is_judged(capsys: pytest.CaptureFixture[str]) -> None:
    stage, scenario = story(), load(SCRIPTS[0], "expectations.md")
    exec(CODE, {"stage": stage, "scenario": scenario})  # the page is ours
    said = capsys.readouterr().out
    assert said.count("not judged: ") == len(scenario.expect), "nobody has come"
