"""A database server of others on one of the lab's hosts: TLS demanded, users with no more rights than they need.

PostgreSQL, under the name that the lab's inventory gives it. Nothing of it carries the cluster's label.
"""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import Authority, issue

from tests.lab.hosts import HOSTS, address, containers, each, shell
from tests.lab.inventories import Groups, variant
from tests.support.canary import Canaries
from tests.support.variables import ALL_LAB_VARIABLES
from tests.support.waiting import wait_for

HOST, NAME, PORT = "db1", "site-database", 15432
DATA = "/srv/site-database"
CA_FILE = "/etc/ssl/site-database-ca.pem"
CONNECTIONS = 600

SECRETS = Canaries(
    [], {name: f"Site-9-{name[-8:]}-{secrets.token_hex(8)}" for name in ("wabiz_database_password", "site_password")}
)
# By the user, what may be less than it needs.
USERS = {"wabiz": "CREATEDB", "norights": "", "few": "CREATEDB CONNECTION LIMIT 20"}


@cache
def authority() -> Authority:
    """The CA of the site's database."""
    return issue("Site database CA", ca=True)


def variables() -> dict[str, Any]:
    """What the cluster's inventory says of this server."""
    return {
        "wabiz_database_engine": "postgresql",
        "wabiz_database_host": address(HOST),
        "wabiz_database_port": PORT,
        "wabiz_database_password": SECRETS.values["wabiz_database_password"],
        "wabiz_database_tls_ca": CA_FILE,
    }


def inventory() -> Path:
    """The lab's inventory without group database, and with this server's variables."""

    def change(groups: Groups) -> None:
        del groups["database"]

    target = variant("external-database", change)
    # Read after the others, so that it counts.
    text = yaml.safe_dump(variables())
    (target / "group_vars" / "all" / "site.yml").write_text(text, encoding="utf-8")
    return target


def start() -> None:
    """Run the server on its host, which may have been bare, and put its CA on every other."""
    server = issue(HOST, authority(), addresses=(address(HOST),))
    image = ALL_LAB_VARIABLES["wabiz_database_images"]["postgresql"]
    files = {
        "server.pem": server.pem,
        "server.key": server.key_pem,
        "pg_hba.conf": "local all all trust\nhostssl all all all md5\n",
    }
    written = "\n".join(f"cat > {DATA}/{name} << 'END'\n{text}END" for name, text in files.items())
    options = f"ssl=on ssl_cert_file={DATA}/server.pem ssl_key_file={DATA}/server.key hba_file={DATA}/pg_hba.conf"
    settings = " ".join(f"-c {option}" for option in [*options.split(), f"max_connections={CONNECTIONS}"])
    password = SECRETS.values["site_password"]
    shell(
        HOST,
        f"mkdir -p {DATA}; {written}\nchown -R 0:999 {DATA}; chmod 750 {DATA}; chmod 640 {DATA}/*; "
        f"printf %s {password} > {DATA}/password; "
        f"docker run --detach --name {NAME} --publish {PORT}:5432 --volume {DATA}:{DATA}:ro "
        f"--env POSTGRES_PASSWORD_FILE={DATA}/password {image} postgres {settings}",
    )
    wait_for("the site's database", lambda: "1" in _sql("SELECT 1"), 90)
    # By a file on its standard input, so that no process has the password in its arguments.
    own = SECRETS.values["wabiz_database_password"]
    made = "\n".join(f"CREATE ROLE {user} LOGIN PASSWORD '{own}' {rights};" for user, rights in USERS.items())
    _sql(made)
    each(dict.fromkeys(HOSTS, f"cat > {CA_FILE} << 'END'\n{authority().pem}END\nchmod 644 {CA_FILE}"))


def _sql(text: str) -> str:
    ask = f"docker exec --interactive {NAME} psql --username=postgres --tuples-only"
    return shell(HOST, f"{ask} << 'END' 2>&1 || true\n{text}\nEND")


def known() -> set[str]:
    """Return the names of the server's databases and roles."""
    return set(_sql("SELECT rolname FROM pg_roles UNION SELECT datname FROM pg_database").split())


def stop() -> None:
    """Remove the server with its data, and what was put on the hosts."""
    if NAME in containers(HOST):
        shell(HOST, f"docker rm --force --volumes {NAME}")
    each(dict.fromkeys(HOSTS, f"rm -rf {DATA} {CA_FILE}"))
