"""A terminal to run a command in."""

import os
import pty
import subprocess


def on_a_terminal(*command: str, **environment: str) -> str:
    """What a command, which must end well, writes to a terminal with colours; colour escapes and all."""
    leader, follower = pty.openpty()
    inherited = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    process = subprocess.Popen(
        command,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=inherited | {"TERM": "xterm-256color"} | environment,
    )
    os.close(follower)
    screen = b""
    while True:
        try:
            piece = os.read(leader, 65_536)
        except OSError:  # Linux' way of saying that the other side is closed
            break
        if not piece:
            break
        screen += piece
    os.close(leader)
    assert process.wait() == 0, screen.decode()
    return screen.decode().replace("\r\n", "\n")
