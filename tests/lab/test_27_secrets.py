"""Canary secrets: a fresh one for every secret of a cluster, and none of them may be readable anywhere.

play() searches the output, the hosts' journals, temporary and async files, and the arguments of every process.
"""

from __future__ import annotations

import pytest

from tests.lab import foreign
from tests.lab.hosts import everywhere, on, shell
from tests.lab.play import SECRETS, play
from tests.support.canary import Canaries, awkward
from tests.support.playbook import run_playbook

TALKATIVE = ["--diff", "-vvv"]
# One has a name that marks it as secret, the other one is only listed in wabiz_secret_env.
EXTRA = ["MEDIA_PROVIDER_TOKEN", "HARMLESS_NAME"]
ADMINISTRATOR = "wabiz_database_root_password"
# In a directory of root only: a public certificate, and a program that cron starts.
MODES = {"webapp-ca.pem": "644", "log-cleanup.sh": "700"}


def fresh(*names: str) -> Canaries:
    """Return a secret for each name, with all characters that need quoting."""
    return Canaries([], {name: awkward() for name in names})


@pytest.fixture
def canaries() -> Canaries:
    """A fresh secret for every name that site.yml brings to the containers."""
    return fresh(*(name for name in SECRETS.values if name != ADMINISTRATOR), "wabiz_secret", *EXTRA)


def variables(canaries: Canaries) -> dict[str, object]:
    """Return extra variables that put all canaries into the cluster."""
    return {
        **{name: value for name, value in canaries.values.items() if name not in EXTRA},
        "wabiz_coreapp_extra_env": {name: canaries.values[name] for name in EXTRA},
        "wabiz_secret_env": ["HARMLESS_NAME"],
        "wabiz_allow_database_change": True,
    }


def test_without_protection_a_secret_is_found_on_the_host(cluster: None) -> None:
    """Proves that play() finds a secret in each of the places besides the output."""
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


@pytest.mark.proves("wabiz_secret_env")
def test_check_mode_predicts_new_secrets_without_showing_them(cluster: None, canaries: Canaries) -> None:
    """Neither old nor new ones are shown; every container would be replaced."""
    run = play("site", "--check", "-vvv", extra_vars=variables(canaries), secrets=canaries).succeeded()
    assert ("core1", "container wabiz-coreapp-1") in run.changed
    assert "env.HARMLESS_NAME: (not set) -> ******** (new value)" in run.stdout
    assert "env.WA_DB_PASSWORD: ******** (old value) -> ******** (new value)" in run.stdout


@pytest.mark.drill
def test_another_password_of_the_databases_administrator_is_refused(cluster: None) -> None:
    """It is the server's own, which site.yml does not change; check mode says the same."""
    given = fresh(ADMINISTRATOR)
    for arguments in (["--check"], []):
        refused = play("site", *arguments, extra_vars=given.values, secrets=given).failed()
        assert any(f"cannot log in with {ADMINISTRATOR}" in failure["msg"] for failure in refused.failures)


@pytest.mark.proves("wabiz_no_log")
def test_without_no_log_the_check_finds_them(cluster: None, canaries: Canaries) -> None:
    """Proves that the search of the output works."""
    arguments = ["--check", *TALKATIVE, "--limit=core1"]
    shown = run_playbook(
        "playbooks/site.yml", extra_vars={**variables(canaries), "wabiz_no_log": False}, arguments=arguments
    )
    found = {leak.secret for leak in canaries.leaks(shown.succeeded().output)}
    assert {"wabiz_database_password", *EXTRA} <= found


def test_only_root_can_read_the_configuration_on_the_hosts(cluster: None) -> None:
    # The server's own user makes its socket, in a directory that only root reaches.
    socket = "-path '*/database-socket' -prune"
    found = everywhere(f"find /etc/wabiz/wabiz {socket} -o -printf '%y %m %U:%G %p\\n'")
    for host, text in found.items():
        lines = [line for line in text.splitlines() if not line.endswith(foreign.NOTES)]
        assert lines, host
        for line in lines:
            kind, mode, owner, path = line.split(maxsplit=3)
            wanted = "700" if kind == "d" else MODES.get(path.rpartition("/")[2], "600")
            assert (mode, owner) == (wanted, "0:0"), f"{host}: {line}"


def test_new_secrets_reach_the_containers_and_nothing_else(cluster: None) -> None:
    """A successful run, then one that fails in the middle, on one coreapp and one webapp.

    The next test file uninstalls the cluster, and with it what this leaves.
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

    # Docker refuses to create the container; its options contain the secrets.
    impossible = {**extra_vars, "wabiz_extra_volumes": ["/var/tmp:/srv/nowhere:nonsense"]}
    broken = play("site", "-vvv", limit, extra_vars=impossible, secrets=given).failed()
    assert any("nonsense" in failure["msg"] for failure in broken.failures), broken.failures
