"""The soak in short: two seconds, few clients, and the same books at the end; and what it must find."""

from tests.reliability import soak
from tests.reliability.soak import FAULTS, countable, grown


def test_a_short_soak_leaves_nothing_over_and_its_ledger_adds_up() -> None:
    found = soak.run(minutes=1 / 40, clients=20)
    assert [name for name in found.missed if not name.startswith("read late")] == []  # that depends on the machine
    assert found.facts["faults"]
    values = {result.name: result.value for result in found.results}
    assert values["resident memory, at the end"] > 10
    assert values["allocated blocks, at the end"] > 100_000


def test_what_grows_is_found() -> None:
    keys = ("resident_mib", "blocks", "descriptors", "tasks", "late_p50_ms", "late_p99_ms")
    level = [dict.fromkeys(keys, 50.0) for _ in range(60)]
    assert all(result.kept for result in grown(level))
    for key, steps in (("resident_mib", 1.0), ("blocks", 5_000.0), ("descriptors", 1.0), ("tasks", 1.0)):
        rising = [each | {key: 50.0 + number * steps} for number, each in enumerate(level)]
        assert [result.name.partition(",")[0].split()[-1] for result in grown(rising) if not result.kept] == [
            {"resident_mib": "memory"}.get(key, key)
        ]


def test_no_fault_comes_behind_one_with_which_nobody_could_count() -> None:
    def kinds(*suffers: str) -> set[str]:
        return {each.partition(":")[0] for each in FAULTS if countable(each, suffers)}

    everything = kinds()
    assert everything - kinds("join") == {"duplicate"}
    assert everything - kinds("latency", "duplicate") == {"drop"}
    assert kinds("drop", "reorder") == everything
