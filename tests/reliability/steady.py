"""The clients of the soak that stay, read all, and suffer no fault: `python -m tests.reliability.steady URL CLIENTS`.

They are the load client's crowd, so that each byte of each connection is compared. The process says `{"ready": true}`
once all have subscribed, listens until it is told to go on by a line, and says what came.
"""

import json
import select
import sys

from msgspec import structs

from pvws.testing.load.crowd import Crowd
from pvws.testing.load.measures import allow
from pvws.testing.target import Target
from pvws.wire.topics import TOPICS

PATIENCE_S = 30.0


def main(url: str, clients: int) -> None:
    allow(clients)
    crowd = Crowd(Target(url, patience=PATIENCE_S), clients)
    try:
        crowd.open()
        crowd.subscribe(TOPICS, quiet=False)
        _say({"ready": True})
        crowd.listen(lambda: bool(select.select([sys.stdin], [], [], 0)[0]))
        sys.stdin.readline()
        found = crowd.finish(complete=True)
        _say({"messages": crowd.messages(), "gone": crowd.gone, "reckoning": structs.asdict(found)})
        sys.stdin.readline()
    finally:
        crowd.close()


def _say(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
