import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from pvws.errors import InputError
from pvws.scenario.faults.corrupt import Corrupt
from pvws.scenario.faults.spec import read_fault
from tests.scenario.faults.conftest import Passage

Made: TypeAlias = Callable[..., Passage]
EVENT = '{"type":"storage_alert","topic":"alerts","data":{"level":"critical","value":85.50,"tags":["ä"]},"more":true}'


def broken(passage: Made, how: str, number: int = 200, text: str = EVENT) -> list[bytes]:
    """The same event, broken in this way again and again."""
    story = passage(f"corrupt: {how}")
    for at in range(number):
        story.take(at, text)
    return [message.text for message in story.messages]


def test_a_flipped_bit_is_one_and_leaves_utf_8(passage: Made) -> None:
    for text in broken(passage, "bit_flip"):
        differ = [(was, now) for was, now in zip(EVENT.encode(), text, strict=True) if was != now]
        ((was, now),) = differ
        assert (was ^ now).bit_count() == 1
        text.decode()


def test_a_truncated_one_is_a_beginning_and_never_json(passage: Made) -> None:
    texts = broken(passage, "truncate")
    for text in texts:
        assert EVENT.startswith(text.decode())
        with pytest.raises(ValueError, match=r".*"):
            json.loads(text)
    assert len(set(map(len, texts))) > 50


def leaves(value: Any, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    found = {path: value}
    if isinstance(value, dict):
        for key, each in value.items():
            found |= leaves(each, (*path, key))
    return found


def test_a_wrong_type_is_that_of_one_value(passage: Made) -> None:
    was = leaves(json.loads(EVENT))
    seen = set()
    for text in broken(passage, "wrong_type"):
        now = leaves(json.loads(text))
        changed = [path for path in was if path and path in now and type(was[path]) is not type(now[path])]
        assert len(changed) == 1, text
        seen.add(changed[0])
    assert seen == {path for path in was if path}


def test_a_missing_field_is_one(passage: Made) -> None:
    was = leaves(json.loads(EVENT))
    seen = set()
    for text in broken(passage, "missing_field"):
        gone = [path for path in was if path not in leaves(json.loads(text))]
        assert all(path[: len(gone[0])] == gone[0] for path in gone), text
        seen.add(gone[0])
    assert seen == {path for path in was if path}


def test_an_unknown_field_is_one_more_and_all_else_is_there(passage: Made) -> None:
    was = leaves(json.loads(EVENT))
    for text in broken(passage, "unknown_field"):
        now = leaves(json.loads(text))
        (new,) = [path for path in now if path not in was]
        assert new[-1].startswith("unknown_")
        assert all(path in now for path in was)


def test_invalid_utf_8_is_that_and_nothing_is_missing(passage: Made) -> None:
    for text in broken(passage, "invalid_utf8"):
        with pytest.raises(UnicodeDecodeError):
            text.decode()
        assert set(EVENT.encode()) <= set(text)


def test_of_several_ways_chance_takes_one_for_each(passage: Made) -> None:
    lengths = set(map(len, broken(passage, "[bit_flip, unknown_field]")))
    assert len(EVENT.encode()) in lengths
    assert max(lengths) > len(EVENT.encode())
    assert (
        read_fault("corrupt: any").fault
        == read_fault("corrupt: [bit_flip, truncate, wrong_type, missing_field, unknown_field, invalid_utf8]").fault
    )
    assert str(read_fault("corrupt: any")) == "corrupt: any"
    assert str(read_fault("corrupt: [truncate]")) == "corrupt: truncate"


@pytest.mark.parametrize("how", ["wrong_type", "missing_field", "unknown_field"])
def test_what_needs_an_object_leaves_another_text_alone_and_counts_nothing(passage: Made, how: str) -> None:
    story = passage(f"corrupt: {how}")
    for text in ("no json", "[1]", "{}", ""):
        story.take(0, text)
    assert story.texts == ["no json", "[1]", "{}", ""]
    assert not story.counts


@pytest.mark.parametrize("how", ["bit_flip", "truncate"])
def test_a_text_of_nothing_can_not_be_broken_further(passage: Made, how: str) -> None:
    assert broken(passage, how, 3, "") == [b"", b"", b""]


def test_only_a_share_is_broken(passage: Made) -> None:
    story = passage("corrupt: {how: truncate, share: 10%}")
    for at in range(1_000):
        story.take(at, EVENT)
    assert 70 < story.counts["corrupted"] < 130
    assert sum(text != EVENT for text in story.texts) == story.counts["corrupted"]
    assert Corrupt(("truncate",), 0.0).never


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("corrupt: bitflip", 'did you mean "bit_flip"?'),
        ("corrupt: []", "at least one of bit_flip"),
        ("corrupt: [truncat]", 'did you mean "truncate"?'),
        ("corrupt: {share: 10%}", "corrupt.how: expected a value"),
    ],
)
def test_a_wrong_way_is_told(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_fault(text)
    assert said in str(caught.value)
