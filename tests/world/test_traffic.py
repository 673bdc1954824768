"""Traffic: totals."""

from hypothesis import given
from hypothesis import strategies as st

from pvws.world.traffic import Traffic


def test_all_is_counted_for_ever() -> None:
    traffic = Traffic()
    traffic.request(300, 1)
    traffic.settle()
    traffic.request(200, 2)
    traffic.failure()
    assert (traffic.bytes, traffic.requests, traffic.failures, traffic.response_micros) == (500, 3, 1, 3)


SUMS = ("requests", "failures", "bytes", "response_micros", "stored_bytes", "stored_copies")
DEEDS = st.sampled_from(["answer", "store", "read", "fail", "settle"])


@given(st.lists(st.tuples(DEEDS, st.integers(0, 2**50))))
def test_sums_are_the_same_however_often_they_are_settled(deeds: list[tuple[str, int]]) -> None:
    often, never = Traffic(), Traffic()
    for traffic in (often, never):
        for deed, number in deeds:
            match deed:
                case "answer":
                    traffic.answered.append(number)
                case "store":
                    traffic.stored.append(number)
                case "read":
                    traffic.request(number, 7)
                case "fail":
                    traffic.failure()
                case _:
                    often.settle()
    assert [getattr(often, name) for name in SUMS] == [getattr(never, name) for name in SUMS]
    assert often.bytes == sum(number for deed, number in deeds if deed in ("store", "read"))
    assert often.stored_copies == sum(deed == "store" for deed, _ in deeds)
