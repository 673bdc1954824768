import msgspec

from pvws import answers, ledgers
from pvws.ledgers import DeliveryReport


def test_a_reader_of_answers_finds_the_ledger_among_them() -> None:
    assert all(getattr(answers, name) is getattr(ledgers, name) for name in ledgers.__all__)
    assert set(ledgers.__all__) <= set(answers.__all__)


def test_a_ledger_without_a_bus_has_nothing_together_and_one_of_an_older_server_can_be_read() -> None:
    assert DeliveryReport().together is None
    assert msgspec.json.decode(b'{"events":3}', type=DeliveryReport).events == 3
