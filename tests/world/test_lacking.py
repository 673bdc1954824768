"""What is lacking: it is tried again after something has changed, some at a time."""

import pickle

from pvws.sim.kernel import Kernel
from pvws.world.lacking import RETRY_FILES_MAX, RETRY_MICROS, Lacking


class Workshop:
    """Repairs what it can: `hopeless` keys never."""

    def __init__(self, *hopeless: str) -> None:
        self.kernel = Kernel(0)
        self.lacking = Lacking(self.kernel, self.repair)
        self.hopeless = hopeless
        self.tried: list[tuple[int, str]] = []

    def repair(self, key: str) -> None:
        self.tried.append((self.kernel.now, key))
        if key in self.hopeless:
            self.lacking[key] = None


def test_nothing_is_tried_before_something_has_changed() -> None:
    workshop = Workshop()
    workshop.lacking["a"] = None
    assert workshop.kernel.peek() is None


def test_everything_is_tried_once_in_the_order_in_which_it_came() -> None:
    workshop = Workshop("a", "b")
    for key in ("b", "a", "c"):
        workshop.lacking[key] = None
    workshop.lacking.reconsider()
    workshop.kernel.run(100 * RETRY_MICROS)
    assert workshop.tried == [(RETRY_MICROS, "b"), (RETRY_MICROS, "a"), (RETRY_MICROS, "c")]
    assert list(workshop.lacking) == ["b", "a"]


def test_many_changes_are_one_try() -> None:
    workshop = Workshop()
    workshop.lacking["a"] = None
    for _ in range(5):
        workshop.lacking.reconsider()
    assert len(workshop.kernel) == 1


def test_nothing_lacking_is_nothing_to_try() -> None:
    workshop = Workshop()
    workshop.lacking.reconsider()
    assert len(workshop.kernel) == 0


def test_so_many_are_tried_at_a_time_and_the_others_a_second_later() -> None:
    keys = [f"{number}" for number in range(2 * RETRY_FILES_MAX + 5)]
    workshop = Workshop(*keys)
    workshop.lacking.update(dict.fromkeys(keys))
    workshop.lacking.reconsider()
    workshop.kernel.run(100 * RETRY_MICROS)
    assert [key for _, key in workshop.tried] == keys
    assert [at for at, _ in workshop.tried].count(2 * RETRY_MICROS) == RETRY_FILES_MAX
    assert workshop.tried[-1][0] == 3 * RETRY_MICROS


def test_what_is_lacking_no_more_is_not_tried() -> None:
    workshop = Workshop()
    workshop.lacking.update({"a": None, "b": None})
    workshop.lacking.reconsider()
    workshop.lacking.pop("a")
    workshop.kernel.run(100 * RETRY_MICROS)
    assert [key for _, key in workshop.tried] == ["b"]
    assert workshop.kernel.peek() is None


def test_it_goes_on_after_pickling() -> None:
    workshop = Workshop()
    workshop.lacking["a"] = None
    workshop.lacking.reconsider()
    copy = pickle.loads(pickle.dumps(workshop))
    copy.kernel.run(RETRY_MICROS)
    assert copy.tried == [(RETRY_MICROS, "a")]
    assert not copy.lacking
    assert workshop.lacking == {"a": None}
