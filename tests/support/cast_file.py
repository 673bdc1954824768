"""Makes the words of the default cast anew, with the Faker that is installed: `make cast`.

Whoever does that changes names, tags and messages in every run that asks for no other cast: the digests of the shipped
scenarios are to be made anew as well.
"""

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from textwrap import fill

from pvws.stage.faker_names import faker_names
from pvws.world.names import Names

FILE = Path(__file__).parents[2] / "pvws" / "world" / "default_names.py"
LOCALE = "en_US"
SEED = 6  # of the first dozen, the one whose words look best as names of files
LINE = 120


def render(names: Names, made_with: str) -> str:
    """The module that holds the words of a cast, a text for each list."""
    parts = {
        "NICKNAMES": names.nicknames,
        "OWNERS": names.owners,
        "STEMS": names.stems,
        "TAGS": names.tags,
        "WORDS": names.words,
    }
    exported = ", ".join(f'"{name}"' for name in parts)
    head = f'"""The words of the default cast, made with {made_with} by `make cast`; not to be edited."""\n\n'
    return head + f"__all__ = [{exported}]\n" + "".join(_part(name, words) for name, words in parts.items())


def _part(name: str, words: Iterable[str]) -> str:
    text = fill(" ".join(words), LINE, break_long_words=False, break_on_hyphens=False)
    return f'\n{name} = """\n{text}\n"""\n'


if __name__ == "__main__":
    FILE.write_text(render(faker_names(LOCALE, SEED), f"Faker {version('faker')}"), encoding="utf-8")
