"""Descriptions: what files are called and are about, by their keys alone."""

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from pvws.sim.chance import Stream
from pvws.world.descriptions import Descriptions
from pvws.world.names import DEFAULT_NAMES
from tests.world.stagehand import key_of

KEYS = [key_of(f"{number}") for number in range(2_000)]
descriptions = Descriptions(DEFAULT_NAMES)

keys = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(keys)
def test_a_key_is_always_described_in_the_same_words(key: str) -> None:
    again = Descriptions(DEFAULT_NAMES)
    for what in ("content_type", "file_name", "owner", "tags"):
        assert getattr(descriptions, what)(key) == getattr(again, what)(key)
    assert descriptions.owner(key) in DEFAULT_NAMES.owners
    assert set(descriptions.tags(key)) <= set(DEFAULT_NAMES.tags)
    assert re.fullmatch(r"[a-z-]+-\d{4}\.[a-z0-9]+", descriptions.file_name(key))


def test_a_file_is_called_by_the_extension_of_its_type() -> None:
    extensions = {each.name: each.extension for each in DEFAULT_NAMES.content_types}
    for key in KEYS[:200]:
        assert descriptions.file_name(key).endswith(f".{extensions[descriptions.content_type(key)]}")


def test_all_words_are_used() -> None:
    assert {descriptions.owner(key) for key in KEYS} == set(DEFAULT_NAMES.owners)
    assert {descriptions.content_type(key) for key in KEYS} == {each.name for each in DEFAULT_NAMES.content_types}
    assert {tag for key in KEYS for tag in descriptions.tags(key)} == set(DEFAULT_NAMES.tags)
    assert len({descriptions.file_name(key) for key in KEYS}) > 1_990


def test_files_have_none_to_three_tags_each_as_often() -> None:
    counts = [sum(len(descriptions.tags(key)) == number for key in KEYS) for number in range(4)]
    assert sum(counts) == len(KEYS)
    assert min(counts) > 400


@pytest.mark.parametrize("number", [1, 2, 3, 7, 14, 60])
def test_no_tag_is_there_twice_however_many_words_there_are(number: int) -> None:
    few = Descriptions(structs.replace(DEFAULT_NAMES, tags=DEFAULT_NAMES.tags[:number]))
    chance = Stream(1, "tags")
    for key in KEYS[:300]:
        for tags in (few.tags(key), few.new_tags(chance)):
            assert len(set(tags)) == len(tags) <= 3
            assert set(tags) <= set(DEFAULT_NAMES.tags[:number])


def test_new_tags_are_one_to_three() -> None:
    chance = Stream(1, "tags")
    assert {len(descriptions.new_tags(chance)) for _ in range(200)} == {1, 2, 3}


@given(keys, st.integers(1, 10**6))
def test_the_checksum_is_the_key_until_the_content_changes(key: str, version: int) -> None:
    assert descriptions.checksum(key, 0) == key
    changed = descriptions.checksum(key, version)
    assert re.fullmatch("[0-9a-f]{64}", changed)
    assert changed == descriptions.checksum(key, version) not in (key, descriptions.checksum(key, version + 1))


def test_a_description_is_what_it_always_was() -> None:
    # If this fails, names and tags change in every run, and so do the digests of the scenarios.
    words = [f(key) for key in KEYS for f in (descriptions.file_name, descriptions.owner, descriptions.tags)]
    assert sha256(repr(words).encode()).hexdigest()[:16] == "aa07e0096a55dd11"
