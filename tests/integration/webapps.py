# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules against the webapps of a stand-in cluster; results are searched for secrets, requests are read from logs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import Authority, issue
from ansible_collections.wabiz.onprem.tests.unit.plugins.in_process import execute

from tests.standin.cluster import API_KEY, NUMBER, PASSWORD, Cluster, docker
from tests.support.canary import Canaries

# No process listens there: as the first address it makes every module fail over.
NO_WEBAPP = "https://127.0.0.1:9"
PHONE: dict[str, Any] = {"cc": NUMBER[0], "phone_number": NUMBER[1]}
WAITING = {"health_info", "message_gc", "registration", "settings_restore", "shards", "webapp_ready"}
# Known only after the change, so a prediction has none of them; Ansible itself adds the facts of an existing file.
AFTERWARDS = {"summary", "waited", "gid", "group", "mode", "owner", "size", "state", "uid"}
WEB_LOG = "/var/log/whatsapp/web.log"
SESSION = {"/v1/users/login", "/v1/users/logout"}
_REQUEST = re.compile(r"(?P<time>\S+ \S+) UTC \d+ access\] (?P<method>[A-Z]+) (?P<path>\S+) (?P<status>\d{3}) ")


@dataclass(frozen=True)
class Request:
    """A request as a webapp logged it, before it was answered; time in UTC, to the millisecond below."""

    time: datetime
    method: str
    path: str
    status: int

    @property
    def writes(self) -> bool:
        """Whether it changes something; the session of a module run does not count."""
        return self.method != "GET" and self.path not in SESSION


def now() -> datetime:
    """Return the time as the webapps log it; they run on this machine."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def requests(cluster: Cluster, since: datetime) -> list[Request]:
    """Return what all webapps were asked from a moment on, from their logs."""
    lines: list[str] = []
    for web in cluster.webs:
        lines += docker("exec", cluster.container(web), "tail", "-n", "1000", WEB_LOG).splitlines()
    found = [_request(row) for row in map(_REQUEST.search, lines) if row]
    return sorted((request for request in found if request.time >= since), key=lambda request: request.time)


def _request(row: re.Match[str]) -> Request:
    time = datetime.strptime(row["time"], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    return Request(time, row["method"], row["path"], int(row["status"]))


@dataclass
class Webapps:
    """The webapps of a cluster, as modules see them."""

    cluster: Cluster
    directory: Path
    canaries: Canaries = field(default_factory=lambda: Canaries((), {"api_key": API_KEY, "password": PASSWORD}))
    authority: Authority = field(default_factory=lambda: issue("Integration CA", ca=True))
    ran: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)
    addresses: list[str] = field(default_factory=list)
    web: str = "web1"

    def __post_init__(self) -> None:
        """Record the addresses; trust the cluster's CA and ours."""
        self.ca = self.directory / f"{self.web}-ca.pem"
        self.ca.write_text(f"{self.cluster.ca(self.web)}\n{self.authority.pem}")
        self.look_up()

    def look_up(self) -> None:
        """Record the addresses; a restarted container has another port."""
        webs = [self.cluster.container(web) for web in self.cluster.webs]
        self.addresses = [f"https://127.0.0.1:{docker('port', web, '443').rpartition(':')[2]}" for web in webs]

    def restart(self) -> None:
        """Restart all webapps."""
        docker("restart", "-t", "1", *(self.cluster.container(web) for web in self.cluster.webs))
        self.look_up()
        for address in self.addresses:
            self.good("webapp_ready", endpoints=[address])

    def secret(self, name: str, value: str) -> str:
        """Return a value that may not be in any result from now on."""
        self.canaries.values[name] = value
        return value

    def run(self, module: str, /, *, check: bool = False, diff: bool = False, **arguments: Any) -> dict[str, Any]:
        """Run a module and return its result, success or failure."""
        given: dict[str, Any] = {
            "endpoints": [NO_WEBAPP, *self.addresses],
            "ca_path": str(self.ca),
            "proxy": "",
            "api_key": API_KEY,
            "username": "admin",
            "password": PASSWORD,
        }
        if module in WAITING:
            given |= {"wait_interval": 0.3, "wait_timeout": 60}
        self.ran.add(module)
        result = execute(module, {**given, **arguments}, check=check, diff=diff)
        if module == "token" and "token" in result:
            # The action plugin hides it; no other result may contain it.
            self.secret(f"token {len(self.canaries.values)}", result["token"])
            shown = {**result, "token": None}
        else:
            shown = result
        assert self.canaries.leaks(json.dumps(shown)) == []
        assert "exception" not in result, result
        return result

    def good(self, module: str, /, **arguments: Any) -> dict[str, Any]:
        """Run a module that must succeed."""
        result = self.run(module, **arguments)
        assert not result.get("failed"), result
        return result

    def refused(self, module: str, /, **arguments: Any) -> dict[str, Any]:
        """Return the error of a module that must fail without having written anything."""
        begin = now()
        result = self.run(module, **arguments)
        assert result.get("failed"), result
        assert self.writes(begin) == []
        error: dict[str, Any] = result["error"]
        return {**error, "msg": result["msg"]}

    def writes(self, since: datetime) -> list[Request]:
        """Return the writing requests from a moment on."""
        return [request for request in requests(self.cluster, since) if request.writes]

    def settles(self, module: str, /, **arguments: Any) -> dict[str, Any]:
        """Run a module in check mode, then twice without it; return the result of the first real run.

        The prediction, with its diff, must be that result; neither check mode nor the second run may write.
        """
        begin = now()
        predicted = self.good(module, check=True, diff=True, **arguments)
        acted = now()
        result = self.good(module, diff=True, **arguments)
        repeated = now()
        again = self.good(module, **arguments)
        assert result["changed"]
        assert not again["changed"]
        times = [request.time for request in self.writes(begin)]
        assert times
        assert all(acted <= time < repeated for time in times), (acted, repeated, times)
        assert without(predicted, AFTERWARDS) == without(result, AFTERWARDS)
        assert result["diff"]["before"] != result["diff"]["after"]
        self.settled.add(module)
        return result

    def serve(self, shards: int, **expected: Any) -> dict[str, Any]:
        """Wait until all shards are served by a cluster without errors; return the summary."""
        found = self.good("health_info", wait_for={"masters": 2, "coreapps": 5, "shards": shards, **expected})
        summary: dict[str, Any] = found["summary"]
        return summary


def without(result: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Return a result without some of its parts."""
    return {name: value for name, value in result.items() if name not in names}
