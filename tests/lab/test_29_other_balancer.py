"""A balancer that is not ours: nginx from Debian, which the site's own tasks tell about a replacement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab import another_site
from tests.lab.another_site import EDGE, WEBAPPS, run
from tests.lab.conftest import Site
from tests.lab.hosts import containers, on, shell
from tests.lab.load import Load
from tests.support.waiting import wait_for

HERE = Path(__file__).parent
HOOKS = {
    "wabiz_drain_tasks": str(HERE / "nginx_drain.yml"),
    "wabiz_restore_tasks": str(HERE / "nginx_restore.yml"),
}
PORT = 8445
INSTALL = """
set -eu
export DEBIAN_FRONTEND=noninteractive
if ! command -v nginx > /dev/null; then
  apt-get update --quiet=2
  apt-get install --yes --quiet=2 --no-install-recommends nginx
fi
rm -f /etc/nginx/sites-enabled/default
mkdir -p /etc/nginx/webapps
"""


@pytest.fixture
def nginx(site: Site) -> Iterator[None]:
    """It serves on a port of its own, in front of both webapps."""
    files = {
        "/etc/nginx/conf.d/branch.conf": (HERE / "nginx.conf").read_text(encoding="utf-8"),
        "/etc/nginx/api.pem": another_site.certificate(),
        "/etc/nginx/webapp-ca.pem": on("web1", "cat", f"{another_site.DIRECTORY}/webapp-ca.pem") + "\n",
        **{f"/etc/nginx/webapps/{web}.conf": f"server {web}:{another_site.WEB_PORT};\n" for web in WEBAPPS},
    }
    script = [INSTALL, *(f"cat > {path} << 'END'\n{content}END" for path, content in files.items())]
    shell(EDGE, "\n".join([*script, "chmod 600 /etc/nginx/api.pem", "systemctl restart nginx"]))
    yield
    shell(EDGE, "systemctl disable --now nginx; rm -rf /etc/nginx/webapps /etc/nginx/conf.d/branch.conf")


@pytest.mark.drill
@pytest.mark.proves("wabiz_drain_tasks", "wabiz_restore_tasks")
def test_both_webapps_are_replaced_without_a_failed_request(nginx: None) -> None:
    before = {web: containers(web)["branch-webapp-1"] for web in WEBAPPS}
    with Load(EDGE, 10, front=replace(another_site.front(), port=PORT)) as load:
        wait_for("load", lambda: len(load.accepted) > 10, 20)
        done = run("site", **another_site.REPLACED, **HOOKS).succeeded()
        after = len(load.accepted)
        wait_for("load on both", lambda: len(load.accepted) > after + 10, 20)
    assert load.refused.total() == 0, load.failures
    for web in WEBAPPS:
        assert containers(web)["branch-webapp-1"] != before[web]
        # What the tasks were told, and that each came once for each webapp.
        assert on(EDGE, "cat", f"/etc/nginx/webapps/{web}.conf") == f"server {web}:{another_site.WEB_PORT};"
    assert {pair for pair in done.changed if pair[0] == EDGE and "nginx" in pair[1]} >= {
        (EDGE, f"copy /etc/nginx/webapps/{web}.conf") for web in WEBAPPS
    }
