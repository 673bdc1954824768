"""docs/scenario-reference.md is made from the schema, and says of everything in it what it is."""

import re

import pytest

from pvws.cli.schemas import asyncapi_text
from pvws.scenario.behaviours.kinds import BEHAVIOUR_KINDS
from pvws.scenario.expectations import EXPECTATIONS
from pvws.scenario.timeline.actions import STEPS
from tests.support.scenario_reference import ASYNCAPI, DOCUMENT, DOCUMENTS, PARTS, rendered

TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_tables_are_those_that_the_schema_gives() -> None:
    assert rendered(TEXT) == TEXT, "run `make reference`"


def test_the_asyncapi_document_is_that_of_the_types() -> None:
    assert ASYNCAPI.read_text(encoding="utf-8") == asyncapi_text(), "run `make reference`"


@pytest.mark.parametrize("name", PARTS)
def test_every_part_that_can_be_made_is_in_a_document(name: str) -> None:
    texts = [document.read_text(encoding="utf-8") for document in DOCUMENTS]
    assert sum(text.count(f"<!-- made: {name} -->") for text in texts) == 1


def test_every_behaviour_action_and_expectation_has_a_chapter() -> None:
    chapters = re.findall(r"^### `(\w+)`$", TEXT, re.MULTILINE)
    assert {*BEHAVIOUR_KINDS, *STEPS, *EXPECTATIONS} <= set(chapters)


def test_every_key_says_what_it_is() -> None:
    rows = [line for line in TEXT.splitlines() if re.match(r"\| `[^`]+` \|", line)]
    assert len(rows) > 150
    assert not [row for row in rows if row.rstrip().endswith("|  |")]
