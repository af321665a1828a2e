"""The administrator of the lab inventory's database server, who logs in by its socket only."""

from __future__ import annotations

from lab.docker import docker
from tests.lab.hosts import CLUSTER, LAB
from tests.support.variables import LAB_VARIABLES

# The password comes first on the standard input, so that no process has it in its arguments; SQL follows.
_ENTER = "read -r MYSQL_PWD && export MYSQL_PWD && exec mysql --user=root --skip-column-names"


def sql(statements: str, host: str = "db1") -> str:
    """Run SQL on the MySQL server of a host and return its output."""
    given = f"{LAB_VARIABLES['wabiz_database_root_password']}\n{statements}\n"
    ask = ["exec", "--interactive", f"{CLUSTER}-database", "sh", "-c", _ENTER]
    return docker("exec", "--interactive", LAB.container(host), "docker", *ask, stdin=given, timeout=300).stdout.strip()
