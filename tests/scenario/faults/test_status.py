import pytest

from pvws.errors import InputError
from pvws.scenario.faults.refusal import Refusal
from pvws.scenario.faults.spec import read_fault
from pvws.scenario.faults.status import Status
from pvws.sim.chance import Stream


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("status: 503", Refusal(503, "Service Unavailable\n")),
        ("status: 401", Refusal(401, "Unauthorized\n", (("WWW-Authenticate", "Bearer"),))),
        ("status: 403", Refusal(403, "Forbidden\n")),
        ("status: {code: 503, retry_after: 1500ms}", Refusal(503, "Service Unavailable\n", (("Retry-After", "2"),))),
        ("status: {code: 307, location: /ws2}", Refusal(307, "Temporary Redirect\n", (("Location", "/ws2"),))),
        ("status: 599", Refusal(599, "Refused\n")),
    ],
)
def test_it_answers_with_a_status(text: str, refusal: Refusal) -> None:
    fault = read_fault(text).fault
    assert isinstance(fault, Status)
    chance = Stream(0, "x")
    assert (fault.delay(chance), fault.refusal(chance)) == (0, refusal)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("status: 101", "expected a whole number from 200 to 599, got 101"),
        ("status: 600", "expected a whole number from 200 to 599, got 600"),
        ('status: {code: 307, location: "/a\\r\\nSet-Cookie: b"}', "expected a URL, without blanks"),
    ],
)
def test_what_can_be_no_answer_is_told(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_fault(text)
