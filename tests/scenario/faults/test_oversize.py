import json
from collections.abc import Callable

import pytest

from pvws.errors import InputError
from pvws.scenario.faults.spec import read_fault
from tests.scenario.faults.conftest import Passage

EVENT = '{"type":"storage_alert","data":{"value":7}}'


def test_a_message_is_padded_to_the_byte_and_is_the_same_json_but_for_that(passage: Callable[..., Passage]) -> None:
    story = passage("oversize: 2 KiB")
    story.take(0, EVENT)
    (text,) = story.texts
    assert len(text) == 2048
    found = json.loads(text)
    assert set(found.pop("padding")) == {"x"}
    assert found == json.loads(EVENT)
    assert story.counts == {"oversized": 1}


@pytest.mark.parametrize("text", ["no json", "[1]", "", "{}"])
def test_what_is_no_object_is_padded_with_blanks(passage: Callable[..., Passage], text: str) -> None:
    story = passage("oversize: 100")
    story.take(0, text)
    assert story.texts[0] == text.ljust(100)


def test_what_is_larger_stays_as_it_is_and_a_few_bytes_are_blanks(passage: Callable[..., Passage]) -> None:
    story = passage("oversize: 40")
    story.take(0, EVENT)
    story.take(1, EVENT[:-5] + "}}")
    assert story.texts[0] == EVENT
    assert story.texts[1] == (EVENT[:-5] + "}}").ljust(40)
    assert not passage("oversize: 0").counts


def test_a_size_that_no_memory_holds_is_refused() -> None:
    with pytest.raises(InputError, match="at most 32 MiB"):
        read_fault("oversize: 4 GiB")
