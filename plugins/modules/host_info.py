#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: Read what a host offers to the containers of a cluster
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Reads, in one go and without changing anything, what container engine answers, what containers, networks and
    volumes there are, which ports are taken, whether images exist locally or in their registry, free disk space and
    mount points.
  - What cannot be read is reported as such, and everything else all the same. Every request to the engine has a
    time-out.
  - Environments of containers are inspected on the host; no value of theirs is returned but RV(containers[].database).
  - Needs nothing on the host but Python.
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
options:
  socket:
    description: Path of the Docker engine's socket.
    type: path
    default: /var/run/docker.sock
  engine_timeout:
    description: Seconds to wait for each answer of the engine.
    type: float
    default: 30.0
  details:
    description:
      - Whether each container is inspected. Without, only what the engine's lists say is returned; it is enough to tell
        what belongs to whom.
    type: bool
    default: true
  limits_of:
    description: Names of containers whose limits are to be told, for example of memory.
    type: list
    elements: str
    default: []
  images:
    description: Names with tag of images that are to be looked up, first locally, then in their registry.
    type: list
    elements: str
    default: []
  registry_timeout:
    description: Seconds to wait until the engine has asked the registry for one of O(images).
    type: float
    default: 10.0
  registry:
    description:
      - The registry of O(registry_user). Other registries, and this one where no user is given, are asked with the
        login that the host has for C(docker pull).
    type: str
  registry_user:
    description: User who may pull from O(registry).
    type: str
  registry_password:
    description: Password of O(registry_user).
    type: str
  ports:
    description: TCP ports of which to tell whether something listens.
    type: list
    elements: int
    default: []
  paths:
    description: Directories of which to tell whether they are mount points.
    type: list
    elements: path
    default: []
  files:
    description: Files of which to tell whether they exist.
    type: list
    elements: path
    default: []
  records:
    description: Small files of which to tell the age, and the content where it is a JSON object.
    type: list
    elements: path
    default: []
  services:
    description: Services of which to tell whether they run.
    type: list
    elements: str
    default: []
  programs:
    description: Programs of which to tell whether they are installed.
    type: list
    elements: str
    default: []
  file_digests:
    description: Files of which to tell the SHA-256 digest.
    type: list
    elements: path
    default: []
  ca_of:
    description: A webapp's container of which to tell the digest of its CA certificate. It need not run.
    type: dict
    suboptions:
      container:
        description: Name of the container.
        type: str
        required: true
      path:
        description: The certificate's file within the container.
        type: str
        default: /var/lib/whatsapp/ca.pem
  addresses:
    description: IP addresses of which to tell whether they are the host's.
    type: list
    elements: str
    default: []
  certificates:
    description: Files with a certificate (PEM) of which to tell when it ends.
    type: list
    elements: path
    default: []
  connect:
    description: Addresses in the form C(host:port) of which to tell whether a TCP connection can be made.
    type: list
    elements: str
    default: []
  connect_timeout:
    description: Seconds to wait for each connection of O(connect).
    type: float
    default: 3.0
  resolve:
    description:
      - Host names of which to tell whether containers on this host can look them up. They ask DNS, and do not see the
        host's C(/etc/hosts).
    type: list
    elements: str
    default: []
  resolve_timeout:
    description: Seconds to wait for DNS, for each of O(resolve).
    type: float
    default: 5.0
  config_directories:
    description:
      - Directories that hold the configuration directories of clusters, each with its record C(cluster.json).
    type: list
    elements: path
    default: []
  spaces:
    description: Directories of which to tell how much space is free; each is given 5 seconds.
    type: list
    elements: path
    default: []
  media_path:
    description: The directory of the client's media, which may be on a share. It is given 5 seconds.
    type: path
  parts:
    description:
      - What each part of the host that is of interest (a service, the share, the schedule) consists of, as a list
        of resources by part.
      - A resource is its kind and its name, separated by a space; the kinds are C(container), C(image), C(network),
        C(volume), C(file), C(directory), C(mount) and C(unit) (of systemd).
    type: dict
    default: {}
  stamp:
    description: The file in which M(wabiz.onprem.host_stamp) noted what the last run left.
    type: path
  lock_path:
    description: File of a lock (M(wabiz.onprem.cluster_lock)) of which to tell who holds it.
    type: path
  client:
    description:
      - How to ask the client of a cluster for its health, as in M(wabiz.onprem.health_info), in the same execution.
      - Needs C(requests) on the host.
    type: dict
    suboptions:
      endpoints:
        description: Addresses of webapps, of which the first one that answers is asked.
        type: list
        elements: str
        required: true
      ca_path:
        description: File with the CA certificates that are trusted.
        type: path
      server_hostname:
        description: The name in the webapps' certificate, where it is another than in the address.
        type: str
      username:
        description: User who logs in where there is no API key.
        type: str
      timeout:
        description: Seconds to wait for each answer.
        type: float
        default: 10.0
  client_api_key:
    description: The client's API key, for O(client).
    type: str
  client_password:
    description: Password of the user in O(client).
    type: str
  client_proxy:
    description: HTTP proxy for O(client); its address may hold a password.
    type: str
  balancer_socket:
    description: Runtime socket of an HAProxy of which to read the statistics; it is given 3 seconds.
    type: path
"""

EXAMPLES = r"""
- name: Inspect a host before a coreapp is put there
  wabiz.onprem.host_info:
    images:
      - docker.whatsapp.biz/coreapp:v2.57.2
    ports: [6250, 6251, 6252, 6253]
  become: true
  register: host
"""

RETURN = r"""
engine:
  description: The container engine.
  returned: always
  type: dict
  contains:
    running:
      description: Whether the engine answers.
      type: bool
    present:
      description:
        - Whether the engine answers, or one is installed that does not, by its program C(dockerd), its unit, or
          something that listens at its socket. A command C(docker) alone is none, unless it is Podman's, and neither
          are a socket and a masked unit that a removed one has left.
      type: bool
    kind:
      description:
        - One of V(docker), V(docker-ce) (from Docker's own packages), V(snap), V(rootless) (Docker without root's
          rights), V(podman).
        - Where none answers it is V(snap), V(rootless) or V(podman) if that is what is installed, V(docker-ce) if there
          is the client of Docker's own packages for Debian without an engine, else empty.
      type: str
    version:
      description: Its version; empty where none answers.
      type: str
    architecture:
      description: The architecture of the host as images name it, such as V(amd64); empty where none answers.
      type: str
    seccomp:
      description:
        - The seccomp profile of containers for which no other is given, V(default) or V(builtin) for Docker's own;
          empty where the engine uses none, or none answers.
      type: str
    libseccomp:
      description: Version of the host's library that applies the profile; empty where there is none, or none answers.
      type: str
    error:
      description: Why it does not answer.
      type: str
system:
  description: The operating system, as its file C(os-release) says; empty texts where it does not.
  returned: always
  type: dict
  contains:
    id:
      description: What it calls itself, such as V(debian) or V(rocky).
      type: str
    version:
      description: Its version, such as V(12).
      type: str
    family:
      description: V(debian), V(redhat), or empty for others.
      type: str
limits:
  description:
    - The limits that C(docker update) can change, of each container of O(limits_of) that exists, by the names that
      M(community.docker.docker_container) has for them, as the engine tells them. What is not limited is omitted.
  returned: always
  type: dict
problems:
  description:
    - Why something could not be read, by its name (C(containers), C(networks), C(volumes), C(limits)), which is empty
      then.
  returned: always
  type: dict
services:
  description: Whether each of O(services) runs. Those that systemd does not know are omitted.
  returned: always
  type: dict
programs:
  description: Whether each of O(programs) is installed.
  returned: always
  type: dict
requirements:
  description: Whether C(requests) can be imported, and the commands C(crontab) and C(docker) found on the host.
  returned: always
  type: dict
drivers:
  description:
    - Whether there is what the modules of C(community.mysql) (V(mysql)), C(community.postgresql) (V(postgresql)) and
      C(community.crypto) (V(crypto)) need of Python. MySQL may demand encryption by the library C(cryptography) too.
  returned: always
  type: dict
  sample: {mysql: true, postgresql: false, crypto: true}
containers:
  description: All containers, running or not.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the container; its id where it has none, as one that Docker could not remove entirely.
      type: str
    id:
      description: The first 12 digits of its id.
      type: str
    image:
      description: Image by name and tag, as the container was created.
      type: str
    image_id:
      description: Id of the image that it was created from, which differs where a tag was pushed again.
      type: str
    running:
      description: Whether it runs.
      type: bool
    cluster:
      description: The cluster that it belongs to, by label; empty for containers of others.
      type: str
    node:
      description: The service whose node it is (webapp, master, coreapp), by label; else empty.
      type: str
    version:
      description: Version of the client, by label; else empty.
      type: str
    ports:
      description: Published host ports; of a container that restarts again and again also while it is down.
      type: list
      elements: int
    networks:
      description: Networks that it is attached to.
      type: list
      elements: str
    volumes:
      description: Named volumes that it uses.
      type: list
      elements: str
    writes:
      description: Named volumes, directories and files of the host that it may write to.
      type: list
      elements: str
    env_names:
      description: Names of its environment variables; values are not read out. With O(details) only, like all below.
      type: list
      elements: str
    restart_policy:
      description: One of V(no), V(always), V(unless-stopped), V(on-failure).
      type: str
    starts_at_boot:
      description:
        - Whether it is stopped now, and the engine will start it when the engine itself starts again.
        - True with C(always); with C(on-failure) where it ended with an error, even by C(docker stop), unless its
          retries are used up; with C(unless-stopped) where its last start failed, not where it was stopped by hand.
      type: bool
    client:
      description:
        - The kind of WhatsApp client that it runs, by its environment and command, whatever its image is called;
          V(single), V(multi) (of a cluster), V(dbupgrade), or empty for anything else.
      type: str
    database:
      description:
        - The database that it uses; empty for those that use none, and for what is no client and no container of a
          cluster.
      type: dict
      contains:
        engine:
          description: As in C(WA_DB_ENGINE).
          type: str
        host:
          description: As in C(WA_DB_HOSTNAME).
          type: str
        port:
          description: As in C(WA_DB_PORT).
          type: str
        user:
          description: As in C(WA_DB_USERNAME). Not of a client without a cluster's label.
          type: str
        prefix:
          description: As in C(WA_DB_NAME_PREFIX).
          type: str
        password_digest:
          description:
            - C(WA_DB_PASSWORD) hashed with PBKDF2 and a salt of this execution, in the form
              C(pbkdf2$<iterations>$<salt>$<hash>); empty where it has none. Not of a client without a cluster's label.
          type: str
    secrets:
      description:
        - For the nodes of a cluster, C(api_key) (C(WA_API_KEY)), C(jwt_key) (C(WA_WEB_JWT_CRYPTO_KEY)) and C(secret)
          (C(WA_SECRET)), each hashed as C(password_digest); empty where it is not set.
      type: dict
    media:
      description:
        - What it has mounted for its media, with C(fstype), C(source) and C(device), as the kernel calls them; only of
          a running node.
      type: dict
    error:
      description: Why it could not be inspected; empty where it could.
      type: str
networks:
  description: All networks.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the network.
      type: str
    id:
      description: The first 12 digits of its id.
      type: str
    cluster:
      description: The cluster that it was made for, by label; empty for networks of others.
      type: str
    containers:
      description: Names of the containers that are attached to it, running or not.
      type: list
      elements: str
    subnets:
      description: Its subnets.
      type: list
      elements: str
volumes:
  description: All volumes.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the volume.
      type: str
    cluster:
      description: The cluster that it was made for, by label; empty for volumes of others.
      type: str
    driver:
      description: Its driver.
      type: str
    options:
      description: The options of its driver, with secrets masked.
      type: dict
clusters:
  description: What the records below O(config_directories) say.
  returned: always
  type: list
  elements: dict
  contains:
    cluster:
      description: Name of the cluster, which is that of its directory.
      type: str
    number:
      description: Its phone number; empty where the record does not contain it.
      type: str
images:
  description:
    - C(local), C(registry) or the reason why it was not found, by image. Where the registry was not reached or gave
      no clear answer, the reason begins with C(cannot be checked).
  returned: always
  type: dict
image_facts:
  description: What the images of O(images) that exist locally say of themselves, by image.
  returned: always
  type: dict
  contains:
    created:
      description: When the image was made, in UTC.
      type: str
    expires_on:
      description: Its label C(EXPIRES_ON), a date; empty where it has none.
      type: str
    id:
      description: Its id in this engine.
      type: str
    digests:
      description: The digests under which registries have it, as far as the engine knows; none where it was loaded.
      type: list
      elements: str
    tags:
      description: All its names with tag.
      type: list
      elements: str
    architecture:
      description: For which architecture it is made, such as V(amd64).
      type: str
    size:
      description: Its size on the host in bytes.
      type: int
    content:
      description:
        - A digest of its layers, the same in every engine, whatever id the engine gives it. Empty where the engine does
          not name the layers.
      type: str
registry_facts:
  description: What the registry says of the images of O(images) that it has and the host has not, by image.
  returned: always
  type: dict
  contains:
    digest:
      description: The digest that the tag has in the registry now.
      type: str
    architectures:
      description: For which architectures it is there.
      type: list
      elements: str
ports_taken:
  description: Those of O(ports) on which something listens.
  returned: always
  type: list
  elements: int
addresses:
  description: Empty text for each of O(addresses) that is one of the host's, else the reason.
  returned: always
  type: dict
mounts:
  description: Whether each of O(paths) is a mount point.
  returned: always
  type: dict
links:
  description: Those of O(paths) that are no mount points and go through a symbolic link, with where they lead.
  returned: always
  type: dict
files:
  description: Whether each of O(files) exists. One on a share that does not answer does not.
  returned: always
  type: dict
records:
  description: Those of O(records) that exist, by path.
  returned: always
  type: dict
  contains:
    age:
      description: Seconds since the file was written, by the host's own clock.
      type: int
    content:
      description: The JSON object in it; empty where it holds none.
      type: dict
file_digests:
  description: SHA-256 digest of each of O(file_digests) in hexadecimal digits; empty where there is no such file.
  returned: always
  type: dict
certificates:
  description: The last day (YYYY-MM-DD, UTC) of each of O(certificates); empty where it cannot be read.
  returned: always
  type: dict
today:
  description: The day (YYYY-MM-DD, UTC) by the host's own clock.
  returned: always
  type: str
certificate_authority:
  description: The CA certificate within the container of O(ca_of); both texts are empty where none was asked for.
  returned: always
  type: dict
  contains:
    digest:
      description:
        - SHA-256 digest of the file in hexadecimal digits, with one line break at its end, as role node keeps it. Empty
          where it cannot be read.
      type: str
    problem:
      description: Why it cannot be read; also where there is no such container yet.
      type: str
connections:
  description: Empty text for each address of O(connect) that answered, else the reason.
  returned: always
  type: dict
fingerprints:
  description:
    - Of each of O(parts) the fingerprints of its resources, by resource; V(absent) for what is not there. If nothing
      has changed, the fingerprint is the same; a restart of a container does not change it.
    - They are made with a key that O(stamp) holds; without that file they cannot be used.
  returned: always
  type: dict
stamp:
  description: What O(stamp) holds, by part; empty where there is no such file.
  returned: always
  type: dict
  contains:
    wanted:
      description: Digest of the settings that were brought about.
      type: str
    found:
      description: What RV(fingerprints) was right afterwards.
      type: dict
names:
  description:
    - Empty text for each of O(resolve) that containers can look up, else the reason. Where that could not be found out,
      it begins with C(cannot be checked).
  returned: always
  type: dict
spaces:
  description:
    - Bytes free in each of O(spaces), 0 where no further file can be made; null where it does not exist or does not
      answer, as a share whose server is down.
  returned: always
  type: dict
media:
  description: The directory of O(media_path).
  returned: when O(media_path) is given
  type: dict
  contains:
    path:
      description: As given.
      type: str
    problem:
      description: Why it does not answer; empty where it does, also where there is no such directory.
      type: str
    mount:
      description:
        - The mount that it is in, with its C(point), C(fstype), C(source) and C(device), by the kernel's own table.
      type: dict
    modes:
      description:
        - The mode, as V(755), of the directory and of C(incoming), C(outgoing) and C(shared) in it, as far as there are
          any.
      type: dict
    free:
      description: Bytes free in it, 0 where no further file can be made; null where it is not known.
      type: int
lock:
  description:
    - Who holds the lock of O(lock_path). Empty where no one does; with C(error) alone where it cannot be read.
  returned: when O(lock_path) is given
  type: dict
  contains:
    holder:
      description: Who it is.
      type: str
    purpose:
      description: What for.
      type: str
    since:
      description: When it began, in UTC.
      type: str
    until:
      description: When it ends, in UTC.
      type: str
    expired:
      description: Whether it has ended, by the host's own clock. The next operation takes it over then.
      type: bool
    error:
      description: Why the lock cannot be read.
      type: str
health:
  description:
    - What the client says, as returned by M(wabiz.onprem.health_info); C(msg) alone says why it could not be asked.
  returned: when O(client) is given
  type: dict
balancer:
  description: The answer of O(balancer_socket) to C(show stat), as CSV text; empty where it does not answer.
  returned: when O(balancer_socket) is given
  type: str
disk_free:
  description: >-
    Bytes free where Docker keeps its data (or will keep them), 0 where no further file can be made, or where the
    directory does not answer.
  returned: always
  type: int
"""

import base64
import importlib.util
import os
import time
import typing as t
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.der import not_after
from ansible_collections.wabiz.onprem.plugins.module_utils._host import lease, stamp
from ansible_collections.wabiz.onprem.plugins.module_utils._host.balancer_socket import statistics
from ansible_collections.wabiz.onprem.plugins.module_utils._host.container_file import container_digest, file_digest
from ansible_collections.wabiz.onprem.plugins.module_utils._host.containers import attached, container_list
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import PATIENCE, Engine, EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine_state import engine_state, has_command
from ansible_collections.wabiz.onprem.plugins.module_utils._host.images import find_image
from ansible_collections.wabiz.onprem.plugins.module_utils._host.json_file import dated
from ansible_collections.wabiz.onprem.plugins.module_utils._host.limits import read_limits
from ansible_collections.wabiz.onprem.plugins.module_utils._host.listings import network_list, volume_list
from ansible_collections.wabiz.onprem.plugins.module_utils._host.mounts import links, mount_table
from ansible_collections.wabiz.onprem.plugins.module_utils._host.names import check_names
from ansible_collections.wabiz.onprem.plugins.module_utils._host.network import (
    listening_ports,
    try_address,
    try_connect,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._host.presence import present
from ansible_collections.wabiz.onprem.plugins.module_utils._host.records import cluster_records
from ansible_collections.wabiz.onprem.plugins.module_utils._host.registry_login import Login
from ansible_collections.wabiz.onprem.plugins.module_utils._host.resources import fingerprints
from ansible_collections.wabiz.onprem.plugins.module_utils._host.services import running_services
from ansible_collections.wabiz.onprem.plugins.module_utils._host.share import share
from ansible_collections.wabiz.onprem.plugins.module_utils._host.space import free_space, room_for
from ansible_collections.wabiz.onprem.plugins.module_utils._host.system import system
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import SOCKET

_NO_LISTS: dict[str, t.Any] = {"containers": [], "networks": [], "volumes": [], "limits": {}, "problems": {}}
_BALANCER_SECONDS = 3.0
_SPACE_SECONDS = 5.0
_DRIVERS = {
    "mysql": ("pymysql", "cryptography"),  # for a password by caching_sha2_password without TLS
    "postgresql": ("psycopg2",),
    "crypto": ("cryptography",),
}


def engine_lists(engine: Engine, details: bool, limits_of: list[str]) -> dict[str, t.Any]:
    """Containers, networks, volumes and limits; why one of them could not be read is told in C(problems)."""
    problems: dict[str, str] = {}

    def read(kind: str, lister: t.Callable[[], t.Any], nothing: t.Any) -> t.Any:
        try:
            return lister()
        except EngineError as error:
            problems[kind] = str(error)
            return nothing

    containers = read("containers", lambda: container_list(engine, details), [])
    return {
        "containers": containers,
        "networks": read("networks", lambda: network_list(engine, attached(containers)), []),
        "volumes": read("volumes", lambda: volume_list(engine), []),
        "limits": read("limits", lambda: read_limits(engine, limits_of), {}),
        "problems": problems,
    }


def authority(engine: Engine | None, place: dict[str, str] | None) -> dict[str, str]:
    """The CA certificate in a webapp's container, as C(certificate_authority) tells it."""
    if place is None:
        return {"digest": "", "problem": ""}
    if engine is None:
        return {"digest": "", "problem": "no engine answers"}
    return container_digest(engine, place["container"], place["path"])


def last_day(path: str) -> str:
    """When the first certificate of a file ends; empty where it cannot be read."""
    try:
        _before, begin, rest = Path(path).read_text(encoding="ascii").partition("-----BEGIN CERTIFICATE-----")
        body, end, _after = rest.partition("-----END CERTIFICATE-----")
        return not_after(base64.b64decode(body)) if begin and end else ""
    except (OSError, ValueError):
        return ""


def lock_holder(path: str, now: float) -> dict[str, t.Any]:
    """Who holds the cluster; it is only read, so no one has to wait."""
    try:
        found = lease.read(Path(path))
    except (OSError, ValueError) as error:
        return {"error": str(error)}
    return {} if found is None else {**found.as_dict(), "expired": not found.valid(now)}


def health(client: dict[str, t.Any], remember: t.Callable[[str], t.Any]) -> dict[str, t.Any]:
    """What the client says of its nodes, or why it cannot be asked."""
    # Only where a client is asked: the import takes as long as the rest of the inspection of a host.
    from ansible_collections.wabiz.onprem.plugins.module_utils._api import connection, errors, sessions

    if connection.REQUESTS_IMPORT_ERROR is not None:
        return {"msg": missing_required_lib("requests")}
    try:
        session = sessions.open_session({**client, "retries": 0, "retry_delay": 0.0}, remember)
        try:
            return sessions.health_report(*sessions.read_health(session))
        finally:
            session.close()
    except errors.ClientError as error:
        return {"msg": str(error)}


def asked_for(module: AnsibleModule) -> dict[str, t.Any]:
    """What is returned only where it was asked for."""
    found: dict[str, t.Any] = {}
    names = ("lock_path", "media_path", "balancer_socket", "client")
    path, media, socket, client = (module.params[name] for name in names)
    if path:
        found["lock"] = lock_holder(path, time.time())
    if media:
        found["media"] = share(media, _SPACE_SECONDS)
    if socket:
        found["balancer"] = statistics(socket, _BALANCER_SECONDS)
    if client:
        secret = {name: module.params[f"client_{name}"] for name in ("api_key", "password", "proxy")}
        found["health"] = health({**client, **secret}, module.no_log_values.add)
    return found


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "socket": {"type": "path", "default": SOCKET},
            "engine_timeout": {"type": "float", "default": PATIENCE},
            "details": {"type": "bool", "default": True},
            "limits_of": {"type": "list", "elements": "str", "default": []},
            "images": {"type": "list", "elements": "str", "default": []},
            "registry_timeout": {"type": "float", "default": 10.0},
            "registry": {"type": "str"},
            "registry_user": {"type": "str"},
            "registry_password": {"type": "str", "no_log": True},
            "ports": {"type": "list", "elements": "int", "default": []},
            "paths": {"type": "list", "elements": "path", "default": []},
            "files": {"type": "list", "elements": "path", "default": []},
            "records": {"type": "list", "elements": "path", "default": []},
            "services": {"type": "list", "elements": "str", "default": []},
            "programs": {"type": "list", "elements": "str", "default": []},
            "file_digests": {"type": "list", "elements": "path", "default": []},
            "ca_of": {
                "type": "dict",
                "options": {
                    "container": {"type": "str", "required": True},
                    "path": {"type": "str", "default": "/var/lib/whatsapp/ca.pem"},
                },
            },
            "addresses": {"type": "list", "elements": "str", "default": []},
            "certificates": {"type": "list", "elements": "path", "default": []},
            "connect": {"type": "list", "elements": "str", "default": []},
            "connect_timeout": {"type": "float", "default": 3.0},
            "resolve": {"type": "list", "elements": "str", "default": []},
            "resolve_timeout": {"type": "float", "default": 5.0},
            "config_directories": {"type": "list", "elements": "path", "default": []},
            "parts": {"type": "dict", "default": {}},
            "stamp": {"type": "path"},
            "spaces": {"type": "list", "elements": "path", "default": []},
            "media_path": {"type": "path"},
            "lock_path": {"type": "path"},
            "balancer_socket": {"type": "path"},
            "client": {
                "type": "dict",
                "options": {
                    "endpoints": {"type": "list", "elements": "str", "required": True},
                    "ca_path": {"type": "path"},
                    "server_hostname": {"type": "str"},
                    "username": {"type": "str"},
                    "timeout": {"type": "float", "default": 10.0},
                },
            },
            # Not within client: Ansible writes dictionaries into the host's log with their secrets escaped, not hidden.
            "client_api_key": {"type": "str", "no_log": True},
            "client_password": {"type": "str", "no_log": True},
            "client_proxy": {"type": "str", "no_log": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    engine = Engine(params["socket"], params["engine_timeout"])
    state = engine_state(engine, params["socket"])
    data = state.pop("data")
    answers = state["running"]
    lists = engine_lists(engine, params["details"], params["limits_of"]) if answers else _NO_LISTS
    login = Login(*(params[name] or "" for name in ("registry", "registry_user", "registry_password")))
    images = {
        image: find_image(engine, image, params["registry_timeout"], login)
        for image in (params["images"] if answers else [])
    }
    mounted = mount_table()
    key = stamp.key(Path(params["stamp"]) if params["stamp"] else None)
    module.exit_json(
        changed=False,
        engine=state,
        **lists,
        requirements={
            "requests": importlib.util.find_spec("requests") is not None,
            "crontab": module.get_bin_path("crontab") is not None,
            "docker": has_command(),
        },
        system=system(),
        drivers={what: all(map(importlib.util.find_spec, names)) for what, names in _DRIVERS.items()},
        services=running_services(params["services"]),
        programs={name: module.get_bin_path(name) is not None for name in params["programs"]},
        images={image: found.where for image, found in images.items()},
        image_facts={image: found.local for image, found in images.items() if found.local is not None},
        registry_facts={image: found.remote for image, found in images.items() if found.remote is not None},
        ports_taken=sorted(listening_ports() & set(params["ports"])),
        addresses={address: try_address(address) for address in params["addresses"]},
        mounts={path: os.path.normpath(path) in mounted for path in params["paths"]},
        links=links(mounted, params["paths"], _SPACE_SECONDS),
        records=dated(params["records"]),
        files=present(params["files"], _SPACE_SECONDS),
        file_digests={path: file_digest(path, _SPACE_SECONDS) for path in params["file_digests"]},
        certificates={path: last_day(path) for path in params["certificates"]},
        today=time.strftime("%Y-%m-%d", time.gmtime()),
        certificate_authority=authority(engine if answers else None, params["ca_of"]),
        connections={address: try_connect(address, params["connect_timeout"]) for address in params["connect"]},
        names=check_names(params["resolve"], params["resolve_timeout"]),
        clusters=cluster_records(params["config_directories"], _SPACE_SECONDS),
        fingerprints={
            part: fingerprints(engine if answers else None, names, key) for part, names in params["parts"].items()
        },
        stamp=stamp.read(Path(params["stamp"])) if params["stamp"] else {},
        disk_free=room_for(data, _SPACE_SECONDS),
        spaces={path: free_space(path, _SPACE_SECONDS) for path in params["spaces"]},
        **asked_for(module),
    )


if __name__ == "__main__":
    main()
