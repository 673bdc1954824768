import hashlib

from pvws.cli.tally import OTHERS, Tally
from pvws.sim.source import Timed


def event(name: str) -> Timed:
    return Timed(0, 0, "alerts", name, b"{}")


def test_the_summary_has_totals_types_by_name_marks_and_alerts() -> None:
    tally = Tally()
    tally.saw([event("storage_alert"), event("file_uploaded")])
    tally.saw([event("file_uploaded")] * 1_200)
    tally.marked("storm", 90_000_001)
    tally.marked("calm", 120_000_000)
    assert tally.last_mark == "calm"
    assert tally.summary("mine", 130_000_999, 0.25, ["storage_usage (warning)"]) == [
        "mine: 1,202 events in 2m10s, played in 250ms (4,808 events/s)",
        "  file_uploaded  1,201",
        "  storage_alert      1",
        "  marks: storm at 1m30s, calm at 2m0s",
        "  alerts still open: storage_usage (warning)",
    ]


def test_a_run_in_which_nothing_happened_is_summed_up_as_well() -> None:
    assert Tally().summary("quiet", 0, 0.0) == ["quiet: 0 events in 0s"]
    one = Tally()
    one.saw([event("file_deleted")])
    assert one.summary("one", 1_000_000, 12.3456)[0] == "one: 1 event in 1s, played in 12.35s (0 events/s)"


def test_the_digest_is_that_of_the_lines() -> None:
    tally = Tally()
    tally.wrote(b"a\nb")
    tally.wrote(b"c")
    assert tally.sha256 == hashlib.sha256(b"a\nb\nc\n").hexdigest()


def test_types_that_a_script_makes_up_without_end_are_counted_together() -> None:
    tally = Tally()
    for number in range(5_000):
        tally.saw([event(f"made-up-{number}"), event("file_uploaded")])
    assert tally.total == tally.types.total() == 10_000
    assert tally.types["file_uploaded"] == 5_000
    assert tally.types[OTHERS] > 3_000
    assert len(tally.types) <= 1_000


def test_a_list_without_end_is_cut_and_counted() -> None:
    tally = Tally()
    for number in range(1_000):
        tally.marked(f"m{number}", number * 1_000_000)
    _, marks, alerts = tally.summary("many", 0, 0.0, [f"a{number}" for number in range(10)])
    assert marks.startswith("  marks: m0 at 0s, m1 at 1s, ")
    assert marks.endswith("m7 at 7s, and 992 more")
    assert alerts == "  alerts still open: a0, a1, a2, a3, a4, a5, a6, a7, and 2 more"


def test_names_that_a_script_makes_up_do_not_steer_the_terminal() -> None:
    tally = Tally()
    tally.saw([event("\x1b[2J"), event("")])
    tally.marked("\x07", 0)
    assert "\n".join(tally.summary("mine", 0, 0.0)).isascii()
    assert all(line.isprintable() for line in tally.summary("mine", 0, 0.0))
