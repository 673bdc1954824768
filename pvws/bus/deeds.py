"""What clients of a node do, as the node tells it to the source: in batches, each of which is answered."""

from typing import Literal, TypeAlias

from msgspec import Struct

from pvws.sim.source import Deed as ClientDeed

__all__ = ["DEEDS", "Deed", "Deeds", "Heard"]

DEEDS = "deeds"
"""The name of who is told on a bus."""

_Did: TypeAlias = ClientDeed | Literal["anew", "all"]


class Deed(Struct, frozen=True, gc=False, array_like=True):
    """What the `client`-th connection of a node did; `client_id` and `name` stand where it `connects`.

    Behind `anew` come those who are there, with what they have subscribed to, up to `all`: whoever else the source
    knows of that node has gone.
    """

    did: _Did
    client: int = 0
    topic: str = ""
    type: str = ""
    message: str = ""
    client_id: str = ""
    name: str = ""


class Deeds(Struct, frozen=True):
    """What clients of a `node` did, in order. Batches are numbered, and the next one comes when this was answered.

    It may be empty: a node from which nothing comes for some beats is gone, and its clients with it; so is one that
    `leaves`. `untold` is how many deeds there were in all that no batch has, since the source was away for too long.
    """

    node: str
    number: int
    deeds: tuple[Deed, ...] = ()
    leaves: bool = False
    untold: int = 0


class Heard(Struct, frozen=True):
    """The source's answer: the batch is taken, or else the node is not `known`, or not with what it did before: it is
    to begin `anew`, behind the batch of this `number`, which was taken before the node was given up.
    """

    known: bool
    number: int = 0
