# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database server as those see it who dump it: its version, a prefix's databases, and who uses them."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mysql_grants import (
    TO_DUMP,
    TO_RESTORE,
    missing_rights,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_programs import ProgramError, Programs
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_dump import release, server_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import belongs

# MySQL 8.0 tells sizes of up to a day ago otherwise. The comment alone would be an empty statement elsewhere.
_MYSQL = """SELECT 'version', VERSION();
SET @fresh = 1 /*!80000 , SESSION information_schema_stats_expiry = 0 */;
SELECT 'database', s.schema_name, COALESCE(SUM(t.data_length + t.index_length), 0), ''
FROM information_schema.schemata s LEFT JOIN information_schema.tables t ON t.table_schema = s.schema_name
WHERE LEFT(s.schema_name, {length}) = '{prefix}wa' GROUP BY s.schema_name;
SHOW GLOBAL VARIABLES LIKE 'partial_revokes';
SHOW PROCESSLIST"""
# The size of a database that may not be entered cannot be asked for.
_POSTGRESQL = (
    "SELECT 'version', current_setting('server_version')",
    "SELECT 'database', datname, pg_database_size(datname), pg_get_userbyid(datdba) FROM pg_database"
    " WHERE left(datname, {length}) = '{prefix}wa' AND has_database_privilege(datname, 'CONNECT')",
    # Whom its dump names, without whom no server restores it: who owns something in it, has rights or settings there.
    # All of that is in tables that the databases share.
    "SELECT 'named', datname, rolname FROM pg_database b, pg_roles r WHERE left(datname, {length}) = '{prefix}wa' AND"
    " (EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = r.oid"
    " AND (dbid = b.oid OR classid = 'pg_database'::regclass AND objid = b.oid))"
    " OR EXISTS (SELECT FROM pg_db_role_setting WHERE setdatabase = b.oid AND setrole = r.oid))",
    "SELECT 'session', datname FROM pg_stat_activity WHERE left(datname, {length}) = '{prefix}wa'"
    " AND coalesce(backend_type, 'client backend') = 'client backend'",
    "SELECT 'role', rolname FROM pg_roles",
    "SELECT 'member', m.rolname, o.rolname FROM pg_auth_members a"
    " JOIN pg_roles m ON m.oid = a.member JOIN pg_roles o ON o.oid = a.roleid",
    "SELECT 'creator', rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreatedb)",
)


def look(programs: Programs, prefix: str) -> dict[str, t.Any]:
    """C(server), C(program) (the version of the one that dumps), C(databases), and what the user may do there.

    Raises ProgramError."""
    rows = _mysql(programs, prefix) if programs.engine == "mysql" else _postgresql(programs, prefix)
    versions = [row[1] for row in rows if row[0] == "version"]
    if not versions:
        raise ProgramError("the server does not say which version it has")
    users = [row[1] for row in rows if row[0] == "session"]
    databases = [
        {
            "name": row[1],
            "bytes": int(float(row[2])),
            "owner": row[3],
            "named": sorted(one[2] for one in rows if one[:2] == ["named", row[1]]),
            "sessions": users.count(row[1]),
        }
        for row in rows
        if row[0] == "database" and belongs(row[1], prefix)
    ]
    said, server = programs.ask("dump", ["--version"]), server_of(programs.engine, versions[0])
    return {
        "server": server,
        "program": server_of(programs.engine, said.partition("Distrib")[2] or said)["version"],
        "databases": sorted(databases, key=lambda one: str(one["name"])),
        "roles": sorted(row[1] for row in rows if row[0] == "role"),
        "members": sorted(row[1:] for row in rows if row[0] == "member"),
        # MySQL's rights to drop and to create are given together.
        "may_create": programs.engine == "mysql" or any(row[0] == "creator" for row in rows),
        "missing_rights": _missing(programs, server, prefix, rows) if programs.engine == "mysql" else {},
    }


def _mysql(programs: Programs, prefix: str) -> list[list[str]]:
    query = _MYSQL.format(prefix=prefix, length=len(prefix) + 2)
    said = programs.ask("ask", ["--batch", "--skip-column-names", f"--execute={query}"])
    rows = [line.split("\t") for line in said.splitlines()]
    # A line of the list of processes begins with a number; its fourth field is the database.
    return [["session", row[3]] if row[0].isdigit() and len(row) > 3 else row for row in rows]


def _missing(programs: Programs, server: dict[str, str], prefix: str, rows: list[list[str]]) -> dict[str, list[str]]:
    """The rights that a dump and a restore need on the databases and the user lacks, on any of them."""
    # Only MySQL 8 has roles whose rights it does not show by itself.
    roles = server["kind"] == "mysql" and release("mysql", server["version"]) >= (8,)
    role = next(iter(_lines(programs, "SELECT CURRENT_ROLE()") if roles else []), "NONE")
    grants = _lines(programs, "SHOW GRANTS" + ("" if role == "NONE" else f" FOR CURRENT_USER() USING {role}"))
    patterns = ["partial_revokes", "ON"] not in rows
    # The client makes this one in any case.
    names = [row[1] for row in rows if row[0] == "database" and belongs(row[1], prefix)] or [f"{prefix}waent"]
    lacking = {
        purpose: {right for name in names for right in missing_rights(grants, name, patterns, needed)}
        for purpose, needed in (("dump", TO_DUMP), ("restore", TO_RESTORE))
    }
    return {purpose: sorted(found) for purpose, found in lacking.items()}


def _lines(programs: Programs, query: str) -> list[str]:
    """An answer as it is, without an escape for a backslash."""
    shape = ["--batch", "--raw", "--skip-column-names"]
    return programs.ask("ask", [*shape, f"--execute={query}"]).splitlines()


def _postgresql(programs: Programs, prefix: str) -> list[list[str]]:
    queries = [query.format(prefix=prefix, length=len(prefix) + 2) for query in _POSTGRESQL]
    shape = ["--no-psqlrc", "--no-password", "--no-align", "--tuples-only", "--field-separator=\t"]
    said = programs.ask("ask", [*shape, "--dbname=postgres", *(f"--command={query}" for query in queries)])
    return [line.split("\t") for line in said.splitlines()]
