import pytest

from pvws.expression.expression import Expression
from pvws.terminal.head import Head, head_of
from pvws.terminal.selection import NAMES, Selection, holds, nearest_type
from pvws.wire.topics import Topic

UPLOAD = '{"type":"file_uploaded","topic":"file_operations","data":{"size":2097152},"timestamp":"2024-01-01T00:00:00Z"}'
ALERT = '{"type":"storage_alert","topic":"alerts","data":{"level":"info"},"timestamp":"2024-01-01T00:00:00Z"}'
PONG = '{"type":"pong","timestamp":"2024-01-01T00:00:00Z","clientId":"c"}'
NEW = '{"type":"file_renamed","topic":"file_operations","data":{"size":1}}'


def taken(selection: Selection) -> list[str]:
    return [text for text in (UPLOAD, ALERT, PONG, NEW, "no json") if selection.takes(head_of(text), text)]


def where(text: str) -> Selection:
    return Selection((), Expression.parse(text, NAMES))


def test_without_a_wish_everything_is_taken() -> None:
    assert Selection().takes_all
    assert not Selection().filters
    assert len(taken(Selection())) == 5


def test_types_are_globs_and_one_of_them_is_enough() -> None:
    assert taken(Selection(["file_*"])) == [UPLOAD, NEW]
    assert taken(Selection(["*_alert", "pong"])) == [ALERT, PONG]
    assert taken(Selection(["FILE_*"])) == []
    assert Selection(["a"]).filters


def test_an_expression_asks_for_the_fields_of_the_envelope() -> None:
    assert taken(where("data.size > '1 MiB' and data.level != 'info'")) == []
    assert taken(where("data.size > '1 MiB' or data.level == 'info'")) == [UPLOAD, ALERT]
    assert taken(where("clientId == 'c'")) == [PONG]
    assert taken(where("type == 'file_renamed' and topic == 'file_operations'")) == [NEW]
    assert taken(where("timestamp >= '2024-01-01T01:00:00+01:00'")) == [UPLOAD, ALERT, PONG]


def test_a_topic_is_switched_off_and_on_again() -> None:
    selection = Selection()
    selection.switch(Topic.FILE_OPERATIONS)
    assert not selection.takes_all
    assert taken(selection) == [ALERT, PONG, "no json"]
    selection.switch(Topic.FILE_OPERATIONS)
    assert selection.takes_all


def test_type_and_topic_are_those_of_the_head_where_the_text_does_not_say_it() -> None:
    expression = Expression.parse("type == 'file_uploaded'", NAMES)
    assert holds(expression, Head("file_uploaded", "file_operations"), '{"type":"broadcast","data":{}}')
    assert not holds(expression, None, '{"type":"broadcast"}')
    topic = Expression.parse("topic == 'file_operations'", NAMES)
    assert holds(topic, Head("file_uploaded", "file_operations"), '{"type":"file_uploaded","data":{}}')


@pytest.mark.parametrize("text", ["", "[1]", "null", "[" * 10_000, "\ud800"])
def test_nothing_holds_of_what_is_no_message(text: str) -> None:
    assert not holds(Expression.parse("not data.size > 1", NAMES), None, text)


def test_a_glob_like_no_type_is_known_with_the_nearest() -> None:
    assert nearest_type("file_*") is None
    assert nearest_type("pong") is None
    assert nearest_type("file_upload") == "file_uploaded"
    assert nearest_type("zzz") == ""
