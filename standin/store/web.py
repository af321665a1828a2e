"""Users, tokens and shared secrets of the webapps in SQL."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from standin.store.web_tables import metadata, tokens, users, web_config


@dataclass(frozen=True)
class User:
    """One account of the API; the password is hashed."""

    username: str
    password: str
    role: str
    must_change: bool


def create_web_tables(engine: Engine) -> None:
    """All tables; raises sqlalchemy's DBAPIError when another webapp is faster."""
    metadata.create_all(engine)


def read_user(connection: Connection, username: str) -> User | None:
    """One user, None when there is none of that name."""
    row = connection.execute(select(users).where(users.c.username == username)).first()
    return User(row.username, row.password, row.role, bool(row.must_change)) if row else None


def add_user(connection: Connection, user: User) -> bool:
    """Adds a user; False when the name is taken."""
    if read_user(connection, user.username):
        return False
    connection.execute(
        insert(users).values(
            username=user.username, password=user.password, role=user.role, must_change=user.must_change
        )
    )
    return True


def set_password(connection: Connection, username: str, password: str) -> bool:
    """Sets a hashed password; tokens stay valid. False when there is no such user."""
    done = connection.execute(
        update(users).where(users.c.username == username).values(password=password, must_change=False)
    )
    return bool(done.rowcount)


def remove_user(connection: Connection, username: str) -> bool:
    """Removes a user and all its tokens; False when there is no such user."""
    connection.execute(delete(tokens).where(tokens.c.username == username))
    return bool(connection.execute(delete(users).where(users.c.username == username)).rowcount)


def add_token(connection: Connection, rand: str, username: str, expires: int, now: int) -> None:
    """Notes a token; expired ones are removed on the way."""
    connection.execute(delete(tokens).where(tokens.c.expires < now))
    connection.execute(insert(tokens).values(rand=rand, username=username, expires=expires))


def token_user(connection: Connection, rand: str) -> User | None:
    """The user of a token that has not been revoked."""
    username = connection.execute(select(tokens.c.username).where(tokens.c.rand == rand)).scalar()
    return read_user(connection, username) if username else None


def revoke_token(connection: Connection, rand: str) -> None:
    """Revokes one token."""
    connection.execute(delete(tokens).where(tokens.c.rand == rand))


def read_shared(connection: Connection, name: str) -> str | None:
    """What the webapps share under a name, None when there is nothing."""
    found: str | None = connection.execute(select(web_config.c.value).where(web_config.c.name == name)).scalar()
    return found


def write_shared(connection: Connection, name: str, value: str | None) -> None:
    """Sets what the webapps share under a name; None removes it."""
    connection.execute(delete(web_config).where(web_config.c.name == name))
    if value is not None:
        connection.execute(insert(web_config).values(name=name, value=value))


def shared_value(engine: Engine, name: str, make: Any) -> str:
    """The value that all webapps share under a name; made by the first one that asks."""
    query = select(web_config.c.value).where(web_config.c.name == name)
    with engine.begin() as connection:
        found = connection.execute(query).scalar()
    if found is not None:
        return str(found)
    try:
        with engine.begin() as connection:
            connection.execute(insert(web_config).values(name=name, value=make()))
    except IntegrityError:
        pass  # another webapp was faster: its value counts
    with engine.begin() as connection:
        return str(connection.execute(query).scalar_one())
