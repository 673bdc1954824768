from typing import get_args

from pvws.recording import format as recording_format
from pvws.recording.format import ENTRY_KINDS, Entry, Message


def test_every_kind_of_entry_has_its_key_in_a_line() -> None:
    kinds = {kind.__name__.lower() for kind in get_args(Entry)}
    assert kinds <= set(ENTRY_KINDS)
    assert set(ENTRY_KINDS) - kinds == {"text", "base64"}, "which are messages as well"


def test_entries_are_no_work_for_the_garbage_collector() -> None:
    # A recording of a million messages is held by a sorter or a comparison at once.
    assert all(getattr(kind, "__struct_config__").gc is False for kind in get_args(Entry))  # noqa: B009


def test_a_message_is_of_the_first_connection_and_whole_unless_said_otherwise() -> None:
    message = Message(5, "recv", b"x")
    assert (message.conn, message.opcode, message.fragments) == (1, "text", None)
    assert recording_format.FORMAT == "pvws-recording"
