"""The five inventories of the lab's drill: nothing speaks against them, and together they use what public files do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.stages import inventory_findings
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared
from ansible_collections.wabiz.onprem.plugins.plugin_utils.host_settings import cluster_groups, host_settings

from tests.support.paths import ROOT
from tests.support.variables import LAB_VARIABLES

FILES = sorted((ROOT / "tests" / "lab" / "field").glob("*.yml"))
# Variables whose values the lab's run fills in.
FILLED = {
    "{{ field_address }}": "10.0.0.5",
    "{{ field_dns }}": "10.0.0.53",
    "{{ field_proxy }}": "http://10.0.0.1:3128",
    "{{ field_password }}": "a-password",
}
# A line of cases.md, "Settings found in public files", and where it is looked for: a variable, or an option.
SETTINGS = {
    *("wabiz_published_address", "published_ports", "wabiz_coreapp_ports", "wabiz_memory", "cpus", "wabiz_ulimits"),
    *("wabiz_log_driver", "security_opts", "wabiz_dns_servers", "platform", "command", "wabiz_network_subnets"),
    *("wabiz_networks", "aliases", "volume_options", "WA_DB_SSL_CA", "wabiz_extra_volumes", "wabiz_registry_user"),
    *("wabiz_api_proxy", "wabiz_api_server_hostname", "wabiz_media_require_mount", "wabiz_web_servername"),
    *("wabiz_certificates_path", "wabiz_data_volume", "wabiz_container_healthcheck", "wabiz_media_volume"),
    *("wabiz_config_on_db", "wabiz_database_persistent"),
}


def filled(value: Any) -> Any:
    """The value without what only Ansible evaluates."""
    if isinstance(value, dict):
        return {key: filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value]
    return FILLED.get(value, value) if isinstance(value, str) else value


def names(value: Any) -> set[str]:
    """Every key at any depth."""
    if isinstance(value, dict):
        return {str(key) for key in value} | {name for item in value.values() for name in names(item)}
    return {name for item in value for name in names(item)} if isinstance(value, list) else set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_speaks_against_a_site(file: Path) -> None:
    site = yaml.safe_load(file.read_text(encoding="utf-8"))["all"]
    members = {group: list(content["hosts"]) for group, content in site["children"].items()}
    groups = cluster_groups({}, members)
    wanted = [variable for variable in declared().read_by("site") if not variable.deferred]
    of_the_lab = {name: value for name, value in LAB_VARIABLES.items() if "{{" not in str(value)}
    settings: dict[str, dict[str, Any]] = {}
    for host in {host for hosts in members.values() for host in hosts}:
        own = [content["hosts"][host] or {} for content in site["children"].values() if host in content["hosts"]]
        given = {**of_the_lab, "wabiz_require_ha": False, **filled(site["vars"])}
        for variables in own:
            given |= filled(variables)
        found = host_settings(host, given, wanted, lambda value: value)
        assert [str(finding) for finding in found.findings] == []
        settings[host] = found.values
    fatal = [str(one) for one in inventory_findings(Inventory(groups, settings, dict(groups))) if one.fatal]
    assert fatal == []


def test_they_use_every_setting_of_public_files() -> None:
    used = {name for file in FILES for name in names(yaml.safe_load(file.read_text(encoding="utf-8")))}
    assert used >= SETTINGS
    page = (ROOT / "docs" / "containers.md").read_text(encoding="utf-8")
    assert [name for name in SETTINGS if name not in page] == []
