"""What an operator does with the other site: limits that refuse, time-outs, shards, and its removal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import another_site, gateway
from tests.lab.another_site import NODES, OURS, SERVER, WEBAPPS, run
from tests.lab.conftest import Site
from tests.lab.hosts import address, containers, on, shell
from tests.support.playbook import PlaybookRun
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.drill, pytest.mark.usefixtures("site")]

HERE = Path(__file__).parent
OLD = "2.55.1"
# The address of no machine: a node with it waits for its database, and listens on no port.
WITHOUT_DATABASE = {"wabiz_database_host": "192.0.2.1", "wabiz_allow_database_change": True}
ASKED = "/run/branch-registry.log"


def said(run: PlaybookRun) -> str:
    """Return all messages of a run, which has to fail."""
    return "\n".join(row["msg"] for row in run.failed().failures)


@pytest.mark.proves("wabiz_minimum_disk_gb", "wabiz_media_require_mount")
def test_limits_that_refuse_a_host() -> None:
    unmounted = {"wabiz_media_source": "", "wabiz_media_path": "/var/branch-local"}
    refused = run("preflight", wabiz_minimum_disk_gb=90000, **unmounted)
    reason = said(refused)
    assert "wabiz_minimum_disk_gb requires 90000 GB" in reason
    assert "nothing is mounted at /var/branch-local" in reason
    assert refused.changed == set()


@pytest.fixture
def broken_registry() -> Iterator[str]:
    """A registry on the host itself that knows every image and gives out none; its name."""
    port = 5999
    shell(NODES, f"cat > /run/branch_registry.py << 'END'\n{(HERE / 'broken_registry.py').read_text()}END")
    on(NODES, "systemd-run", "--unit=branch-registry", "python3", "/run/branch_registry.py", str(port), ASKED)
    wait_for("the registry", lambda: f":{port} " in on(NODES, "ss", "--listening", "--tcp", "--numeric"), 10)
    yield f"127.0.0.1:{port}"
    on(NODES, "systemctl", "stop", "branch-registry")
    shell(NODES, f"rm -f /run/branch_registry.py {ASKED}")


@pytest.mark.proves("wabiz_pull_retries")
def test_how_often_a_pull_is_tried_again(broken_registry: str) -> None:
    """Once, instead of three times; the preflight has asked for the image as well."""
    done = run("site", f"--limit={NODES}", wabiz_registry=broken_registry, wabiz_pull_retries=1).failed()
    assert re.findall(r"RETRYING: .*Pull the image \((\d) retries left\)", done.stdout) == ["1"]
    assert shell(NODES, f"grep -c '^HEAD .*/coreapp/manifests/' {ASKED}") in ("3", "4")
    assert not [name for _host, name in done.changed if name.startswith("container")]


@pytest.mark.proves("wabiz_ready_timeout", "wabiz_media_volume", "wabiz_allow_database_change")
def test_a_master_that_does_not_answer_is_reported_in_time() -> None:
    """In the same run its media are in a volume of the host. The next run is told that the database changes."""
    volume = {"wabiz_media_path": "", "wabiz_media_source": "", "wabiz_media_volume": "branch-media"}
    reason = said(run("site", f"--limit={NODES}", wabiz_ready_timeout=20, **WITHOUT_DATABASE, **volume))
    assert "within 20 s" in reason
    volumes = on(NODES, "docker", "volume", "ls", f"--filter={OURS}", "--format={{.Name}}")
    assert volumes.split() == ["branch-data", "branch-media"]
    assert "uses another database: wabiz_database_host is" in said(run("site"))
    run("site", f"--limit={NODES}", wabiz_allow_database_change=True).succeeded()
    assert another_site.environment(NODES, "branch-master-1")["WA_DB_HOSTNAME"] == address(SERVER)
    another_site.served(1)


# --- shards -----------------------------------------------------------------------------------------------------------


@pytest.mark.proves(
    *("wabiz_shards", "wabiz_shards_timeout", "wabiz_two_step_pin", "wabiz_certificate_date"),
)
def test_two_shards_on_a_number_with_a_pin() -> None:
    """Without the PIN the client refuses. After a second new shards are not served yet: the run fails."""
    wanted = {"wabiz_shards": 2, "wabiz_registration_pin": "", "wabiz_certificate_date": "2020-01-01"}
    hasty = run("multiconnect", **wanted, wabiz_two_step_pin=another_site.PIN, wabiz_shards_timeout=1)
    assert "The certificate is" in hasty.stdout and "(wabiz_certificate_date)" in hasty.stdout
    assert "2 shards are set, but after" in said(hasty)
    another_site.served(2, limit=90)
    assert gateway.punishable() == []


@pytest.fixture
def expired() -> Iterator[None]:
    """On one host the old version's image has a date of the past in its label."""
    tag = f"registry.lab.test:5000/coreapp:v{OLD}"
    on(NODES, "docker", "pull", "--quiet", tag)
    on(NODES, "docker", "create", "--name=expired", tag)
    on(NODES, "docker", "commit", "--change", "LABEL EXPIRES_ON=2024-01-01", "expired", tag)
    on(NODES, "docker", "rm", "expired")
    yield
    on(NODES, "docker", "rmi", "--force", tag)


@pytest.mark.proves(
    *("wabiz_upgrade_allow_downgrade", "wabiz_upgrade_without_standby", "wabiz_upgrade_minimum_disk_gb"),
    *("wabiz_upgrade_hops", "wabiz_upgrade_expired"),
)
def test_an_upgrade_that_is_refused_and_allowed(expired: None) -> None:
    """Two shards on two coreapps leave no standby; the older image has expired on one host."""
    wanted = {"wabiz_version": OLD, "wabiz_shards": 2}
    hop = {"effect": "refusal", "text": "The branch's webhook is not ready."}
    reason = said(run("upgrade", "--check", **wanted, wabiz_upgrade_hops=[hop]))
    for words in ("is older than the running version 2.57.2", "leave no standby", hop["text"], "expired on 2024-01-01"):
        assert words in reason
    assert "wabiz_upgrade_minimum_disk_gb requires 90000 GB" in said(
        run("upgrade", "--check", **wanted, wabiz_upgrade_minimum_disk_gb=90000)
    )
    allowed = {
        "wabiz_upgrade_allow_downgrade": True,
        "wabiz_upgrade_without_standby": True,
        "wabiz_upgrade_expired": True,
        "wabiz_upgrade_hops": [{**hop, "effect": "warning"}],
    }
    plan = run("upgrade", "--check", **wanted, **allowed).succeeded()
    for words in (f"from 2.57.2 to {OLD}", "There is no standby", hop["text"], "expired on 2024-01-01"):
        assert words in plan.stdout
    assert plan.changed == set()


# --- moving -----------------------------------------------------------------------------------------------------------


@pytest.mark.proves("wabiz_restore_file", "wabiz_restore_password")
def test_the_number_returns_from_its_backup_after_the_databases_were_lost(site: Site) -> None:
    """Without another code, and with its PIN. The backup is of one shard, as many as a new cluster has."""
    number = "".join(another_site.NUMBER)
    codes = len([event for event in gateway.events("code_requested") if event["number"] == number])
    lose_the_databases()
    # The webapps have made a new CA. They are replaced as well, behind a balancer that knows the old one.
    repaired = run("site").succeeded()
    assert ("web1", f"copy {another_site.DIRECTORY}/webapp-ca.pem") in repaired.changed
    assert another_site.connected() == 0
    given = {"wabiz_restore_file": str(site.backup), "wabiz_restore_password": another_site.BACKUP_PASSWORD}
    run("register", **given).succeeded()
    another_site.served(1)
    assert len([event for event in gateway.events("code_requested") if event["number"] == number]) == codes
    assert shell(another_site.EDGE, "find / /tmp -xdev -name 'wabiz-*-settings'") == ""
    assert gateway.punishable() == []


def lose_the_databases() -> None:
    """Stop the nodes, drop both databases, and start a cluster that knows nothing."""
    for host, name in another_site.PAIRS:
        on(host, "docker", "stop", name)
    for database in ("waent", "waweb"):
        drop = f'DROP DATABASE "{another_site.PREFIX}{database}" WITH (FORCE)'
        on(SERVER, "docker", "exec", "branch-database", "psql", "--username=postgres", f"--command={drop}")
    # Two webapps at once would race to create theirs.
    on(WEBAPPS[0], "docker", "start", "branch-webapp-1")
    wait_for("the first webapp", lambda: another_site.asks_for_a_password(WEBAPPS[0]), 60)
    for host, name in another_site.PAIRS:
        on(host, "docker", "start", name)
    wait_for("the nodes", lambda: len(another_site.health()) == 3, 90)


@pytest.mark.proves("wabiz_log_cleanup_state")
def test_the_schedule_can_be_removed() -> None:
    cron_file = "/etc/cron.d/wabiz-branch"
    removal = run("log_cleanup", wabiz_log_cleanup_state="absent").succeeded()
    # Cron ran it each minute, so there is a result too.
    files = [cron_file, *(f"{another_site.CONFIGURATION}/branch/log-cleanup.{end}" for end in ("sh", "json"))]
    assert removal.changed == {(host, f"file {file}") for host in (*WEBAPPS, NODES) for file in files}
    for host in (*WEBAPPS, NODES):
        assert shell(host, f"ls {' '.join(files)} 2> /dev/null || true") == ""


def test_nothing_of_it_is_left_after_the_removal() -> None:
    """With its data, as its name is given; the directory of the database and the share are the site's."""
    run("uninstall", wabiz_uninstall_volumes=another_site.CLUSTER).succeeded()
    assert not another_site.there()
    for host in another_site.HOSTS:
        assert shell(host, f"ls -d {another_site.CONFIGURATION} 2> /dev/null || true") == ""
    assert on(NODES, "docker", "volume", "ls", f"--filter={OURS}", "--quiet") == ""
    assert on(SERVER, "test", "-e", f"{another_site.DATA}/PG_VERSION") == ""
    assert containers(SERVER, OURS) == {}
