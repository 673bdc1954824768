"""What joins a simulation with the servers that show it: in this process, or by NATS."""
