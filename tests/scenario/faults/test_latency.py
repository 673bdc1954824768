from collections.abc import Callable
from typing import TypeAlias

import pytest

from pvws.errors import InputError
from pvws.scenario.faults.latency import Latency
from pvws.scenario.faults.spec import read_fault
from tests.scenario.faults.conftest import Passage

Made: TypeAlias = Callable[..., Passage]


def test_each_message_is_so_much_later(passage: Made) -> None:
    story = passage("latency: 200ms")
    for at in (0, 10, 500):
        story.take(at, f"{at}")
    story.wait(1_000)
    assert story.left == [(200, "0"), (210, "10"), (700, "500")]
    assert story.counts == {"delayed": 3}


def test_with_jitter_every_delay_is_within_its_bounds_and_none_overtakes_another(passage: Made) -> None:
    story = passage("latency: 200ms +- 50ms")
    for number in range(500):
        story.take(number * 200, f"{number}")
        story.wait(number * 200 + 199)
    story.wait(500 * 200 + 250)
    delays = [at - int(text) * 200 for at, text in story.left]
    assert 150 <= min(delays) < 155
    assert 245 < max(delays) <= 250
    assert 195 < sum(delays) / 500 < 205
    close = passage("latency: 200ms +- 50ms")
    for number in range(500):
        close.take(number, f"{number}")
    close.wait(10_000)
    assert close.texts == [f"{number}" for number in range(500)]


def test_a_distribution_of_the_language_will_do(passage: Made) -> None:
    story = passage("latency: {choice: [100ms, 300ms]}")
    for number in range(20):
        story.take(number * 1_000, f"{number * 1_000}")
        story.wait(number * 1_000 + 999)
    assert {at - int(text) for at, text in story.left} == {100, 300}


def test_a_delay_of_0_is_none(passage: Made) -> None:
    story = passage("latency: 0s")
    story.take(1, "a")
    assert story.left == [(1, "a")]
    assert not story.counts
    assert read_fault("latency: 0s").never


@pytest.mark.parametrize("text", ["200ms +- 50ms", "200ms ± 50ms", "200ms+-50ms"])
def test_jitter_may_be_written_with_either_sign(text: str) -> None:
    spec = read_fault(f"latency: {text}")
    assert isinstance(spec.fault, Latency)
    assert str(spec) == "latency: 200ms +- 50ms"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("50ms +- 1s", "a jitter of at most the delay, 50ms"),
        ("50 +- 10ms", 'a delay with its jitter, like "200ms +- 50ms"'),
        ("fast", 'a duration like "30s"'),
    ],
)
def test_what_is_no_delay_is_told(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_fault(f"latency: {text}")
    assert said in str(caught.value)
