"""Canary secrets: fresh ones for every secret that a cluster has, and none of them where somebody could read it.

What a run prints, the hosts' journals, temporary and async files and every process's arguments are searched by play().
"""

from __future__ import annotations

import pytest

from tests.lab import strangers
from tests.lab.hosts import everywhere, on, shell
from tests.lab.play import SECRETS, play
from tests.support.canary import Canaries, awkward
from tests.support.playbook import run_playbook

TALKATIVE = ["--diff", "-vvv"]
# One that says by its name that it is secret, and one that is only said to be (wabiz_secret_env).
EXTRA = ["MEDIA_PROVIDER_TOKEN", "HARMLESS_NAME"]
# Readable for all, in a directory that is root's alone: no secret, and what the database's own user has to read.
PUBLIC = {"webapp-ca.pem", "database-init.sh"}


def fresh(*names: str) -> Canaries:
    """Return a secret for each name, with everything in it that quoting gets wrong."""
    return Canaries([], {name: awkward() for name in names})


@pytest.fixture
def canaries() -> Canaries:
    """A fresh secret under every name; the certificate and the code are no business of site.yml."""
    return fresh(*SECRETS.values, "wabiz_secret", *EXTRA)


def variables(canaries: Canaries) -> dict[str, object]:
    """Return extra variables that bring all canaries into the cluster."""
    return {
        **{name: value for name, value in canaries.values.items() if name not in EXTRA},
        "wabiz_coreapp_extra_env": {name: canaries.values[name] for name in EXTRA},
        "wabiz_secret_env": ["HARMLESS_NAME"],
        "wabiz_allow_database_change": True,
    }


def test_without_protection_a_secret_is_found_on_the_host(cluster: None) -> None:
    """The proof that play() can find one in each of the places where it looks besides the output."""
    given = fresh("canary")
    try:
        with pytest.raises(AssertionError) as found:
            play("../tests/lab/unprotected", extra_vars=given.values, secrets=given)
    finally:
        shell("core1", "rm -rf ~root/.ansible_async")
    for place in ("'core1: journal'", "/.ansible_async/", "'process list'"):
        assert place in str(found.value)
    assert "'output'" not in str(found.value)
    assert given.leaks(str(found.value)) == []


def test_check_mode_announces_new_secrets_without_telling_them(cluster: None, canaries: Canaries) -> None:
    """Old and new ones: every container would be replaced."""
    run = play("site", "--check", "-vvv", extra_vars=variables(canaries), secrets=canaries).succeeded()
    assert ("core1", "container wabiz-coreapp-1") in run.changed
    assert "env.HARMLESS_NAME: (not there) -> ******** (new value)" in run.stdout
    assert "env.WA_DB_PASSWORD: ******** (old value) -> ******** (new value)" in run.stdout


def test_without_no_log_the_check_finds_them(cluster: None, canaries: Canaries) -> None:
    """The proof that the search of the output can find anything."""
    arguments = ["--check", *TALKATIVE, "--limit=core1"]
    shown = run_playbook(
        "playbooks/site.yml", extra_vars={**variables(canaries), "wabiz_no_log": False}, arguments=arguments
    )
    found = {leak.secret for leak in canaries.leaks(shown.succeeded().output)}
    assert {"wabiz_database_password", *EXTRA} <= found


def test_new_secrets_reach_the_containers_and_nothing_else(cluster: None) -> None:
    """A run that succeeds, then one that fails in the middle, on one coreapp and one webapp.

    What is left of it the uninstallation removes, which is tested next.
    """
    given = fresh("wabiz_api_key", "wabiz_jwt_key", *EXTRA)
    extra_vars = {**variables(given), "wabiz_secret": None}
    limit = "--limit=core1,web1"
    run = play("site", "-vvv", limit, extra_vars=extra_vars, secrets=given).succeeded()
    assert {("core1", "container wabiz-coreapp-1"), ("web1", "container wabiz-webapp-1")} <= run.changed
    for name in EXTRA:
        assert on("core1", "docker", "exec", "wabiz-coreapp-1", "printenv", name) == given.values[name]
    inside = on("core1", "docker", "exec", "wabiz-coreapp-1", "printenv").splitlines()
    assert [line for line in inside if line.startswith("WA_SECRET=") or line.endswith("=None")] == []

    # Docker refuses to create the container, whose options hold the secrets.
    impossible = {**extra_vars, "wabiz_extra_volumes": ["/var/tmp:/srv/nowhere:nonsense"]}
    broken = play("site", "-vvv", limit, extra_vars=impossible, secrets=given).failed()
    assert any("nonsense" in failure["msg"] for failure in broken.failures), broken.failures


def test_the_configuration_on_the_hosts_is_for_root_alone(cluster_at_first: None) -> None:
    found = everywhere("find /etc/wabiz/wabiz -printf '%y %m %U:%G %p\\n'")
    for host, text in found.items():
        lines = [line for line in text.splitlines() if not line.endswith(strangers.NOTES)]
        assert lines, host
        for line in lines:
            kind, mode, owner, path = line.split(maxsplit=3)
            wanted = "700" if kind == "d" else "644" if path.rpartition("/")[2] in PUBLIC else "600"
            assert (mode, owner) == (wanted, "0:0"), f"{host}: {line}"
