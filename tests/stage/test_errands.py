from pvws.stage.errands import Errands


def test_errands_are_done_in_the_order_of_their_instants_and_each_once() -> None:
    errands, done = Errands(), list[tuple[str, int]]()
    errands.put(5, lambda now: done.append(("b", now)))
    errands.put(3, lambda now: done.append(("a", now)))
    errands.put(5, lambda now: done.append(("c", now)))
    assert errands.peek() == 3
    errands.run(4)
    errands.run(9)
    errands.run(9)
    assert done == [("a", 3), ("b", 5), ("c", 5)]
    assert errands.peek() is None


def test_one_that_is_called_off_is_not_done() -> None:
    errands, done = Errands(), list[int]()
    errand = errands.put(3, done.append)
    errands.put(4, done.append)
    errand.cancel()
    assert errands.peek() == 4
    errands.run(9)
    assert done == [4]


def test_what_an_errand_puts_down_is_done_as_well_if_it_is_due() -> None:
    errands, done = Errands(), list[str]()

    def again(now: int) -> None:
        done.append("first")
        errands.put(now, lambda now: done.append("second"))
        errands.put(now + 2, lambda now: done.append("later"))

    errands.put(1, again)
    errands.run(2)
    assert done == ["first", "second"]


def test_only_an_earlier_first_one_is_told() -> None:
    told = list[str]()
    errands = Errands(lambda: told.append("sooner"))
    for at in (5, 7, 5, 3):
        errands.put(at, lambda now: None)
    assert len(told) == 2


def test_those_that_are_called_off_do_not_pile_up_until_their_instants() -> None:
    errands, done = Errands(), list[int]()
    for number in range(20_000):
        errand = errands.put(1_000_000 + number, done.append)
        if number % 1_000:
            errand.cancel()
            errand.cancel()
        assert len(errands) < 3_000
    errands.run(2_000_000)
    assert done == [1_000_000 + number for number in range(0, 20_000, 1_000)]
    assert not len(errands)
