"""What a node's four ports answer."""
