"""The contract: topics, events, messages, their JSON texts and the frames that carry them. Pure."""
