"""Everything that touches the database server."""
