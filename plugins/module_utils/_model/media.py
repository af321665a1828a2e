# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Docker volume that holds the media of a cluster on a host. No I/O."""

from __future__ import annotations

import typing as t


def media_volume(settings: t.Mapping[str, t.Any], report: t.Mapping[str, t.Any]) -> str:
    """Name of the volume, by the settings of a host and what host_info found there.

    A cluster that was made with an earlier default keeps its volume: where the volume has its label, or one of its
    containers uses it. A volume of others by that name is left to them.
    """
    before, cluster = settings["media_volume_before"], settings["cluster_name"]
    users = [one for one in report.get("containers", []) if one["cluster"] == cluster and before in one["volumes"]]
    marked = [one for one in report.get("volumes", []) if (one["name"], one["cluster"]) == (before, cluster)]
    return str(before if before and (users or marked) else settings["media_volume"])
