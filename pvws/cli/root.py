"""What `pvws` and `pvws --help` show first: where to begin, and the commands by what they are for."""

from typing import Any

from typer.core import TyperGroup

__all__ = ["HELP", "SECTIONS", "Root"]

HELP = """A test-bed for clients of the PeerVault WebSocket API.

It is a server with a simulated network behind it; it records, replays, breaks things on demand, and tests your client.

\b
Start here, in two terminals:
  pvws simulate quickstart --loop    a server at ws://localhost:8083/ws
  pvws watch                         a client: it shows what the server sends
"""
"""What stands above the commands."""

SECTIONS: dict[str, tuple[str, ...]] = {
    "Play a network": ("simulate", "serve", "replay", "scenarios"),
    "Watch and steer it": ("watch", "ctl", "emit"),
    "Test a client": ("test", "check", "explore", "shrink"),
    "Record": ("record", "proxy", "recording"),
    "Measure and describe": ("bench", "schema"),
}
"""Every command, in the order in which one meets them."""


class Root(TyperGroup):
    """The group of all commands."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands, section by section."""
        width = max(map(len, self.commands))
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), self.commands[name].get_short_help_str(80)) for name in names])
