from pvws.server.probe import Probe


def test_it_is_answered_once_by_the_pong_that_was_asked_for() -> None:
    answers: list[str] = []
    probe = Probe()
    probe.pong(b"")
    probe.ask(b"one", lambda: answers.append("one"))
    probe.pong(b"other")
    assert answers == []
    probe.pong(b"one")
    probe.pong(b"one")
    assert answers == ["one"]


def test_the_next_question_and_the_end_answer_it_too() -> None:
    answers: list[str] = []
    probe = Probe()
    probe.ask(b"one", lambda: answers.append("one"))
    probe.ask(b"two", lambda: answers.append("two"))
    assert answers == ["one"]
    probe.end()
    probe.end()
    assert answers == ["one", "two"]
