"""What a coreapp does for the shard that it owns: the lease, the connection, messages and callbacks."""
