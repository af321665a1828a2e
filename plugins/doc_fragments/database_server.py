# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options by which a database server is reached that is dumped or restored."""

from __future__ import annotations


class ModuleDocFragment:
    """How the server's own programs are run."""

    DOCUMENTATION = r"""
options:
  engine:
    description: Kind of the server. MariaDB counts as V(mysql).
    type: str
    choices: [mysql, postgresql]
    required: true
  prefix:
    description:
      - Prefix of the databases' names. Those are meant that the client creates, which are named C(wa) and letters or
        digits behind the prefix, for example C(wabiz_waent).
      - Blank where they have none. Then C(waent) and C(waweb) are meant, and nothing else.
    type: str
    required: true
  directory:
    description: Directory of the dumps on this host; each dump is a directory in it.
    type: path
    required: true
  container:
    description:
      - Container in which the programs of the server run, which are C(mysqldump) and C(mysql) (or C(mariadb-dump) and
        C(mariadb)), or C(pg_dump), C(pg_restore) and C(psql). Docker's command line client is needed then.
      - Without it they run on this host.
    type: str
  host:
    description: Name or address of the server. Without it the programs use its Unix socket.
    type: str
  port:
    description: Its port. The default is the engine's own.
    type: int
  user:
    description:
      - User who may read the databases; to restore them also drop and create them. With PostgreSQL it owns them, or
        is a superuser.
    type: str
    required: true
  password:
    description: Its password.
    type: str
  ca_path:
    description:
      - File with the certificate authority of the server, where the programs run. With it the connection is encrypted,
        and certificate and name of the server are verified.
    type: path
  certificate_path:
    description: File with the certificate by which the programs show who they are, where the server asks for one.
    type: path
  key_path:
    description: File with the private key of O(certificate_path).
    type: path
"""

    ACTION_GROUP = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/wabiz.onprem.database) in C(module_defaults) to give the server once.
    support: full
    membership:
      - wabiz.onprem.database
"""
