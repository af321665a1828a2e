"""Named JSON values of the cluster: registration and settings."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from standin.store.tables import config

ACCOUNT = "account"
PENDING = "pending_registration"
TWO_STEP = "two_step"
APPLICATION = "application_settings"
SHARDS = "shards"


@dataclass(frozen=True)
class Account:
    """The registered number; the certificate is base64, the registration is WhatsApp's word for this installation."""

    cc: str
    phone_number: str
    vname: str
    registration: str
    registered_at: int
    shards: int = 1

    @property
    def number(self) -> str:
        """Country code and number, digits only."""
        return self.cc + self.phone_number


def read_value(connection: Connection, name: str) -> Any:
    """The value of a name, None when it has none."""
    text = connection.execute(select(config.c.value).where(config.c.name == name)).scalar()
    return json.loads(text) if text is not None else None


def write_value(connection: Connection, name: str, value: Any) -> None:
    """Sets the value of a name; None is stored as JSON null."""
    text = json.dumps(value)
    if not connection.execute(update(config).where(config.c.name == name).values(value=text)).rowcount:
        connection.execute(insert(config).values(name=name, value=text))


def read_account(connection: Connection) -> Account | None:
    """The registered account, None before registration."""
    value = read_value(connection, ACCOUNT)
    return Account(**value) if value else None


def write_account(connection: Connection, account: Account) -> None:
    """Stores the registered account, and its number of shards for when it is no more."""
    write_value(connection, ACCOUNT, asdict(account))
    write_value(connection, SHARDS, account.shards)


def read_shard_count(connection: Connection) -> int:
    """The number of shards, of an unregistered client as well: the last one that was set, 1 at first."""
    account = read_account(connection)
    found: int = account.shards if account else read_value(connection, SHARDS) or 1
    return found
