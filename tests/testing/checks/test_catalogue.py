import re

import pytest

from pvws.errors import InputError
from pvws.testing.checks.catalogue import RULES, SECTIONS, selected


def test_every_rule_has_an_id_a_sentence_and_a_source() -> None:
    for name, rule in RULES.items():
        assert re.fullmatch(r"[a-z0-9-]+\.[a-z0-9-]+", name)
        assert rule.sentence.endswith((".", "…")), rule
        assert re.match(
            r"API documentation|contract|RFC \d+, section|observations of the real server, row", rule.source
        )


def test_no_two_rules_have_the_same_id() -> None:
    assert len(RULES) == sum(len(section.rules) for section in SECTIONS.values())


def test_a_profile_has_its_own_rules_and_the_common_ones() -> None:
    documented, upstream = ({rule.id for rule in selected(profile)} for profile in ("documented", "upstream"))
    assert documented | upstream == set(RULES)
    assert "errors.not-json" in documented - upstream
    assert "upstream.junk" in upstream - documented
    assert "handshake.upgrade" in documented & upstream


def test_sections_and_rules_add_up() -> None:
    found = [rule.id for rule in selected("documented", ["origins"], ["messages.ping-pong"])]
    assert found[-1] == "messages.ping-pong"
    assert {name.partition(".")[0] for name in found} == {"origins", "messages"}


@pytest.mark.parametrize(
    ("sections", "ids", "said"),
    [
        (["limit"], [], "did you mean limits?"),
        ([], ["messages.pingpong"], "did you mean messages.ping-pong?"),
        ([], ["rate-101"], "did you mean limits.rate-101?"),
        (["upstream"], [], '--profile: expected one that the rules asked for belong to, got "documented"'),
    ],
)
def test_what_nothing_has_is_told_with_the_nearest(sections: list[str], ids: list[str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        selected("documented", sections, ids)
    assert said in str(caught.value)


def test_all_unknown_names_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        selected("documented", ["nope"], ["nope", "nay"])
    assert len(caught.value.problems) == 3
