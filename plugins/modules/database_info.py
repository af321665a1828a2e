#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: database_info
short_description: Look at a database server as a client's container would see it
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Looks whether this host, and on request a container of it, can look up the name of a MySQL or PostgreSQL server,
    connect, encrypt, and log in; and reads after the login what the server is, what it allows and what rights the user
    has. Nothing is changed on the server.
  - It only tells what it found, and does not fail because of it.
  - Without the driver (C(pymysql) or C(psycopg2)) on the host it looks as far as the login.
  - In a container nothing is executed. The module enters its network with the name servers and the C(/etc/hosts) of the
    container, for which it needs root's rights.
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
options:
  engine:
    description: Kind of the server.
    type: str
    choices: [mysql, postgresql]
    required: true
  host:
    description: Name or address of the server.
    type: str
    required: true
  port:
    description: Its TCP port.
    type: int
    required: true
  user:
    description: User who logs in.
    type: str
    required: true
  password:
    description: Password of the user.
    type: str
    required: true
  prefix:
    description:
      - Prefix of the names of the databases that the user has to create. Blank where they have none; then C(waent) and
        C(waweb) are meant.
    type: str
    required: true
  tls:
    description: Whether the connection is encrypted and the server's certificate verified.
    type: bool
    default: false
  ca_path:
    description: File with the CA certificates by which it is verified; required with O(tls=true).
    type: path
  certificate_path:
    description: File with the certificate by which the user shows who it is.
    type: path
  key_path:
    description: File with the private key of O(certificate_path).
    type: path
  container:
    description: Name of a running container from which to look as well.
    type: str
  timeout:
    description: Seconds to wait for each answer of the server.
    type: float
    default: 5.0
  socket:
    description: Path of the Docker engine's socket.
    type: path
    default: /var/run/docker.sock
"""

EXAMPLES = r"""
- name: Look at the database server before a node is started
  wabiz.onprem.database_info:
    engine: postgresql
    host: db1.example.net
    port: 5432
    user: wabiz
    password: "{{ vault_database_password }}"
    prefix: wabiz_
    tls: true
    ca_path: /etc/ssl/certs/database-ca.pem
  register: database
  become: true
"""

RETURN = r"""
host:
  description: What was seen from this host.
  returned: always
  type: dict
  contains: &look
    addresses:
      description: Addresses of the server's name.
      type: list
      elements: str
    failed_at:
      description:
        - Where the look ended early, which is C(files) (a file for TLS cannot be used), C(resolve), C(connect),
          C(answer) (what answers is no such server, or says nothing), C(tls) or C(login). Empty where it did not.
      type: str
    reason:
      description: Why it ended there.
      type: str
    cause:
      description:
        - Why a login, or this host before one, is refused, where the server says so; V(password) (user or password are
          wrong), V(tls) (it demands TLS, or a certificate of the user), V(address) (this address, or this user from it,
          is not let in) or V(connections) (there are too many). Else empty.
      type: str
    driver:
      description: What cannot be imported for the login, and so there was none; empty where nothing is missing.
      type: str
    latency_ms:
      description:
        - Milliseconds of a round trip; after the login the median of several, else the time to connect. Null without a
          connection.
      type: float
    tls_offered:
      description: Whether the server encrypts; null where it was not heard.
      type: bool
    certificate_until:
      description: Until when its certificate is valid, as OpenSSL writes it; empty where it was not verified.
      type: str
    version:
      description: Version of the server as it names it; empty where it was not heard.
      type: str
    product:
      description: One of V(MySQL), V(MariaDB), V(PostgreSQL); only after the login, like all below.
      type: str
    max_connections:
      description: How many connections this user may have at the same time.
      type: int
    encoding:
      description: Character set of new databases.
      type: str
    read_only:
      description: Whether the server takes no changes of this user, as a replica does.
      type: bool
    missing_rights:
      description:
        - Rights that the user lacks to create and use databases of any name with the prefix. On MySQL empty where there
          is no prefix.
      type: list
      elements: str
    missing_by_name:
      description:
        - On MySQL the rights that the user lacks on each of the databases that the client is known to create, by their
          names; those that lack none are not named. Such a database need not exist.
      type: dict
    patterns:
      description:
        - Whether rights can be granted on a pattern of names; not in PostgreSQL, nor in MySQL with C(partial_revokes).
      type: bool
    databases:
      description: Databases of the prefix that exist, as far as the client may have created them.
      type: list
      elements: str
    unprefixed:
      description: Databases that exist of an installation without a prefix, as the vendor's files make one.
      type: list
      elements: str
container:
  description: The same, as seen from O(container); empty where it was not asked for or could not be done.
  returned: always
  type: dict
container_problem:
  description: Why it could not be looked from O(container).
  returned: always
  type: str
"""

import socket
import ssl
import time
import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_handshake import (
    HandshakeError,
    Trust,
    dial,
    encrypt,
    greet,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_login import (
    Login,
    LoginRefused,
    NoDriver,
    look,
    refused,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.namespace import NamespaceError, within
from ansible_collections.wabiz.onprem.plugins.module_utils._host.running import process_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import SOCKET

Facts = dict[str, t.Any]


class Stopped(Exception):
    """The look ended early."""

    def __init__(self, step: str, error: Exception) -> None:
        super().__init__(_words(error))
        self.step = step


def view(login: Login, prefix: str) -> Facts:
    """What is seen of the server from where this runs."""
    texts = ("failed_at", "reason", "cause", "driver", "certificate_until", "version")
    facts: Facts = {**dict.fromkeys(texts, ""), "addresses": [], "latency_ms": None, "tls_offered": None}
    try:
        _handshake(login, facts)
        facts.update(look(login, prefix))
    except Stopped as stop:
        facts |= {"failed_at": stop.step, "reason": str(stop)}
    except NoDriver as missing:
        facts["driver"] = str(missing)
    except LoginRefused as error:
        facts |= {"failed_at": "login", "reason": str(error), "cause": error.cause}
    return facts


def _handshake(login: Login, facts: Facts) -> None:
    try:
        if login.trust:
            login.trust.context()
    except OSError as error:
        raise Stopped("files", error) from error
    begin = time.monotonic()
    try:
        connection, facts["addresses"] = dial(login.host, login.port, login.timeout)
    except (socket.gaierror, UnicodeError) as error:
        raise Stopped("resolve", error) from error
    except OSError as error:
        raise Stopped("connect", error) from error
    facts["latency_ms"] = round((time.monotonic() - begin) * 1000, 2)
    with connection:
        try:
            greeting = greet(login.engine, connection)
        except HandshakeError as error:
            # It may refuse before the login, for a reason that it may have for one as well.
            raise refused(error.code, str(error)) if error.code else Stopped("answer", error) from error
        except OSError as error:
            raise Stopped("answer", error) from error
        # MariaDB says so of itself, for the sake of old replicas.
        facts |= {"tls_offered": greeting.encrypts, "version": greeting.version.replace("5.5.5-", "", 1)}
        if login.trust and not greeting.encrypts:
            raise Stopped("tls", HandshakeError("it does not encrypt"))
        try:
            facts["certificate_until"] = encrypt(connection, login.host, login.trust) if login.trust else ""
        except OSError as error:
            raise Stopped("tls", error) from error


def _words(error: Exception) -> str:
    """What went wrong, without the numbers and places of the libraries."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(error.verify_message).rstrip(".")
    if isinstance(error, ssl.SSLError):
        return str(error.reason or error)
    if isinstance(error, socket.timeout):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "engine": {"type": "str", "choices": ["mysql", "postgresql"], "required": True},
            "host": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
            "user": {"type": "str", "required": True},
            "password": {"type": "str", "required": True, "no_log": True},
            "prefix": {"type": "str", "required": True},
            "tls": {"type": "bool", "default": False},
            "ca_path": {"type": "path"},
            "certificate_path": {"type": "path"},
            "key_path": {"type": "path", "no_log": False},
            "container": {"type": "str"},
            "timeout": {"type": "float", "default": 5.0},
            "socket": {"type": "path", "default": SOCKET},
        },
        required_if=[("tls", True, ["ca_path"])],
        required_together=[("certificate_path", "key_path")],
        supports_check_mode=True,
    )
    given = module.params
    trust = Trust(given["ca_path"], given["certificate_path"], given["key_path"]) if given["tls"] else None
    who = {name: given[name] for name in ("engine", "host", "port", "user", "password", "timeout")}
    login = Login(**who, trust=trust)
    seen: Facts = {}
    problem = ""
    if given["container"]:
        # First: what the library of names has read of the host's files it would keep in the container.
        try:
            process = process_of(given["container"], given["socket"])
            seen = within(process, lambda: view(login, given["prefix"]), 10 * given["timeout"])
        except (EngineError, NamespaceError) as error:
            problem = str(error)
    module.exit_json(changed=False, host=view(login, given["prefix"]), container=seen, container_problem=problem)


if __name__ == "__main__":
    main()
