"""README and docs: every snippet is run, and every command line in them is one that pvws takes."""

import re
import shlex
from itertools import takewhile
from pathlib import Path

import pytest

from pvws.cli.app import COMMANDS
from pvws.scenario.loader import load
from pvws.server.configuration import configure
from pvws.testing.checks.catalogue import RULES, SECTIONS
from tests.support.command import pvws

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *(ROOT / "README.md", ROOT / "CHANGELOG.md"),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "examples").glob("**/README.md")),
]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
GROUPS = ("bench", "check", "ctl", "recording")
LINK = re.compile(r"\]\((?P<target>[^)#:\s]+)\)")


def blocks(*languages: str) -> list[tuple[str, str]]:
    """Document and text of every block in one of the languages."""
    return [
        (document.name, match["text"])
        for document in DOCUMENTS
        for match in BLOCK.finditer(document.read_text(encoding="utf-8"))
        if match["language"] in languages
    ]


def command_lines() -> list[list[str]]:
    """The words of every command line of pvws in the documents, up to a pipe, a comment or a command of its own."""
    found = set[str]()
    for _, text in blocks("console", "bash", "sh"):
        found.update(
            line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip().startswith("pvws ")
        )
    return [
        re.split(r"\||>| -- ", shlex.join(shlex.split(line, comments=True)))[0].split()[1:] for line in sorted(found)
    ]


@pytest.mark.parametrize(("document", "text"), [each for each in blocks("yaml") if "websocket:" in each[1]])
def test_every_configuration_in_the_documents_can_be_read(document: str, text: str) -> None:
    configure(text, document, {}, {}, read=lambda path: "")


@pytest.mark.parametrize(("document", "text"), [each for each in blocks("yaml") if "websocket:" not in each[1]])
def test_every_scenario_in_the_documents_plays(document: str, text: str, tmp_path: Path) -> None:
    script = tmp_path / "snippet.yaml"
    script.write_text(text, encoding="utf-8")
    load(text, document)
    ended = pvws("simulate", str(script), "--no-serve")
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("words", command_lines(), ids=" ".join)
def test_every_command_line_in_the_documents_has_options_that_exist(words: list[str]) -> None:
    assert words[0] in COMMANDS
    command = words[:2] if words[0] in GROUPS else words[:1]
    said = pvws(*command, "--help").stdout
    if words[0] == "ctl":  # whose own options may stand behind its commands
        said += pvws("ctl", "--help").stdout
    for word in takewhile(lambda word: word != "--", words[1:]):
        if word.startswith("--"):
            assert re.search(rf"(?<!\S){re.escape(word)}(?!\S)", said), f"{words[0]} has no {word}"


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
