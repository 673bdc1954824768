"""Names: the default cast, and what is made of its words."""

import pickle
import re
import subprocess
import sys
from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import encode

from pvws.world.names import CONTENT_TYPES, DEFAULT_NAMES, ContentType, Names

WORDS = ("owners", "nicknames", "tags", "stems", "words")

picks = st.floats(0, 1, exclude_max=True)


@pytest.fixture
def few() -> Names:
    types = (ContentType("text/plain", "txt", 1), ContentType("image/jpeg", "jpg", 3))
    return Names(("ann",), ("kim", "lou"), ("red",), ("tree", "lake"), ("so",), types)


def test_the_default_cast_is_what_it_always_was() -> None:
    # If this fails, names, tags and messages change in every run, and so do the digests of the scenarios.
    assert [len(getattr(DEFAULT_NAMES, field)) for field in WORDS] == [200, 100, 60, 120, 120]
    assert sha256(encode(DEFAULT_NAMES)).hexdigest()[:16] == "bc4eeb8da083e895"


@pytest.mark.parametrize("field", WORDS)
def test_no_word_of_the_default_cast_is_there_twice_or_needs_an_escape(field: str) -> None:
    words: tuple[str, ...] = getattr(DEFAULT_NAMES, field)
    assert len(set(words)) == len(words)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", word) for word in words)


def test_content_types_are_different_and_their_weights_are_percentages() -> None:
    assert len({each.name for each in CONTENT_TYPES}) == len(CONTENT_TYPES) == 20
    assert len({each.extension for each in CONTENT_TYPES}) == len(CONTENT_TYPES)
    assert all(each.weight > 0 for each in CONTENT_TYPES)
    assert sum(each.weight for each in CONTENT_TYPES) == 100


def test_a_type_is_met_as_often_as_its_weight_says() -> None:
    met = Counter(DEFAULT_NAMES.content_type((place + 0.5) / 1_000) for place in range(1_000))
    assert met == {each: each.weight * 10 for each in CONTENT_TYPES}


def test_a_file_name_has_a_stem_the_number_and_the_extension(few: Names) -> None:
    names = [few.file_name(number, pick) for number, pick in ((0, 0.0), (7, 0.24), (231, 0.25), (12_345, 0.999))]
    assert names == ["tree-0000.txt", "lake-0007.txt", "tree-0231.jpg", "lake-12345.jpg"]


@given(picks, st.integers(0, 10**9))
def test_a_draw_gives_a_type_and_a_name_with_its_extension(pick: float, number: int) -> None:
    name = DEFAULT_NAMES.file_name(number, pick)
    stem, _, rest = name.rpartition("-")
    assert stem in DEFAULT_NAMES.stems
    assert rest == f"{number:04d}.{DEFAULT_NAMES.content_type(pick).extension}"


@given(picks, picks, st.integers(0, 10**6), st.integers(0, 10**6))
def test_files_with_other_numbers_have_other_names(pick: float, other: float, number: int, another: int) -> None:
    names = {DEFAULT_NAMES.file_name(number, pick), DEFAULT_NAMES.file_name(another, other)}
    assert number == another or len(names) == 2


def test_nicknames_go_round_with_a_number(few: Names) -> None:
    assert [few.nickname(number) for number in range(5)] == ["kim", "lou", "kim-2", "lou-2", "kim-3"]
    assert len({DEFAULT_NAMES.nickname(number) for number in range(1_000)}) == 1_000


def test_names_can_be_pickled_and_compared(few: Names) -> None:
    few.content_type(0.5)
    copy = pickle.loads(pickle.dumps(few))
    assert copy == few != DEFAULT_NAMES
    assert copy.file_name(3, 0.9) == few.file_name(3, 0.9)


def test_the_default_cast_does_without_faker() -> None:
    script = "import sys, pvws.world.names; sys.exit('faker' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
