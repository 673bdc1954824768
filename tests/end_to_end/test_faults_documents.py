"""docs/faults.md is made from the faults that there are; the one in docs/writing-a-fault.md does what it says."""

import re
from collections import Counter
from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct, structs

from pvws.notation.document import parse
from pvws.notation.reader import Reader
from pvws.scenario.faults.chain import Chain
from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import written_as
from pvws.scenario.faults.message import Message
from pvws.scenario.faults.scope import Scope
from pvws.scenario.faults.spec import KINDS, SCOPE_KEYS, read_fault
from pvws.scenario.loader import load
from pvws.sim.chance import Stream
from tests.support.scenario_reference import FAULTS, rendered
from tests.support.snippets import texts
from tests.support.staged import listener, story, venue_of

TEXT = FAULTS.read_text(encoding="utf-8")
GUIDE = FAULTS.with_name("writing-a-fault.md").read_text(encoding="utf-8")
(CODE,) = texts("docs/faults.md", "python")
(WRITTEN,), (LISTED,) = texts("docs/writing-a-fault.md", "python"), texts("docs/writing-a-fault.md", "text")
(TYPED,) = texts("docs/dashboard.md", "text")


def test_the_reference_is_what_the_faults_give() -> None:
    assert rendered(TEXT) == TEXT, "run `make reference`"


@pytest.mark.parametrize("word", KINDS)
def test_every_fault_has_a_chapter_and_an_example_that_is_right(word: str) -> None:
    chapter = TEXT.partition(f"### `{word}`\n")[2].partition("\n##")[0]
    examples = re.findall(rf"`({word}: [^`]+)`", chapter)
    assert examples
    for text in examples:
        assert read_fault(text).kind == word


def test_every_key_of_the_scope_is_there_and_says_what_it_is() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|.*\| (.*) \|$", TEXT, re.MULTILINE)
    assert set(SCOPE_KEYS) <= {key for key, _ in rows}
    assert all(said for _, said in rows)


def test_the_scripts_on_the_page_are_right() -> None:
    for script in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL):
        load(script, "faults.md")


async def test_the_python_on_the_page_is_right() -> None:
    stage = story()
    exec(CODE, {"stage": stage})  # the page is ours
    assert stage.faults.active() == []
    assert [each.spec.kind for each in stage.faults.past] == ["drop"]


def written() -> Any:
    """The module that the guide writes."""
    module: dict[str, Any] = {"__name__": "shout"}
    exec(compile(WRITTEN, "shout.py", "exec"), module)  # the page is ours
    return module


def test_the_line_that_lists_it_is_one_of_a_list_of_faults() -> None:
    names = written() | {"Annotated": Annotated, "Meta": Meta, "Struct": Struct, "written_as": written_as}
    exec(f"class Kinds(Struct):\n{LISTED}", names)  # as it is done in the registry
    assert structs.fields(names["Kinds"])[0].name == "shout"


def test_the_fault_that_the_dashboard_s_page_has_typed_is_right() -> None:
    fault = read_fault(TYPED)
    assert (fault.kind, fault.client) == ("drop", "ios")


def test_the_fault_of_the_guide_is_read_and_does_what_it_says() -> None:
    kind = written()["Shout"]
    reader = Reader("fault")
    fault = written_as(kind).read(reader, parse("10%", "fault"), "shout")
    assert not reader.problems
    assert not fault.never
    counts, chain = Counter[str](), Chain()
    chain.add("f1", Scope(), fault.effect(Stream(0, "x"), Did(counts)))
    texts = [each.text for at in range(1_000) for each in chain.take(Message(b"quiet", events=1), at)]
    assert texts.count(b"QUIET") == counts["shouted"]
    assert 60 < counts["shouted"] < 140
    assert texts.count(b"quiet") + counts["shouted"] == 1_000
    assert kind(0.0).never


async def test_the_fault_of_the_guide_reaches_a_client() -> None:
    """Not in the registry, as it would be; everything else is as it is for those that are."""
    fault, stage = written()["Shout"](1.0), story()
    async with venue_of(stage) as venue, listener(venue, "alerts") as client:
        (_, guest) = stage.clients()[next(iter(stage.clients()))]
        lane = stage.hub.lane(guest.member, lambda: stage.now().micros, stage._pacer.deliveries.put)
        lane.add("f1", Scope(), fault.effect(Stream(0, "x"), Did()))
        client.say('{"type":"ping"}')
        assert '"TYPE":"PONG"' in await client.read_until('"PONG"')


def test_what_the_guide_says_of_the_code_is_so() -> None:
    for name in re.findall(r"`(tests/[\w/.]+|pvws/[\w/.]+/)`", GUIDE):
        assert (FAULTS.parents[1] / name).exists(), name
    for method in ("take", "due", "release", "flush", "forget"):
        assert f"`{method}(" in GUIDE
