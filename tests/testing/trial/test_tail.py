from pvws.testing.trial.tail import Tail


def test_all_is_kept_as_long_as_it_is_little() -> None:
    tail = Tail(100)
    for each in (b"one\n", b"two\r\n", b"thr\xc3", b"\xbcee\n"):
        tail.add(each)
    assert tail.text == "one\ntwo\nthrüee\n"
    assert tail.bytes == 17


def test_of_more_the_last_is_kept_and_the_rest_is_counted() -> None:
    tail = Tail(10)
    for number in range(1_000):
        tail.add(f"line {number}\n".encode())
    assert tail.text == "… 8,880 bytes before this are left out\n\nline 999\n"


def test_what_is_no_text_is_shown_all_the_same() -> None:
    tail = Tail()
    tail.add(b"\xff\xfe")
    assert tail.text == "\ufffd\ufffd"
