# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the media are to be kept: settings that do not go with each other, and hosts that cannot keep them there."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mask import fits
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import media_volume
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import media_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def kinds(inventory: Inventory) -> t.Iterator[Finding]:
    """A share needs a directory, which is where it is mounted or below; options of a volume need a volume."""
    for host in inventory.media_hosts:
        settings = inventory.variables[host]
        path, point = (str(settings.get(key) or "") for key in ("media_path", "media_mount_point"))
        if not path and (settings.get("media_source") or point):
            given = "media_source" if settings.get("media_source") else "media_mount_point"
            yield Finding(
                host,
                "is set, but wabiz_media_path is not.",
                "Set the directory where the nodes have their media.",
                variable=f"wabiz_{given}",
            )
        elif path and point and not f"{path}/".startswith(f"{point}/"):
            yield Finding(
                host,
                f"is {point}, and wabiz_media_path ({path}) is not below it.",
                "Write where the share is mounted; leave it out where that is wabiz_media_path itself.",
                variable="wabiz_media_mount_point",
            )
        for key in ("media_volume_driver", "media_volume_options") if path else ():
            if settings.get(key):
                yield Finding(
                    host,
                    f"is not used, as the media are in a directory ({path}).",
                    "Remove it, or wabiz_media_path.",
                    fatal=False,
                    variable=f"wabiz_{key}",
                )
        options = settings.get("media_volume_options") or {}
        if options and settings.get("media_volume_driver") in (None, "local") and not options.get("device"):
            yield Finding(
                host,
                "names no device, without which driver local makes a directory of the host.",
                "Add device, for NFS the exported directory after a colon, and the server as addr in o.",
                variable="wabiz_media_volume_options",
            )


def volume(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Docker changes no volume that exists: containers would have their media where they had them before."""
    settings = inventory.variables[host]
    driver, options = (settings.get(f"media_volume_{key}") for key in ("driver", "options"))
    if host not in inventory.node_hosts or settings.get("media_path") or not (driver or options):
        return
    name = media_volume(settings, report)
    for there in [one for one in report.get("volumes") or [] if one["name"] == name]:
        found, wanted = there.get("options") or {}, {key: str(value) for key, value in (options or {}).items()}
        differing = [key for key in sorted(found | wanted) if not _same(found.get(key), wanted.get(key))]
        if (there.get("driver") or "local") != (driver or "local"):
            differing.insert(0, "driver")
        if differing:
            yield Finding(
                host,
                f"volume {name} exists and differs in {', '.join(differing)}; Docker changes no volume.",
                "Choose another name with wabiz_media_volume, copy the media, and the containers are replaced one at a "
                "time; or correct the options.",
                variable="wabiz_media_volume_options" if options else "wabiz_media_volume_driver",
            )


def _same(shown: str | None, wanted: str | None) -> bool:
    return shown is not None and wanted is not None and fits(shown, wanted)


def directory(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """The share is there, answers and has room; only one that does not answer, or is not there, ends the run."""
    settings = inventory.variables[host]
    if host not in inventory.media_hosts:
        return
    yield from media_faults.silent(host, report)
    if settings.get("media_source"):
        yield from media_faults.linked(host, report)
        yield from media_faults.other_source(host, report, settings)
    else:
        yield from media_faults.unmounted(host, report)
    limit = ("wabiz_minimum_disk_gb", float(settings.get("minimum_disk_gb") or 0))
    yield from (replace(finding, fatal=False) for finding in media_faults.room(host, report, limit))
    yield from media_faults.below(host, inventory.name, report, fatal=False)


def shared(inventory: Inventory, reports: t.Mapping[str, dict[str, t.Any]]) -> t.Iterator[Finding]:
    """Several hosts have one share."""
    yield from media_faults.not_shared({host: inventory.variables[host] for host in inventory.node_hosts}, reports)
