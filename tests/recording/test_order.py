import pytest

from pvws.errors import InputError
from pvws.recording.document import Document
from pvws.recording.format import Mark
from pvws.recording.order import in_order


def test_connections_are_merged_and_keep_their_own_order() -> None:
    ones = [Mark(1, "a"), Mark(3, "b"), Mark(3, "c")]
    others = [Mark(0, "d"), Mark(3, "e")]
    assert [mark.name for mark in in_order(Document(b"{}"), [ones, others]) if isinstance(mark, Mark)] == list("dabce")


def test_what_lasts_longer_than_a_recording_can_is_told() -> None:
    with pytest.raises(InputError, match=r"^x:1: expected something that lasts at most 1000000000 seconds"):
        in_order(Document(b"{}", "x"), [[Mark(10**15 + 1, "late")]])
