"""Stand-ins for the official `mysql` and `postgres` images, built on Debian's servers."""
