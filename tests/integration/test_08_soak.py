# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run while webapps fail or are slow at random; afterwards one run of each reaches the wanted state."""

from __future__ import annotations

import json
import random
import shlex
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import issue

from tests.integration.webapps import PHONE, Webapps, now
from tests.standin.cluster import PASSWORD, docker
from tests.support.paths import ROOT

pytestmark = pytest.mark.docker

SEED = 20260101
ROUNDS = 5
RUNS_PER_ROUND = 5
DOCUMENTED = {int(code) for code in json.loads((ROOT / "standin" / "errors.json").read_text(encoding="utf-8"))}
# Error codes for calls of these modules; the other codes are about messages.
CODES = (1000, 1004, 1005, 1006, 1008, 1009, 1010, 1011, 1014, 1015, 1016, 1017, 1018, 1023, 1025)
ENDPOINTS = (
    "*",
    "GET *",
    "POST *",
    "PATCH *",
    "DELETE *",
    "GET /v1/health",
    "POST /v1/users/log*",
    "/v1/users/*",
    "/v1/settings/*",
    "/v1/account/shards",
    "/v1/certificates/*",
)

Call = tuple[str, dict[str, Any]]


def wanted(api: Webapps) -> list[Call]:
    """Return the calls that lead to the wanted state and that are idempotent."""
    return [
        ("user", {"name": "soaked", "user_password": api.secret("soak_password", "Canary-9-soak")}),
        ("application_settings", {"settings": {"callback_backoff_delay_ms": 5000, "heartbeat_interval": 4}}),
        ("business_profile", {"about": "Soaked", "websites": ["https://soak.example.net"]}),
        ("media_provider", {"name": "soaked", "bearer": api.secret("soak_bearer", "Canary-9-soak-bearer")}),
        ("certificate", {"kind": "webhook_ca", "content": issue("Soaked CA", ca=True).pem}),
        ("shards", {"shards": 1, "cert": api.canaries.values["cert"], **PHONE}),
    ]


def others(api: Webapps) -> list[Call]:
    """Return calls that change the wanted state, or that only read."""
    backup = {"path": str(api.directory / "soak.json"), "backup_password": api.canaries.values["backup_password"]}
    return [
        ("user", {"name": "soaked", "state": "absent"}),
        ("application_settings", {"state": "reset"}),
        ("business_profile", {"about": "Dry"}),
        ("media_provider", {"name": "soaked", "state": "absent"}),
        ("certificate", {"kind": "webhook_ca", "state": "absent"}),
        ("token", {"new_password": PASSWORD}),
        ("two_step_verification", {"state": "absent"}),
        ("settings_backup", backup),
        ("health_info", {"wait_for": {"shards": 2}}),
        ("stats_info", {"gather": ["app", "db", "metrics", "app_internal"]}),
        *((name, {}) for name in ("application_settings_info", "shards_info", "support_info", "webapp_ready")),
    ]


def fault(chance: random.Random) -> str:
    """Return the command for one fault: a documented error, a delay, or both; permanent or a few times."""
    words = ["standinctl", "fault", "add", "api", "--endpoint", chance.choice(ENDPOINTS)]
    if chance.random() < 0.8:
        words += ["--code", str(chance.choice(CODES))]
    if "--code" not in words or chance.random() < 0.2:
        words += ["--delay", str(chance.choice((0.2, 2.0)))]
    if chance.random() < 0.3:
        words += ["--times", str(chance.randint(1, 4))]
    return shlex.join(words)


def inject(api: Webapps, *commands: str) -> None:
    """Replace the faults of all webapps."""
    script = " && ".join(["standinctl fault clear", *commands])
    webs = [api.cluster.container(web) for web in api.cluster.webs]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda web: docker("exec", web, "sh", "-c", script), webs))


def judge(module: str, result: dict[str, Any]) -> str:
    """Return the outcome of a run; a failure must have a message, and a documented code if the client sent one."""
    if not result.get("failed"):
        return "good"
    error = result["error"]
    assert error["message"], (module, result)
    if "status" not in error:
        return "no answer"
    assert error["code"] in DOCUMENTED, (module, result)
    assert error["title"] and error["details"] and error["remedy"], (module, result)
    assert str(error["code"]) in result["msg"], (module, result)
    return "error"


@pytest.mark.drill
def test_soak(api: Webapps) -> None:
    chance = random.Random(SEED)  # noqa: S311 - no cryptography here
    calls = wanted(api) + others(api)
    impatient = {"retries": 1, "retry_delay": 0.05, "timeout": 1.5}
    ended: Counter[str] = Counter()
    for _round in range(ROUNDS):
        inject(api, *(fault(chance) for _ in range(2)))
        for module, arguments in chance.sample(calls, RUNS_PER_ROUND):
            waiting = {"wait_timeout": 2} if module in ("health_info", "shards", "webapp_ready") else {}
            result = api.run(module, check=chance.random() < 0.1, diff=True, **impatient, **waiting, **arguments)
            ended[judge(module, result)] += 1
    inject(api)
    print("soak:", dict(ended))
    assert min(ended["good"], ended["error"]) >= 3, ended


def test_without_faults_one_run_reaches_the_wanted_state(api: Webapps) -> None:
    calls = wanted(api)
    shards = api.good("shards_info")["shards"]
    api.serve(shards)
    for module, arguments in calls:
        api.good(module, **arguments)
    begin = now()
    for module, arguments in calls:
        assert not api.good(module, **arguments)["changed"], module
    assert api.writes(begin) == []
    api.serve(1)
