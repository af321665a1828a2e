"""Settings and their backup, by the primary master."""
