"""Foreign objects are used as they are, or refused; invalid cluster names and second clients are refused."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.lab import foreign
from tests.lab.hosts import listing, on, shell
from tests.lab.play import announced, play
from tests.lab.refusal import refused
from tests.support.canary import Canaries, awkward
from tests.support.variables import LAB_VARIABLES

NUMBER = LAB_VARIABLES["wabiz_phone_cc"] + LAB_VARIABLES["wabiz_phone_number"]
INVALID_NAMES = ("../../home", "x; touch /tmp/p #%", "WA Prod")
# Actions that read only the inventory.
INVENTORY_ONLY = {"wabiz.onprem.settings", "wabiz.onprem.preflight"}
STALE = "/etc/wabiz/wabiz/webapp.yml"


@pytest.fixture(scope="module", autouse=True)
def there(cluster_at_first: None) -> None:
    """Foreign objects must exist, or the tests prove nothing."""
    foreign.place()


def test_a_blank_name_counts_as_not_set_and_removes_no_foreign_object(removal_plan: set[tuple[str, str]]) -> None:
    """An empty answer in a survey must not select objects without a label."""
    assert announced("uninstall", extra_vars={"wabiz_cluster_name": ""}) == removal_plan
    assert ("core2", "container wabiz-coreapp-1") in removal_plan
    assert not removal_plan & foreign.NEVER_REMOVED


def test_an_invalid_name_is_refused_before_any_host_is_contacted(cluster: None) -> None:
    """In check mode, so that a bug does not remove /home on the lab; no task may run on a host anyway."""
    before = listing()
    for verb, name in zip(("status", "uninstall", "log_cleanup"), INVALID_NAMES, strict=True):
        run = play(verb, "--check", extra_vars={"wabiz_cluster_name": name}).failed()
        (failure,) = run.failures
        assert "variable wabiz_cluster_name: " in failure["msg"], (verb, name, failure["msg"])
        assert {action for host in run.hosts.values() for action in host.actions} <= INVENTORY_ONLY, (verb, name)
    assert listing() == before


def packages() -> set[str]:
    """Return the installed packages of core3."""
    lines = on("core3", "dpkg-query", "--show", "--showformat=${db:Status-Abbrev} ${Package}\n").splitlines()
    return {line.split()[1] for line in lines if line.startswith("ii")}


def engine_process() -> str:
    """Return the process number of core3's engine."""
    return on("core3", "systemctl", "show", "--property=MainPID", "--value", "docker.service")


def rename_package(old: str, new: str) -> None:
    """Give a package of core3 another name in dpkg's records; does nothing if it is not installed."""
    shell(
        "core3",
        f"sed --in-place 's/^Package: {old.replace('.', '[.]')}$/Package: {new}/' /var/lib/dpkg/status\n"
        f"cd /var/lib/dpkg/info\n"
        f'for file in {old}.*; do test ! -e "$file" || mv "$file" "{new}${{file#{old}}}"; done',
    )


@pytest.fixture
def docker_ce(cluster: None) -> Iterator[None]:
    """Host core3, which has package lists already, has its engine as docker-ce and lacks python3-requests."""
    rename_package("docker.io", "docker-ce")
    on("core3", "dpkg", "--remove", "python3-requests")
    on("core3", "systemctl", "stop", "rpcbind.socket", "rpcbind.service")
    yield
    rename_package("docker-ce", "docker.io")


@pytest.mark.drill
@pytest.mark.proves("wabiz_host_packages", "wabiz_engine_services")
def test_no_second_engine_is_installed(docker_ce: None) -> None:
    """Debian's docker.io conflicts with docker-ce: apt would remove docker-ce, and every container would stop.

    The site wants another package next to the engine, and another service.
    """
    wanted = {
        "wabiz_host_packages": ["python3-requests", "cron", "tree"],
        "wabiz_engine_services": ["docker", "cron", "rpcbind"],
    }
    before, process = packages(), engine_process()
    assert "docker-ce" in before and "docker.io" not in before
    run = play("site", "--limit=core3", extra_vars=wanted).succeeded()
    assert packages() ^ before == {"python3-requests", "tree"}
    assert engine_process() == process
    assert on("core3", "systemctl", "is-active", "rpcbind") == "active"
    assert run.changed == {("core3", "package python3-requests cron tree"), ("core3", "service rpcbind")}


@pytest.fixture
def other_clients(cluster: None) -> Iterator[None]:
    """A single instance runs on core1 with an image of another name; one on core2 will start at the next boot.

    On web1 the cluster `other`, which has a container there already, has our number.
    """
    image = on("core1", "docker", "inspect", "--format", "{{.Config.Image}}", "wabiz-coreapp-1")
    options = ["--detach", "--restart=always", "--env=WA_DB_HOSTNAME=x", "--entrypoint=sleep", "coreapp:prod", "600"]
    record = json.dumps({"cluster": "other", "number": NUMBER})
    try:
        for host in ("core1", "core2"):
            on(host, "docker", "tag", image, "coreapp:prod")
            on(host, "docker", "run", "--name=their-client", *options)
        on("core2", "docker", "stop", "--time=0", "their-client")
        shell("web1", f"echo '{record}' > /etc/wabiz/other/cluster.json")
        yield
    finally:
        for host in ("core1", "core2"):
            on(host, "docker", "rm", "--force", "their-client")
            on(host, "docker", "rmi", "coreapp:prod", check=False)
        on("web1", "rm", "-f", "/etc/wabiz/other/cluster.json")


def test_another_database_and_other_clients_are_refused_in_one_message(other_clients: None) -> None:
    """In check mode, so that a bug does not move the lab's nodes to an empty database."""
    given = Canaries([], {"wabiz_database_password": awkward()})
    single = r"their-client \(coreapp:prod\) is a single instance of the client and"
    refused(
        rf"core1: container {single} runs;.* docker stop their-client && docker update --restart=no their-client",
        rf"core2: container {single} is stopped, but Docker starts it at the next boot;.*: docker update --restart=no",
        rf"web1: runs cluster other with the same phone number, {NUMBER};",
        "core1.*: container wabiz-coreapp-1 uses another database: wabiz_database_prefix is other_, the container has "
        "wabiz_; wabiz_database_password is not the container's",
        "web1.*: container wabiz-webapp-1 uses another database: ",
        secrets=given,
        extra_vars={**given.values, "wabiz_database_prefix": "other_"},
        check=True,
    )


def test_the_configuration_of_a_service_that_no_longer_runs_on_a_host_is_removed(cluster: None) -> None:
    """It contains every secret; the configuration of the services that the host still runs is kept."""
    given = Canaries([], {"left_over": awkward()})
    # The here-document is quoted: nothing in it is expanded.
    shell("core1", f"umask 077; cat > {STALE} << 'END'\n{given.values['left_over']}\nEND")
    assert announced("site", "--limit=core1", secrets=given) == {("core1", f"file {STALE}")}
    assert play("site", "--limit=core1", secrets=given).succeeded().changed == {("core1", f"file {STALE}")}
    assert shell("core1", "cd /etc/wabiz/wabiz; ls webapp.yml coreapp.yml 2> /dev/null || true") == "coreapp.yml"
