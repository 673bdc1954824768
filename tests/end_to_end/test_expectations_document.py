"""docs/expectations.md: its scripts are scripts, what it shows is what is said, and no kind is left out."""

import re
from pathlib import Path

from pvws.scenario.expectations import EXPECTATIONS
from pvws.scenario.loader import load
from pvws.testing.judging.facts import Fact, Landmark, ToldToGo
from pvws.testing.judging.judge import judge
from tests.support.evidence import MS, at, comes, refused, sent_away

DOCUMENT = (Path(__file__).parents[2] / "docs" / "expectations.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)


def test_every_script_can_be_read() -> None:
    assert blocks("yaml")
    for script in blocks("yaml"):
        assert load(script, "expectations.md").expect


def test_every_kind_has_a_chapter_and_no_other_does() -> None:
    chapters = re.findall(r"^### (.*)$", DOCUMENT, re.MULTILINE)
    assert chapters == list(EXPECTATIONS) or sorted(chapters) == sorted(EXPECTATIONS)


def test_the_failure_that_is_shown_is_what_is_said() -> None:
    expected = load(blocks("yaml")[0], "expectations.md").expect[2]
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
    assert "\n".join(found.lines) + "\n" == blocks("text")[0]
