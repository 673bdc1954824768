"""A client with a planted bug, of nothing but the standard library: it adds up the sizes of the files that there are,
and crashes when one is deleted that it has not seen come.

    python -I -S canary_client.py URL
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from small_client import Client


def main(url: str) -> None:
    client, sizes = Client(url), dict[str, int]()
    client.send(1, b'{"type":"subscribe","topic":"file_operations"}')
    while True:
        opcode, payload = client.read()
        if opcode == 8:
            return
        message = json.loads(payload)
        if message["type"] == "file_uploaded":
            sizes[message["data"]["key"]] = message["data"]["size"]
        elif message["type"] == "file_deleted":
            del sizes[message["data"]["key"]]  # a client that is right takes what it does not know for gone


if __name__ == "__main__":
    main(sys.argv[1])
