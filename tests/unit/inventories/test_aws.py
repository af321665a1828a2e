# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventories for AWS against a stand-in for EC2 on loopback: tags become the cluster that the vendor describes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.support.paths import BIN, ROOT
from tests.support.playbook import DEAD, run_playbook

pytestmark = pytest.mark.slow

REGION = "eu-central-1"
ZONES = ("eu-central-1a", "eu-central-1b", "eu-central-1c")
EVERYTHING = "webapp master coreapp"
VAULT = {
    "vault_wabiz_database_password": "Canary-database-1",
    "vault_wabiz_api_key": "Canary-api-key-1",
    "vault_wabiz_jwt_key": "Canary-jwt-" + "k" * 53,
    "vault_wabiz_admin_password": "Canary-admin-1",
    "vault_wabiz_certificate": "Q2FuYXJ5",
}
# Hosts that refuse the connection, so that a run which finds nothing ends there.


def inventory(name: str) -> Path:
    return ROOT / "inventories" / "aws" / name


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The environment of a program that takes the stand-in for AWS."""
    # It would make thousands of images first.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        # The plugin's own.
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }
    server.stop()


@pytest.fixture(scope="module")
def ec2(environment: dict[str, str]) -> Any:
    """The vendor's two sizes, an instance that is stopped, and one that has nothing to do with the cluster."""
    client = boto3.client(
        "ec2",
        region_name=REGION,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    for number, zone in enumerate(ZONES, 1):
        started(client, zone, Name=f"wa{number}", Cluster="wabiz-production", Services=EVERYTHING)
    for number, zone in enumerate(ZONES[:2], 1):
        started(client, zone, Name=f"test{number}", Cluster="wabiz-staging", Services=EVERYTHING, Coreapps="1")
    started(client, ZONES[0], Name="mail1", Services="webapp")
    return client


def started(client: Any, zone: str, **tags: str) -> str:
    """Start an instance with these tags and return its id."""
    tagged = [{"Key": key, "Value": value} for key, value in tags.items()]
    instances = client.run_instances(
        ImageId="ami-0123456789abcdef0",
        MinCount=1,
        MaxCount=1,
        Placement={"AvailabilityZone": zone},
        TagSpecifications=[{"ResourceType": "instance", "Tags": tagged}],
    )["Instances"]
    return str(instances[0]["InstanceId"])


def listed(name: str, environment: dict[str, str]) -> dict[str, Any]:
    """What ansible-inventory makes of an example."""
    done = subprocess.run(
        [str(BIN / "ansible-inventory"), "-i", str(inventory(name)), "--list"],
        cwd=ROOT,
        env={**os.environ, **environment, "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def text(value: Any) -> Any:
    return value.get("__ansible_unsafe", value) if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("name", "hosts", "shards"), [("production", ["wa1", "wa2", "wa3"], 2), ("staging", ["test1", "test2"], 1)]
)
def test_tags_become_the_vendors_sizes(
    ec2: Any, environment: dict[str, str], name: str, hosts: list[str], shards: int
) -> None:
    """On each instance a webapp, a master and a coreapp; one coreapp more than shards."""
    found = listed(name, environment)
    variables = found["_meta"]["hostvars"]
    assert sorted(variables) == hosts
    groups = variables[hosts[0]]["wabiz_groups"]
    for service in ("webapp", "master", "coreapp"):
        assert sorted(found[groups[service]]["hosts"]) == hosts
    # What comes from outside is marked as text that is no template.
    plain = {host: {name: text(value) for name, value in variables[host].items()} for host in hosts}
    assert [plain[host]["wabiz_zone"] for host in hosts] == list(ZONES[: len(hosts)])
    for own in plain.values():
        assert own["wabiz_external_hostname"] == own["ansible_host"] == own["aws_private_ip_address"]
        assert str(own["wabiz_coreapp_instances"]) == "1"
        assert own["wabiz_shards"] == shards == len(hosts) - 1


def test_a_stopped_instance_still_counts(ec2: Any, environment: dict[str, str]) -> None:
    """Else the next run would take the cluster for a smaller one."""
    number = started(ec2, ZONES[0], Name="wa4", Cluster="wabiz-production", Services="retired")
    ec2.stop_instances(InstanceIds=[number])
    assert listed("production", environment)["service_retired"]["hosts"] == ["wa4"]
    ec2.terminate_instances(InstanceIds=[number])
    assert "service_retired" not in listed("production", environment)


@pytest.mark.parametrize("name", ["production", "staging"])
def test_preflight_has_nothing_against_the_inventory(ec2: Any, environment: dict[str, str], name: str) -> None:
    """Its first stage, which judges the inventory alone; no instance answers the second one."""
    run = run_playbook(
        ROOT / "playbooks" / "preflight.yml",
        inventory=inventory(name),
        extra_vars={**VAULT, **DEAD},
        environment=environment,
    ).failed()
    assert "Canary" not in run.output
    assert "[WARNING]" not in run.output
    (message,) = {failure["msg"] for failure in run.failures if "finding(s)" in failure["msg"]}
    assert all("is unreachable" in line for line in message.splitlines()[1:]), message
