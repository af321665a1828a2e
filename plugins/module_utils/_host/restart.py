# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine does with a container that does not run when the engine itself starts again, at the next boot."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import mapping, number, text


def restart_policy(details: dict[str, t.Any]) -> str:
    return text(_policy(details).get("Name")) or "no"


def starts_at_boot(details: dict[str, t.Any]) -> bool:
    """Whether a container that is stopped now would be started, as seen with Docker 20.10.

    C(always) starts in any case, C(on-failure) after an end with an error, even one by C(docker stop).
    C(unless-stopped) does not after C(docker stop) or C(docker kill), and where the engine runs nothing else stops such
    a container for good, except a start that failed. What was never started is not started either.
    """
    state = mapping(details.get("State"))
    if state.get("Status") != "exited":
        return False
    policy = restart_policy(details)
    if policy == "on-failure":
        most = number(_policy(details).get("MaximumRetryCount"))
        return number(state.get("ExitCode")) != 0 and (most == 0 or number(details.get("RestartCount")) < most)
    return policy == "always" or (policy == "unless-stopped" and bool(state.get("Error")))


def _policy(details: dict[str, t.Any]) -> dict[str, t.Any]:
    return mapping(mapping(details.get("HostConfig")).get("RestartPolicy"))
