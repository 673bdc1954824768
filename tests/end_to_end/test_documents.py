"""README and docs: every link leads somewhere, and what they name exists. Their snippets are test_snippets.py's."""

import re
from pathlib import Path

import pytest

from pvws.cli.app import COMMANDS
from pvws.testing.checks.catalogue import RULES, SECTIONS
from tests.support.command import pvws
from tests.support.snippets import DOCUMENTS, ROOT

BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^)#:\s]+)\)")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_examples_that_it_takes(name: str) -> None:
    said = pvws(name, "--help").stdout
    examples = re.findall(rf"^\s+(?:Try: )?pvws {name}\b(.*?)(?:, and then: .*)?$", said, re.MULTILINE)
    assert examples, f"{name} --help shows no example"
    for option in re.findall(r"--[a-z-]+", " ".join(examples)):
        assert said.count(option) > 1, f"{name} has no {option}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    for match in LINK.finditer(document.read_text(encoding="utf-8")):
        assert (document.parent / match["target"]).exists(), match["target"]


def test_every_rule_that_the_documents_name_exists_and_is_quoted_as_it_stands() -> None:
    rules = {rule.id: rule.sentence for rule in RULES.values()}
    sections = "|".join(SECTIONS)
    text = (ROOT / "docs" / "checking-servers.md").read_text(encoding="utf-8")
    named = re.findall(rf"(?:`|✗ )((?:{sections})\.[a-z0-9-]+)", text)
    assert len(named) >= 2
    assert not [rule for rule in named if rule not in rules]
    for rule, sentence in re.findall(r"✗ (\S+)  (.*)$", text, re.MULTILINE):
        assert sentence == rules[rule]
