"""docs/cli.md is what the program says of itself, and leaves nothing out."""

import pytest

from pvws.cli.app import COMMANDS
from tests.support.cli_reference import DOCUMENT, commands, helped, rendered

TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_it_is_what_the_program_says() -> None:
    assert rendered() == TEXT, "run `make reference`"


def test_every_command_is_in_it() -> None:
    found = list(commands())
    assert {words[0] for words in found} == set(COMMANDS)
    assert len(found) > 60
    for words in found:
        assert f"\n## pvws {' '.join(words)}\n" in TEXT


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_option_says_what_it_is_for(words: tuple[str, ...]) -> None:
    lines = helped(*words).partition("\nOptions:\n")[2].splitlines()
    assert lines
    for place, line in enumerate(lines):
        if line.startswith("  -"):
            told = line.strip().partition("  ")[2] or lines[place + 1].strip()
            assert told, f"{' '.join(words)}: {line}"
