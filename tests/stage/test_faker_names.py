"""Names in other languages: they repeat, and a locale that does not exist is told with those that do."""

import os
import random
import subprocess
import sys

import pytest
from faker import Faker
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.stage.faker_names import faker_names
from pvws.world.names import CONTENT_TYPES, Names

PRINT_ALL = """
import sys
from pvws.stage.faker_names import faker_names
for locale in sys.argv[1:]:
    sys.stdout.buffer.write(repr(faker_names(locale, 7)).encode() + bytes([10]))
"""


def printed(hash_seed: int, *locales: str) -> bytes:
    """The names of some locales, as another process draws them."""
    command = [sys.executable, "-W", "ignore", "-c", PRINT_ALL, *locales]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    return subprocess.run(command, env=environment, check=True, capture_output=True).stdout


def all_words(names: Names) -> list[str]:
    return [*names.owners, *names.nicknames, *names.tags, *names.stems, *names.words]


def test_names_repeat_with_the_seed_and_differ_with_another() -> None:
    names = faker_names("de_DE", 7)
    assert faker_names("de_DE", 7) == names
    assert faker_names("de_DE", 8) != names
    assert faker_names("fr_FR", 7) != names


def test_names_are_in_the_language_of_the_locale() -> None:
    names = faker_names("el_GR", 7)
    assert all("α" <= word[0] <= "ώ" or word[0] in "άέήίό" for word in names.nicknames)
    assert names.content_types == CONTENT_TYPES


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "hi_IN", "ja_JP"])
def test_words_are_different_in_lower_case_and_without_blanks(locale: str) -> None:
    names = faker_names(locale, 7)
    for words in (names.owners, names.nicknames, names.tags, names.stems, names.words):
        assert words
        assert len(set(words)) == len(words)
    assert not [word for word in all_words(names) if word != word.lower() or set(word) & set(" \t\n/\\\"'")]
    # A letter's marks are no gap between letters.
    assert not [word for word in names.nicknames if word.startswith("-") or word.endswith("-")]


def test_the_default_number_of_words_is_drawn_where_the_language_has_them() -> None:
    names = faker_names("de_DE", 7)
    words = (names.owners, names.nicknames, names.tags, names.stems, names.words)
    assert [len(each) for each in words] == [200, 100, 60, 120, 120]


def test_a_language_with_few_first_names_gives_a_shorter_list(monkeypatch: pytest.MonkeyPatch) -> None:
    class FewNames(Faker):
        def first_name(self) -> str:
            return self.random_element(("Ann", "ANN", "Mary Lou"))

    monkeypatch.setattr("faker.Faker", FewNames)
    names = faker_names("en_US", 7)
    assert sorted(names.nicknames) == ["ann", "mary-lou"]
    assert len(names.owners) == 200


def test_nobody_elses_chance_is_touched() -> None:
    before = random.getstate()
    faker_names("en_US", 7)
    assert random.getstate() == before


def test_names_are_the_same_in_another_process_with_another_hash_seed() -> None:
    locales = ("de_DE", "it_IT", "ja_JP")
    first = printed(1, *locales)
    assert first.count(b"\n") == len(locales)
    assert printed(2, *locales) == first


@pytest.mark.long
def test_every_locale_that_faker_knows_gives_the_same_names_in_every_process() -> None:
    from faker.config import AVAILABLE_LOCALES

    first = printed(1, *sorted(AVAILABLE_LOCALES))
    assert first.count(b"\n") == len(AVAILABLE_LOCALES)
    assert b"=()" not in first
    assert printed(2, *sorted(AVAILABLE_LOCALES)) == first


@pytest.mark.parametrize(
    ("locale", "hint"),
    [
        ("de-DE", ' (did you mean "de_DE"?)'),
        ("ja", ' (did you mean "ja_JP"?)'),
        ("ja_JA", ' (did you mean "ja_JP"?)'),
        ("iy_IT", ' (did you mean "it_IT"?)'),
        ("klingon", ""),
        ("", ""),
    ],
)
def test_an_unknown_locale_is_told_with_the_nearest(locale: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        faker_names(locale, 7)
    expected = 'network.names.locale: expected a locale that Faker knows, such as "de_DE", got'
    assert str(caught.value) == f'{expected} "{locale}"{hint}'


def test_an_unknown_country_is_told_with_all_of_its_language() -> None:
    with pytest.raises(InputError, match=r'did you mean ("de\w*", )*"de_AT", ("de\w*", )*"de_DE"(, "de\w*")*\?'):
        faker_names("de_XX", 7)


def test_a_long_text_is_not_told_whole() -> None:
    with pytest.raises(InputError) as caught:
        faker_names("x" * 1_000_000, 7)
    assert len(str(caught.value)) < 200


@given(st.text() | st.text("deEDnuUS_-", max_size=5))
def test_any_other_text_is_refused_with_our_error_and_nothing_else(text: str) -> None:
    locale = f"{text}?"  # so that it is none
    with pytest.raises(InputError):
        faker_names(locale, 7)
