#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: host_logs
short_description: Collect the logs of a cluster's containers on a host
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Writes an archive with what the containers of a cluster have logged, with the client's own log files in them, with
    what the engine says of them, the messages of engine and kernel, and the state of the host.
  - The logs of the containers of each service are in C(<service>/debug_output.txt), those of all of them in
    C(debug_output.txt).
  - Secrets of all containers of the cluster, as M(wabiz.onprem.containers) recognizes them, and those in O(secrets),
    are masked wherever they occur, whatever O(services) says; so is what looks like a password, a token or a private
    key.
  - Without O(path) it only tells how much there is.
  - What cannot be read is told in RV(problems), and everything else is collected all the same.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    support: full
    details: As without O(path).
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each run collects again.
options:
  cluster:
    description: Name of the cluster.
    type: str
    required: true
  path:
    description: The archive (C(.tar.gz)), made with mode 0600 in a directory that exists. Replaced where it exists.
    type: path
  services:
    description: Services of which to collect; all where none is named. C(database) is the cluster's own server.
    type: list
    elements: str
    default: []
  since:
    description:
      - What was written before is left out; a time in UTC, as V(2026-03-01T02:00:00Z).
      - Without it, what is older than 24 hours by the host's clock.
    type: str
  limit:
    description:
      - Bytes to collect at most, before compression. Of larger logs the end is taken, of the client's log files the
        newest.
      - C(debug_output.txt) repeats what it has from those of the services, and does not count.
    type: int
    default: 50000000
  files:
    description: Further files of the host, as patterns with C(*). Those that do not exist are none.
    type: list
    elements: path
    default: []
  units:
    description: Services of systemd of which to collect the journal.
    type: list
    elements: str
    default: [docker, containerd]
  secrets:
    description: Further texts to mask.
    type: list
    elements: str
    default: []
  socket:
    description: Path of the Docker engine's socket.
    type: path
    default: /var/run/docker.sock
  timeout:
    description: Seconds that the engine has for each answer, and that each of the host's programs has.
    type: float
    default: 30.0
"""

EXAMPLES = r"""
- name: Collect what the coreapps of a host have logged since a failure
  wabiz.onprem.host_logs:
    cluster: wabiz
    services: [coreapp]
    since: "2026-03-01T02:00:00Z"
    path: /var/tmp/coreapp-logs.tar.gz
  become: true
"""

RETURN = r"""
size:
  description: Bytes that there are, before compression.
  returned: success
  type: int
taken:
  description: Bytes that are taken of them because of O(limit).
  returned: success
  type: int
logs:
  description: What there is, largest first, each with C(name), C(size), and C(taken).
  returned: success
  type: list
  elements: dict
cut:
  description: Names of those that are not taken as a whole.
  returned: success
  type: list
  elements: str
problems:
  description: What could not be read, and why.
  returned: success
  type: list
  elements: str
free:
  description: Bytes free where the archive is made; null without O(path).
  returned: success
  type: int
bytes:
  description: Length of the archive.
  returned: when the archive was made
  type: int
"""

import datetime as dt
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host.log_archive import write
from ansible_collections.wabiz.onprem.plugins.module_utils._host.log_sources import Asked, look
from ansible_collections.wabiz.onprem.plugins.module_utils._host.space import free_space
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import SOCKET
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.log_shares import Log, shares

_SPACE_SECONDS = 5.0
_DAY = 86400


def moment(since: str | None) -> int:
    """Seconds since 1970; a day ago where none is given. Raises ValueError."""
    if since is None:
        return int(time.time()) - _DAY
    return int(dt.datetime.strptime(f"{since}+0000", "%Y-%m-%dT%H:%M:%SZ%z").timestamp())


def existing(path: Path) -> str:
    """The closest directory that is there."""
    return str(next(parent for parent in path.absolute().parents if parent.exists()))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "cluster": {"type": "str", "required": True},
            "path": {"type": "path"},
            "services": {"type": "list", "elements": "str", "default": []},
            "since": {"type": "str"},
            "limit": {"type": "int", "default": 50_000_000},
            "files": {"type": "list", "elements": "path", "default": []},
            "units": {"type": "list", "elements": "str", "default": ["docker", "containerd"]},
            "secrets": {"type": "list", "elements": "str", "default": [], "no_log": True},
            "socket": {"type": "path", "default": SOCKET},
            "timeout": {"type": "float", "default": 30.0},
        },
        supports_check_mode=True,
    )
    given = module.params
    names = ("cluster", "services", "files", "units", "socket", "timeout")
    try:
        since = moment(given["since"])
    except ValueError:
        module.fail_json(msg=f"since is {given['since']!r}. Write it as 2026-03-01T02:00:00Z.")
    found = look(Asked(since=since, **{name: given[name] for name in names}))
    logs = [Log(source.name, source.size, source.written) for source in found.sources]
    taken = shares(logs, given["limit"])
    largest = sorted(logs, key=lambda log: log.size, reverse=True)
    listed = [{"name": log.name, "size": log.size, "taken": taken[log.name]} for log in largest]
    result = {
        "changed": bool(given["path"]),
        "size": sum(log.size for log in logs),
        "taken": sum(taken.values()),
        "logs": listed,
        "cut": [log.name for log in logs if taken[log.name] < log.size],
        "free": free_space(existing(Path(given["path"])), _SPACE_SECONDS) if given["path"] else None,
    }
    if given["path"] and not module.check_mode:
        path = Path(given["path"])
        try:
            write(found, path, taken, given["secrets"])
            result["bytes"] = path.stat().st_size
        except OSError as error:
            module.fail_json(msg=f"{path} cannot be written: {error}")
    module.exit_json(**result, problems=found.problems)


if __name__ == "__main__":
    main()
