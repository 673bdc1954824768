from pvws.testing.rule import Section
from pvws.testing.visit import Visit


def test_a_dialogue_becomes_a_rule_whose_sentence_is_its_docstring() -> None:
    section = Section("greetings", profile="documented")

    @section.rule("hello", "RFC 1, section 2", slow=True)
    async def hello(visit: Visit) -> None:
        """A server
        says hello."""

    (rule,) = section.rules
    assert (rule.id, rule.section, rule.sentence) == ("greetings.hello", "greetings", "A server says hello.")
    assert (rule.source, rule.profile, rule.slow, rule.alone) == ("RFC 1, section 2", "documented", True, False)
    assert rule.dialogue is hello


def test_a_rule_may_be_for_another_profile_than_its_section() -> None:
    section = Section("greetings")

    async def dialogue(visit: Visit) -> None: ...

    section.add("both", "", "Both.", dialogue)
    section.add("one", "", "One.", dialogue, profile="upstream")
    assert [rule.profile for rule in section.rules] == [None, "upstream"]
