"""The tables of the webapps' database (`<prefix>waweb`)."""

from sqlalchemy import BigInteger, Boolean, Column, MetaData, String, Table, Text

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("username", String(64), primary_key=True),
    Column("password", String(255), nullable=False),
    Column("role", String(16), nullable=False),
    Column("must_change", Boolean, nullable=False),
)

# A token is valid while its row exists.
tokens = Table(
    "tokens",
    metadata,
    Column("rand", String(64), primary_key=True),
    Column("username", String(64), nullable=False, index=True),
    Column("expires", BigInteger, nullable=False),
)

# The token key and the certificate authority: shared by all webapps.
web_config = Table(
    "web_config",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
