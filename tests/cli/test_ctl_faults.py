from pathlib import Path

from tests.support.ctl import Ctl


def test_a_fault_is_switched_on_listed_and_off(ctl: Ctl) -> None:
    added = ctl("fault", "add", "latency: 200ms +- 50ms, topics: [alerts]")
    assert (added.code, added.err) == (0, "")
    assert added.out.startswith("f1  latency: 200ms")
    assert ctl("fault", "add", "drop:", "5%,", "for:", "30s", "--json").json["kind"] == "drop"  # quotes may be left out
    assert [line.split()[0] for line in ctl("fault", "list").out.splitlines()] == ["id", "f1", "f2"]
    assert ctl("fault", "remove", "f1").code == 0
    assert [each["id"] for each in ctl("fault", "list", "--json").json["faults"]] == ["f2"]
    again = ctl("fault", "remove", "f1")
    assert again.code == 2
    assert "f1" in again.err
    assert ctl("fault", "clear").code == 0
    assert ctl("fault", "list").out == "there is no fault\n"


def test_a_wrong_fault_is_refused_with_what_would_be_right(ctl: Ctl) -> None:
    said = ctl("fault", "add", "latncy: 200ms")
    assert said.code == 2
    assert "latency" in said.err
    assert ctl("fault", "add", "latency: [").code == 2


def test_the_kinds_of_faults_are_told_with_examples(ctl: Ctl) -> None:
    told = ctl("fault", "kinds").out.splitlines()
    words = [line.split()[0] for line in told if line]
    assert {"latency", "drop", "scope", "client", "topics", "for"} <= set(words)
    assert words.index("latency") < words.index("scope") < words.index("topics")
    assert "properties" in ctl("fault", "kinds", "--json").json


def test_a_rule_is_added_listed_and_removed(ctl: Ctl, tmp_path: Path) -> None:
    file = tmp_path / "rule.yaml"
    file.write_text("when: {client: sends, match: type == 'subscribe'}\ndo: disconnect\ncode: 1011\n")
    added = ctl("rule", "add", f"@{file}")
    assert (added.code, added.err) == (0, "")
    assert added.out.startswith("r1  {")
    assert len(ctl("rule", "list").out.splitlines()) == 2
    assert ctl("rule", "add", "nonsense: 1").code == 2
    assert ctl("rule", "remove", "r1").code == 0
    assert ctl("rule", "list").out == "there is no rule\n"
