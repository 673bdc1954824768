import json
import re

import pytest

from pvws.sim.source import Verbatim
from pvws.testing.exam.security import CASES, TOKEN
from tests.support.playing import START, director_of, rest

BY_ID = {case.id: case for case in CASES}


def texts(name: str) -> list[str]:
    given = rest(director_of(BY_ID[f"security.{name}"].scenario()), START + 250_000)
    return [each.text.decode() for each in given if isinstance(each, Verbatim)]


def test_where_the_server_asks_for_a_token_it_stands_in_the_url() -> None:
    asked = [case for case in CASES if case.configuration().auth.tokens]
    assert [case.id for case in asked] == [f"security.token-{name}" for name in ("in-url", "again", "not-printed")]
    for case in asked:
        assert [each.token for each in case.configuration().auth.tokens] == [TOKEN]
        assert case.query == f"token={TOKEN}"


def test_deep_json_is_json_that_a_recursive_parser_does_not_survive() -> None:
    (deep,) = texts("deep-json")
    assert re.fullmatch(r'{"type":"file_uploaded","topic":"file_operations","data":(\[+)(\]+)}', deep)
    assert deep.count("[") == deep.count("]") == 100_000
    with pytest.raises(RecursionError):
        json.loads(deep)


def test_hostile_values_are_json() -> None:
    for text in texts("hostile-values"):
        assert json.loads(text)["data"]["__proto__"] == {"polluted": True}
