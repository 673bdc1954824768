"""pvws: a test-bed for clients of the PeerVault WebSocket API."""

__all__ = ["__version__"]

__version__ = "0.1.0"
