import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.recording.spans import Path, spans
from tests.recording.entries import json_values


def found(text: str, *paths: str) -> list[str]:
    wanted = {tuple(path.split()) for path in paths}
    return [text.encode()[start:end].decode() for start, end in spans(text.encode(), wanted.__contains__)]


@pytest.mark.parametrize(
    ("text", "path", "values"),
    [
        ('{"a":1}', "a", ["1"]),
        ('{ "a" : "x,y" , "b" : 2 }', "a", ['"x,y"']),
        ('{"a":{"b":[1,{"c":null}]}}', "a b [1] c", ["null"]),
        ('{"a":{"b":[1,2]}}', "a b", ["[1,2]"]),
        ('{"a":{"a":{"a":1}},"b":1}', "a a", ['{"a":1}']),
        ('{"a":1,"a":2}', "a", ["1", "2"]),
        (r'{"\u0061":"\"}"}', "a", [r'"\"}"']),
        ('{"b":{"a":1}}', "a", []),
        ('["x",["y","z"]]', "[1] [0]", ['"y"']),
        ('{"a":1}\n{"b":0}\n{"a":[]}', "a", ["1", "[]"]),
        ('{"a":"cut of', "a", ['"cut of']),
        ('{"b":0,"a":{"x":[1', "a", ['{"x":[1']),
        ('}]{"a":1', "a", ["1"]),
        ("{a: secret}", "a", ["secret"]),
        ("17", "a", []),
    ],
)
def test_values_are_found_where_they_stand(text: str, path: str, values: list[str]) -> None:
    assert found(text, path) == values


def test_of_values_within_each_other_the_outer_one_is_found() -> None:
    assert found('{"a":{"b":1},"b":{"b":2}}', "a", "a b", "b b") == ['{"b":1}', "2"]


def _walked(value: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    inner: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = [(f"[{index}]", each) for index, each in enumerate(value)]
    return [item for key, each in inner for item in [((*path, key), each), *_walked(each, (*path, key))]]


@given(json_values, st.sampled_from([None, 1]), st.data())
def test_every_value_of_a_json_text_is_found_by_its_path(value: Any, indent: int | None, data: st.DataObject) -> None:
    text = json.dumps(value, indent=indent).encode()
    places = _walked(value)
    if places:
        path, wanted = data.draw(st.sampled_from(places))
        ((start, end),) = spans(text, lambda each: each == path)
        assert json.loads(text[start:end]) == wanted


@given(st.binary() | st.text(alphabet='{}[]:,"\\ab1 \n').map(str.encode))
def test_any_bytes_are_walked_through(text: bytes) -> None:
    last = 0
    for start, end in spans(text, lambda path: True):
        assert last <= start <= end <= len(text)
        last = end
