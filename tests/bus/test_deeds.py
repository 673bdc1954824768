from pvws.bus.deeds import Deed, Deeds, Heard
from pvws.bus.question import decoded, encoded


def test_what_clients_do_is_what_was_sent() -> None:
    batch = Deeds(
        "a1",
        7,
        (Deed("anew"), Deed("connects", 3, client_id="x", name="dashboard"), Deed("sends", 3, "", "ping", '{"é":1}')),
        untold=2,
    )
    assert decoded(encoded(batch), Deeds) == batch
    assert decoded(encoded(Heard(known=False)), Heard) == Heard(known=False)
