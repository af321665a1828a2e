"""Canary secrets: fresh ones for every secret that a cluster has, and none of them in anything that a run prints."""

from __future__ import annotations

import pytest

from tests.lab.hosts import on
from tests.lab.play import SECRETS, play
from tests.support.canary import Canaries
from tests.support.playbook import run_playbook

TALKATIVE = ["--diff", "-vvv"]
# One that says by its name that it is secret, and one that is only said to be (wabiz_secret_env).
EXTRA = ["MEDIA_PROVIDER_TOKEN", "HARMLESS_NAME"]


@pytest.fixture
def canaries() -> Canaries:
    """A fresh secret under every name; the certificate and the code are no business of site.yml."""
    return Canaries([*SECRETS.names, *SECRETS.values, "wabiz_secret", *EXTRA])


def variables(canaries: Canaries) -> dict[str, object]:
    """Return extra variables that bring all canaries into the cluster."""
    return {
        **{name: value for name, value in canaries.values.items() if name not in EXTRA},
        "coreapp_extra_env": {name: canaries.values[name] for name in EXTRA},
        "wabiz_secret_env": ["HARMLESS_NAME"],
    }


def test_check_mode_announces_new_secrets_without_telling_them(cluster: None, canaries: Canaries) -> None:
    """Old and new ones: every container would be replaced."""
    run = play("site", "--check", "-vvv", extra_vars=variables(canaries), secrets=canaries).succeeded()
    assert ("core1", "container wabiz-coreapp-1") in run.changed
    assert "env.HARMLESS_NAME: (not there) -> ******** (new value)" in run.stdout
    assert "env.WA_DB_PASSWORD: ******** (old value) -> ******** (new value)" in run.stdout
    assert SECRETS.leaks(run.output) == []


def test_without_no_log_the_check_finds_them(cluster: None, canaries: Canaries) -> None:
    """The proof that the search above can find anything."""
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
    given = Canaries(["wabiz_api_key", "wabiz_jwt_key", *EXTRA])
    extra_vars = variables(given)
    limit = "--limit=core1,web1"
    run = play("site", "-vvv", limit, extra_vars=extra_vars, secrets=given).succeeded()
    assert {("core1", "container wabiz-coreapp-1"), ("web1", "container wabiz-webapp-1")} <= run.changed
    for name in EXTRA:
        assert on("core1", "docker", "exec", "wabiz-coreapp-1", "printenv", name) == given.values[name]

    # Docker refuses to create the container, whose options hold the secrets.
    impossible = {**extra_vars, "node_log_max_size": "nonsense"}
    broken = play("site", "-vvv", limit, extra_vars=impossible, secrets=given).failed()
    assert any("nonsense" in failure["msg"] for failure in broken.failures), broken.failures
    assert SECRETS.leaks(broken.output) == []
