from msgspec import structs

from pvws.recording.compare import Change, Comparison, Difference, Item
from pvws.terminal.recording_comparison import comparison_json, comparison_lines

ID = "0123456789abcdef" * 4


def item(line: int) -> Item:
    return Item(line, line * 1_000_000, ("1", "recv", "t", ID), "file_deleted", b"{}")


CHANGES = tuple(Change(f"data.f{number}", "1" * 100, None) for number in range(10))
COMPARISON = Comparison(
    [
        Difference("missing", item(2), None),
        Difference("extra", None, item(3)),
        Difference("changed", item(4), item(5), CHANGES),
        Difference("late", item(6), item(7), micros=250_000),
        Difference("missing", item(8), None),
    ],
    17,
    500,
)


def test_each_difference_is_a_line_and_its_fields_are_under_it() -> None:
    lines = comparison_lines(COMPARISON, "a:", "b entry ", None)
    assert lines[:4] == [
        "missing   a:2: file_deleted 01234567… (t) at 2s",
        "extra     b entry 3: file_deleted 01234567… (t) at 3s",
        "changed   a:4, b entry 5: file_deleted 01234567… (t) at 4s",
        f"            data.f0: {'1' * 60}… -> nothing",
    ]
    assert lines[11:] == [
        "            … and 2 more fields",
        "late      a:6, b entry 7: file_deleted 01234567… (t) at 6s by 250ms",
        "missing   a:8: file_deleted 01234567… (t) at 8s",
        "2 missing, 1 extra, 1 changed, 1 late, 17 the same",
    ]


def test_of_several_connections_it_is_said_on_which() -> None:
    other = structs.replace(item(2), key=("2", "recv", "t", ""))
    (line, _) = comparison_lines(Comparison([Difference("extra", None, other)], 0, 0), "a:", "b:", None)
    assert line == "extra     b:2: file_deleted (t) at 2s on connection 2"


def test_of_many_of_a_kind_some_are_shown() -> None:
    lines = comparison_lines(COMPARISON, "a:", "b entry ", 1)
    assert sum(line.startswith("missing") for line in lines) == 1
    assert lines[-2] == "… and 1 more missing"


def test_of_recordings_that_are_the_same_there_is_one_line() -> None:
    assert comparison_lines(Comparison([], 3, 0), "a:", "b:", 1) == ["3 the same"]


def test_programs_get_all_of_it() -> None:
    told = comparison_json(COMPARISON)
    assert told["counts"] == {"missing": 2, "extra": 1, "changed": 1, "late": 1}
    assert (told["same"], told["offset"]) == (17, 0.0005)
    assert told["differences"][0] == {
        "kind": "missing",
        "first": {
            "line": 2,
            "t": 2.0,
            "conn": "1",
            "dir": "recv",
            "topic": "t",
            "type": "file_deleted",
            "about": f"file_deleted {ID} (t)",
        },
        "second": None,
    }
    assert len(told["differences"][2]["changes"]) == 10
    assert told["differences"][3]["seconds"] == 0.25
