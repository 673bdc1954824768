"""The simulated PeerVault network: peers, files, storage and what follows from them. Pure."""
