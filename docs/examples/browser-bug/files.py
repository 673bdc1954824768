"""Shows which files there are, and how large. It has a bug, which the session beside it finds."""

import json
import os

from websockets.sync.client import connect

files = {}


def take(message):
    data = message["data"]
    if message["type"] == "file_uploaded":
        files[data["key"]] = {"size": data["size"]}
    if message["type"] == "file_updated":
        files[data["key"]]["updated"] = message["timestamp"]
    if message["type"] == "file_deleted":
        files.pop(data["key"], None)


def follow(url):
    with connect(url) as connection:
        connection.send(json.dumps({"type": "subscribe", "topic": "file_operations"}))
        for text in connection:
            take(json.loads(text))


if __name__ == "__main__":
    follow(os.environ["PVWS_URL"])
