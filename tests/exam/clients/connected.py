"""A client as one writes it with pvws's own library, as it comes: python connected.py [URL]

It listens to every topic, leaves on SIGTERM, and has nothing else to do: all that is examined is `pvws.connect`.
"""

import asyncio
import os
import signal
import sys

import pvws


async def listen(url: str, token: str | None) -> int:
    """Take events until SIGTERM."""
    async with pvws.connect(url, token=token) as events:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
        try:
            async for event in events:
                _ = event.type
        except asyncio.CancelledError:
            return 0
    return 1


def main(url: str) -> int:
    try:
        return asyncio.run(listen(url, os.environ.get("PVWS_TOKEN")))
    except pvws.PvwsError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or [os.environ["PVWS_URL"]]))
