# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written for SSH and for the name server."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from lab import dns, settings, ssh

LAB = settings.load({})


def test_ssh_reads_the_configuration_as_meant(tmp_path: Path) -> None:
    lab = replace(LAB, state=tmp_path / "a directory")
    config = tmp_path / "ssh_config"
    config.write_text(ssh.config_text(lab, {"web1": "10.77.0.10"}), encoding="utf-8")
    command = ["ssh", "-G", "-F", str(config), "web1"]
    seen = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    expected = ["hostname 10.77.0.10", "user ops", "hostkeyalias web1", "stricthostkeychecking true"]
    assert set(expected) <= set(seen)
    assert f"identityfile {lab.state / 'id_ed25519'}" in seen


def test_keys_are_known_only_for_the_same_container(tmp_path: Path) -> None:
    lab = replace(LAB, state=tmp_path)
    keys = {"web1": "ssh-ed25519 AAAA1 root@web1", "web2": "ssh-ed25519 AAAA2 root@web2"}
    ssh.write(lab, {}, keys, {"web1": "id1", "web2": "id2"})
    assert ssh.known_keys(lab, {"web1": "id1", "web2": "new"}) == {"web1": "ssh-ed25519 AAAA1"}


def test_no_keys_are_known_before_the_first_start(tmp_path: Path) -> None:
    assert ssh.known_keys(replace(LAB, state=tmp_path), {"web1": "id1"}) == {}


def test_names_of_hosts_and_services_are_published() -> None:
    assert dns.hosts_file(LAB, {"db1": "10.77.0.10"}).splitlines() == [
        "10.77.0.10 db1",
        "10.77.0.4 g.whatsapp.net",
        "10.77.0.3 registry.lab.test",
    ]
