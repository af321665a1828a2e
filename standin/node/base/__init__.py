"""What every part of a node works with."""
