"""The nouns of the world: peers, files, and copies on their way from one peer to another."""

__all__ = ["File", "Peer", "Transfer"]


class Peer:
    """A node of the simulated network. Sizes in bytes; `bandwidth` in bytes a second, `latency` in microseconds.

    `used` is what its complete copies take, `reserved` what copies on their way will. `held` are the files it
    has whole, also while the peer is away: it comes back with its disk. `links` are its neighbours and
    `transfers` the copies on their way from or to it.
    """

    __slots__ = (
        "address",
        "bandwidth",
        "capabilities",
        "capacity",
        "connected",
        "held",
        "id",
        "latency",
        "links",
        "name",
        "port",
        "reserved",
        "transfers",
        "used",
    )

    def __init__(
        self,
        name: str,
        peer_id: str,
        address: str,
        port: int,
        capabilities: list[str],
        capacity: int,
        bandwidth: int,
        latency: int,
    ) -> None:
        self.name = name
        self.id = peer_id
        self.address = address
        self.port = port
        self.capabilities = capabilities
        self.capacity = capacity
        self.bandwidth = bandwidth
        self.latency = latency
        self.connected = False
        self.used = 0
        self.reserved = 0
        self.held: dict[File, None] = {}
        self.links: dict[Peer, None] = {}
        self.transfers: dict[Transfer, None] = {}

    @property
    def room(self) -> int:
        """Bytes that neither a copy nor a transfer on its way has taken."""
        return self.capacity - self.used - self.reserved


class File:
    """Something stored. `copies` are the connected peers that hold it whole, `coming` those it is on its way to.

    `key` is 64 lower-case hex digits, the content's hash; `size` in bytes.
    """

    __slots__ = ("coming", "copies", "deleted", "key", "size")

    def __init__(self, key: str, size: int) -> None:
        self.key = key
        self.size = size
        self.copies: dict[Peer, None] = {}
        self.coming: dict[Peer, None] = {}
        self.deleted = False


class Transfer:
    """A copy on its way. It ends by arriving, or with the first of its two peers that leaves; then it is not `live`."""

    __slots__ = ("file", "live", "source", "target")

    def __init__(self, file: File, source: Peer, target: Peer) -> None:
        self.file = file
        self.source = source
        self.target = target
        self.live = True
