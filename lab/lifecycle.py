# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a lab to the state of an inventory, and remove it completely."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from lab import containers, dns, engine, gateway, hosts, inventory, network, pki, preflight, proc, registry, ssh
from lab.docker import docker, inspect, lines
from lab.errors import LabError
from lab.progress import Report, reporter
from lab.settings import Settings

WORKERS = 16


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Refuse a second up or down of the same lab.

    Raises:
        LabError: one is running.
    """
    settings.state.mkdir(parents=True, exist_ok=True)
    with (settings.state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LabError(f"another up or down of lab {settings.name} is running") from error
        yield


def up(settings: Settings, path: Path) -> None:
    """Bring the lab to the state of the inventory: start missing hosts, remove others, keep those that are up to date.

    Args:
        settings: the lab.
        path: an Ansible inventory.

    Raises:
        LabError: the inventory is wrong, the machine is too small, or a part does not start.
    """
    report = reporter()
    with alone(settings):
        specs = inventory.read(path)
        report(engine.ensure(settings))
        engine.ensure_programs(engine.LAB_PROGRAMS)
        settings = network.placed(settings)
        found = containers.existing(settings)
        running = {name for name, container in found.items() if container.state == "running"}
        wanted_names = {spec.name for spec in specs}
        total = len(specs) + containers.hosts_of_other_labs(settings)
        for change in preflight.ensure(new=len(wanted_names - running), total=total):
            report(change)
        surplus = [item for item in found.values() if item.role == "host" and item.host not in wanted_names]
        if surplus:
            remove_hosts(settings, surplus)
            report(f"removed: {', '.join(sorted(item.host for item in surplus))}")
        pki.ensure(settings)
        host_images = hosts.image_references(specs)
        services = [dns.wanted(settings), registry.wanted(settings), gateway.wanted(settings)]
        report("images are ready")
        network.ensure(settings)
        hosts.ensure_media(settings)
        found = containers.existing(settings)
        for service in services:
            if service is None:
                report(f"no image {gateway.IMAGE} yet: the lab comes up without it")
            elif containers.ensure(settings, service, found.get(service.host)):
                report(f"{service.host} started")
        start_hosts(settings, specs, host_images, found, report)


def start_hosts(
    settings: Settings,
    specs: list[inventory.HostSpec],
    host_images: dict[tuple[bool, str], str],
    found: dict[str, containers.Container],
    report: Report,
) -> None:
    """Start all hosts in parallel, fill the registry meanwhile, and write the SSH configuration."""
    taken = {item.host: item.address for item in found.values() if item.role == "host"}
    addresses = network.assign(settings.subnet, [spec.name for spec in specs], taken)
    dns.publish(settings, addresses)
    environment = hosts.boot_environment(settings)
    known = ssh.known_keys(settings, {name: item.id for name, item in found.items()})

    def bring_up(spec: inventory.HostSpec) -> str:
        image = host_images[spec.engine, spec.suite]
        wanted = hosts.wanted(settings, spec, addresses[spec.name], image, environment)
        return hosts.bring_up(settings, spec, wanted, found.get(spec.name), known.get(spec.name))

    pool = ThreadPoolExecutor(WORKERS)
    try:
        pushing = pool.submit(registry.publish, settings)
        keys = dict(zip((spec.name for spec in specs), pool.map(bring_up, specs), strict=True))
        identifiers = {name: item.id for name, item in containers.existing(settings).items()}
        ssh.write(settings, addresses, keys, identifiers)
        report(f"{len(specs)} hosts answer")
        pushed = pushing.result()
    except BaseException:
        proc.given_up.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    if pushed:
        report(f"pushed to the registry: {', '.join(pushed)}")
    report(f"lab {settings.name} is up")


def remove_hosts(settings: Settings, surplus: list[containers.Container]) -> None:
    """Remove hosts and their engines' data."""
    containers.remove(surplus)
    docker("volume", "rm", "--force", *(hosts.engine_volume(settings, item.host) for item in surplus))


def down(settings: Settings) -> None:
    """Remove the lab's containers, volumes and network; images and the registry's layers are kept as a cache.

    Raises:
        LabError: something could not be removed.
    """
    report = reporter()
    if not engine.answers():
        report("no engine answers, so there is no lab")
        return
    with alone(settings):
        found = containers.existing(settings)
        if "registry" in found and found["registry"].state == "running":
            registry.forget_tags(settings)
        containers.remove(list(found.values()))
        for kind in ("volume", "network"):
            names = lines(kind, "ls", "--filter", f"label={settings.label}", "--format", "{{.Name}}")
            if inspect(kind, names):
                docker(kind, "rm", *names)
        for name in ("ssh_config", "known_hosts"):
            (settings.state / name).unlink(missing_ok=True)
        report(f"lab {settings.name} is down")
