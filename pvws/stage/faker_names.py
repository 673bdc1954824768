"""Names in a language of one's choice, asked of Faker before a run begins."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING
from unicodedata import category

from pvws.errors import InputError, Problem
from pvws.limits import EXCERPT_CHARACTERS_MAX
from pvws.world.names import CONTENT_TYPES, Names

if TYPE_CHECKING:
    from faker import Faker

__all__ = ["faker_names"]

_OWNERS = 200
_NICKNAMES = 100
_TAGS = 60
_STEMS = 120
_WORDS = 120
_TRIES_PER_WORD = 20  # before a language is taken to have no more different ones


def faker_names(locale: str, seed: int) -> Names:
    """The words of a cast in the language and country of a locale such as `de_DE`.

    They repeat with the same seed and the same version of Faker; another version may give others. A language in which
    Faker knows fewer words gives shorter lists. It takes up to a second, most of which goes into loading Faker.

    Raises InputError for a locale that Faker does not know, with the nearest, or all of its language.
    """
    from faker import Faker

    faker = Faker(_known(locale))
    faker.seed_instance(seed)
    noun = _nouns(faker)
    return Names(
        owners=_distinct(_OWNERS, faker.user_name),
        nicknames=_distinct(_NICKNAMES, lambda: _joined(faker.first_name())),
        tags=_distinct(_TAGS, lambda: _joined(noun())),
        # No cities, though they would do well: Faker's Italian ones come out of a set, in any order.
        stems=_distinct(_STEMS // 2, lambda: _joined(noun()))
        + _distinct(_STEMS // 2, lambda: _joined(f"{faker.last_name()} {noun()}")),
        words=_distinct(_WORDS, lambda: _joined(faker.word())),
        content_types=CONTENT_TYPES,
    )


def _known(locale: str) -> str:
    from faker.config import AVAILABLE_LOCALES

    if locale in AVAILABLE_LOCALES:
        return locale
    folded = {known.casefold(): known for known in sorted(AVAILABLE_LOCALES)}
    wanted = locale.replace("-", "_").casefold()
    language = wanted.partition("_")[0]
    if wanted in folded:
        near = [wanted]
    else:
        same_language = [known for known in folded if known.partition("_")[0] == language]
        near = same_language or get_close_matches(wanted, folded, 1)
    hint = "did you mean " + ", ".join(f'"{folded[known]}"' for known in near) + "?" if near else None
    expected = 'a locale that Faker knows, such as "de_DE"'
    found = f'"{locale[:EXCERPT_CHARACTERS_MAX]}"'
    raise InputError(Problem("network.names.locale", expected, found, hint=hint))


def _nouns(faker: "Faker") -> Callable[[], str]:
    """Draws nouns, or, in a language whose words Faker does not tell apart, any words."""
    try:
        faker.get_words_list(part_of_speech="noun")
    except ValueError:
        return faker.word
    return lambda: faker.word(part_of_speech="noun")


def _joined(text: str) -> str:
    """The letters and digits of any language in lower case, with hyphens for what stands between them."""
    # Marks belong to the letters: without them Hindi has no vowels.
    kept = "".join(character if category(character)[0] in "LMN" else " " for character in text.lower())
    return "-".join(kept.split())


def _distinct(number: int, draw: Callable[[], str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for _ in range(number * _TRIES_PER_WORD):
        if word := draw():
            found[word] = None
        if len(found) == number:
            break
    return tuple(found)
