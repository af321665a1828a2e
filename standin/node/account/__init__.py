"""The registered number, by the primary master: registration, PIN, number of shards."""
