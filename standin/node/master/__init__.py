"""What masters do: the election of a primary, and its watch over the shards."""
