"""Sites with the settings that public compose files and inventories have (tests/lab/field/*.yml), on the lab's hosts.

Each is a small cluster of its own: one webapp, one master, one or two coreapps. What no file can say, since it differs
from lab to lab, it takes from variables field_*.
"""

from __future__ import annotations

import json
import secrets
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from lab.network import placed, service_address
from tests.lab.hosts import LAB, address, each, on
from tests.lab.play import play
from tests.support.canary import Canaries
from tests.support.paths import BUILD, LAB_INVENTORY, ROOT
from tests.support.playbook import PlaybookRun

FILES = sorted((ROOT / "tests" / "lab" / "field").glob("*.yml"))
SITES = [file.stem for file in FILES]
WEB, NODES, SERVER = "web1", "core1", "db1"
SECRETS = Canaries([], {"field_password": f"Field-9-registry-{secrets.token_hex(8)}"})

# What the sites' hosts have before: networks, volumes, files.
_PREPARE = """
set -eu
docker network inspect bot-bridge > /dev/null 2>&1 || docker network create bot-bridge
docker volume create whatsappData
docker volume create whatsappMedia
mkdir -p /srv/field-certificates /srv/field-data /srv/field-extra /srv/wabiz-media-export/storage
echo field | tee /srv/field-certificates/ca.pem > /srv/field-extra/note
"""
_CLEAR = """
docker network rm bot-bridge
docker volume rm whatsappData whatsappMedia storage-archive
rm -rf /srv/field-certificates /srv/field-data /srv/field-extra /srv/wabiz-media-export/storage
true
"""


def prepare() -> None:
    each(dict.fromkeys((WEB, NODES), _PREPARE))


def clear() -> None:
    each(dict.fromkeys((WEB, NODES), _CLEAR))


@cache
def inventory(site: str) -> Path:
    """Write the site's inventory with the lab's own variables, and return its path."""
    target = BUILD / f"inventory-field-{site}"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(LAB_INVENTORY / "group_vars", target / "group_vars")
    wanted = yaml.safe_load((ROOT / "tests" / "lab" / "field" / f"{site}.yml").read_text(encoding="utf-8"))
    given = {**wanted["all"].pop("vars"), "wabiz_require_ha": False, "wabiz_phone_cc": "", "wabiz_phone_number": ""}
    given["wabiz_extra_env"] = {**_scale(), **given.get("wabiz_extra_env", {})}
    given["field_dns"] = service_address(placed(LAB).subnet, "dns")
    # Read after the lab's, so that it counts.
    (target / "group_vars" / "all" / "site.yml").write_text(yaml.safe_dump(given), encoding="utf-8")
    wanted["all"]["hosts"] = {host: {"field_address": address(host)} for host in (WEB, NODES, SERVER)}
    (target / "hosts.yml").write_text(yaml.safe_dump(wanted), encoding="utf-8")
    return target


def _scale() -> dict[str, str]:
    lab = yaml.safe_load((LAB_INVENTORY / "group_vars" / "all" / "lab.yml").read_text(encoding="utf-8"))
    found: dict[str, str] = lab["wabiz_extra_env"]
    return found


def run(site: str, verb: str, *arguments: str, **extra_vars: Any) -> PlaybookRun:
    """Run a playbook on a site; as everywhere, no secret may be seen."""
    given = {**SECRETS.values, **extra_vars}
    return play(verb, *arguments, inventory=inventory(site), secrets=SECRETS, extra_vars=given)


def inspected(site: str) -> dict[str, dict[str, Any]]:
    """Return what the engines say of the site's client containers, by name without the cluster's."""
    found: dict[str, dict[str, Any]] = {}
    for host in (WEB, NODES):
        filters = [f"--filter=label=org.wabiz.cluster={site}", "--filter=label=org.wabiz.node"]
        ids = on(host, "docker", "ps", "--all", "--quiet", *filters).split()
        for one in json.loads(on(host, "docker", "inspect", *ids)) if ids else []:
            found[one["Name"].lstrip("/").removeprefix(f"{site}-")] = one
    return found


def environment(container: dict[str, Any]) -> dict[str, str]:
    """Return the environment of a container as the engine tells it."""
    return dict(entry.split("=", 1) for entry in container["Config"]["Env"])


def bindings(container: dict[str, Any]) -> dict[str, list[str]]:
    """Return address and host port of each port of a container."""
    ports = container["HostConfig"]["PortBindings"]
    return {inner: [f"{one['HostIp']}:{one['HostPort']}" for one in bound] for inner, bound in ports.items()}


def mounts(container: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Return name or source of each mount, and whether it can be written to, by its place in the container."""
    return {one["Destination"]: (one.get("Name") or one["Source"], one["RW"]) for one in container["Mounts"]}
