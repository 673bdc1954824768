"""Values of requests with a notation: instants and timeouts."""

import pytest
from msgspec import Struct

from pvws.control.problems import Refusal
from pvws.control.quantities import Instant, Timeout
from pvws.control.reading import body_of
from pvws.timestamp import Timestamp


class Said(Struct, frozen=True):
    to: Instant = Timestamp(0)
    timeout: Timeout = 10.0


def test_instants_are_rfc_3339() -> None:
    assert body_of(b'{"to": "2024-01-01T01:00:00.000001+01:00"}', Said).to == Timestamp(1_704_067_200_000_001)


@pytest.mark.parametrize(("text", "seconds"), [("2.5", 2.5), ('"2.5s"', 2.5), ("0", 0), ('"1h"', 3600), ('"0"', 0)])
def test_timeouts_are_seconds_or_a_duration(text: str, seconds: float) -> None:
    assert body_of(b'{"timeout": %s}' % text.encode(), Said).timeout == seconds


@pytest.mark.parametrize("said", ['"to": "noon"', '"to": 5', '"timeout": -1', '"timeout": "1.5h"', '"timeout": true'])
def test_what_is_none_is_refused_with_what_would_be_one(said: str) -> None:
    with pytest.raises(Refusal, match=r"an RFC 3339 time|a date|a duration like"):
        body_of(b"{%s}" % said.encode(), Said)
