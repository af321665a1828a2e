# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify.yml judges by what the hosts say."""

from __future__ import annotations

from ansible_collections.wabiz.onprem.plugins.module_utils._model.stats import media_free_gb
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.due import RENEWED_DAYS
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verify.look import CLUSTER, Findings, Look
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import host_faults, inventory_faults, media_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.log_cleanup import faults as job_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.media_probe import probe_faults

# Below this multiple of wabiz_minimum_disk_gb disk space is getting scarce.
SCARCE = 2
_SELF_MADE = f"site.yml renews it in its last {RENEWED_DAYS} days."
_GIVEN = "Set wabiz_loadbalancer_certificate to a new one, or remove the file if that is not set any more."


def hosts(look: Look) -> Findings:
    """Every host of the inventory is reached, and its engine answers."""
    for host in look.facts.topology["services"]:
        survey = look.facts.surveys.get(host)
        if survey is None:
            yield host_faults.left_out(host, fatal=False)
        elif "engine" not in survey:
            yield host_faults.unreachable(host, survey)
        elif not survey["engine"]["running"] and look.needs_engine(host):
            yield host_faults.engine_stopped(host, survey)


def services(look: Look) -> Findings:
    """The services next to the engine run: without cron, logs would fill the disk."""
    for host, survey in look.answering.items():
        for name in host_faults.stopped_services(survey) if look.needs_engine(host) else []:
            yield Finding(host, f"service {name} does not run.", "Run site.yml.", fatal=False)


def certificates(look: Look) -> Findings:
    """The certificates of balancers and of role database's server last."""
    for host, survey in look.answering.items():
        ends = survey.get("certificates") or {}
        for paths in look.facts.topology["presented"].get(host, {}).values():
            path = next((path for path in paths if ends.get(path)), None)
            if path is not None:
                given = len(paths) > 1 and path == paths[0]
                what = f"certificate {path} (until {ends[path]})"
                yield from look.ends(host, what, look.days_until(ends[path]), _GIVEN if given else _SELF_MADE)


def log_cleanup(look: Look) -> Findings:
    """The client's logs are cleaned up on each host of a node."""
    for host, job in look.facts.topology["log_cleanup"].items():
        yield from job_faults(host, job, look.answering.get(host, {}))


def unread(look: Look) -> Findings:
    """What an engine did not report was not checked."""
    for host, survey in look.answering.items():
        yield from host_faults.unlisted(host, survey)


def nodes(look: Look) -> Findings:
    """Every node of the inventory runs."""
    for node, container in look.nodes:
        if not container:
            yield Finding(node["host"], f"{node['name']} is missing.", "Run site.yml.")
        elif not container["running"]:
            yield Finding(
                node["host"], f"{node['name']} does not run.", f"See: docker logs {node['name']}; then run site.yml."
            )


def surplus(look: Look) -> Findings:
    """Nothing else of this cluster is there."""
    wanted = {(node["host"], node["name"]) for node in look.facts.topology["nodes"]}
    for item in look.cluster.containers:
        if (item["host"], item["name"]) not in wanted:
            yield inventory_faults.surplus(item)


def versions(look: Look) -> Findings:
    """One version everywhere, and it is the inventory's."""
    wanted, found = look.facts.setting("version"), _hosts_by(look, "version")
    if len(found) > 1:
        listed = "; ".join(f"{version} on {', '.join(where)}" for version, where in sorted(found.items()))
        yield Finding(CLUSTER, f"nodes run several versions: {listed}.", "Run upgrade.yml again.", fatal=False)
    elif wanted and found and wanted not in found:
        yield Finding(
            CLUSTER,
            f"nodes run version {', '.join(found)}, wabiz_version is {wanted}.",
            "Run upgrade.yml, or correct wabiz_version.",
            fatal=False,
        )


def images(look: Look) -> Findings:
    """One name of an image is one image everywhere."""
    for image in sorted({container["image"] for _node, container in look.nodes if container}):
        found = _hosts_by(look, "image_id", image)
        if len(found) > 1:
            listed = "; ".join(f"{number[:19]} on {', '.join(where)}" for number, where in sorted(found.items()))
            yield Finding(
                CLUSTER,
                f"image {image} is not the same everywhere: {listed}.",
                "Pull it on these hosts and replace their nodes.",
                fatal=False,
            )


def _hosts_by(look: Look, key: str, image: str = "") -> dict[str, list[str]]:
    """Hosts by a property of their nodes' containers, where it is known; of one image or of all."""
    found: dict[str, list[str]] = {}
    for node, container in look.nodes:
        value = container.get(key)
        if value and image in ("", container["image"]):
            where = found.setdefault(value, [])
            where.extend([] if node["host"] in where else [node["host"]])
    return found


def disks(look: Look) -> Findings:
    """Free disk space for Docker on each host."""
    for host, survey in look.answering.items():
        if look.needs_engine(host):
            yield from host_faults.little_room(host, survey["disk_free"], "for Docker", look.disk_limit(host), SCARCE)


def media(look: Look) -> Findings:
    """Shares that are mounted, answer and have room, as their hosts see it and as the nodes do."""
    for host, survey in look.answering.items():
        yield from media_faults.unfit(host, look.facts.topology["cluster"], survey)
        yield from media_faults.room(host, survey, look.disk_limit(host), SCARCE)
    several = look.facts.topology["media_settings"]
    if any(settings.get("media_shared") for settings in several.values()):
        yield from media_faults.not_shared(several, look.answering)
    told = media_free_gb(look.facts.support.get("nodes") or [])
    # The unit is not documented, so this alone is not critical.
    if told is not None and told < float(look.facts.setting("minimum_disk_gb") or 0):
        yield Finding(CLUSTER, f"nodes report {told:.1f} GB free for media.", "Free disk space there.", fatal=False)


def probe(look: Look) -> Findings:
    """Every container writes into the same media, and reads what the others wrote."""
    yield from probe_faults(look.facts.media)


def database(look: Look) -> Findings:
    """Every node's host reaches a database server of others."""
    for host, survey in look.answering.items():
        yield from host_faults.database_unreachable(host, survey)
