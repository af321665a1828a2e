"""Whatever asks Docker's engine is told which one: DOCKER_HOST or a context of root's may lead to another."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.support.tracked import tracked

# The one place that has the engine's address.
HOME = "plugins/module_utils/_model/docker_command.py"
ADDRESS = re.compile(r"unix://|/docker\.sock")
# Of the documentation of an option, and where an engine would be if it was another kind of engine.
NAMED = re.compile(r"default: /var/run/docker\.sock$|\"run/(user/\*/)?docker\.sock\"")
# Docker's command, where a setting does not say it.
BARE = re.compile(r"(?<![\w./-])docker(?![\w./-])")
COMMANDS = {f"ansible.builtin.{name}" for name in ("command", "shell", "raw")}
# What follows where a list is Docker's command, and none of units or packages.
VERB = re.compile(
    r"-.*|build|container|cp|create|events|exec|image|images|info|inspect|kill|load|login|logs|network|ps|pull|push|restart|rm"
    r"|run|save|start|stop|system|tag|top|update|version|volume|wait"
)


def dictionaries(found: Any) -> Iterator[dict[str, Any]]:
    """All dictionaries in a file of YAML, wherever in it."""
    for entry in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from dictionaries(entry)
    if isinstance(found, dict):
        yield found


def in_yaml(text: str) -> Iterator[str]:
    """Tasks that leave it to the environment which engine is asked."""
    for task in dictionaries(yaml.safe_load(text)):
        for action, given in task.items():
            if action in COMMANDS and BARE.search(str(given).replace("_wabiz.docker", "")):
                yield str(task["name"])
            # A group of module_defaults is no task.
            if str(action).startswith("community.docker.") and given.get("docker_host") != "{{ _wabiz.docker_host }}":
                yield str(task["name"])


def in_python(text: str) -> Iterator[str]:
    """Lists that are Docker's command."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.List | ast.Tuple) and len(node.elts) > 1:
            first, second = node.elts[:2]
            if isinstance(first, ast.Constant) and first.value == "docker":
                known = str(second.value) if isinstance(second, ast.Constant) else ""
                if isinstance(second, ast.Starred | ast.Name | ast.JoinedStr) or VERB.fullmatch(known):
                    yield f"line {node.lineno}"


def in_program(text: str) -> Iterator[str]:
    """Programs that roles write on hosts."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    if any(BARE.search(line) for line in lines) and "export DOCKER_HOST={{ _wabiz.docker_host }}" not in lines:
        yield "no export of DOCKER_HOST"


LOOKS = {".yml": in_yaml, ".py": in_python, ".j2": in_program, ".sh": in_program}


def test_whoever_asks_an_engine_is_told_which_one() -> None:
    found = {
        name: [*look(text)]
        for name, text in tracked("roles playbooks plugins")
        for ending, look in LOOKS.items()
        if name.endswith(ending) and name != HOME
    }
    assert "roles/log_cleanup/templates/log-cleanup.sh.j2" in found
    assert {name: places for name, places in found.items() if places} == {}


def test_the_address_is_in_one_place() -> None:
    found = [
        f"{name}: {line.strip()}"
        for name, text in tracked("roles playbooks plugins")
        if name != HOME
        for line in text.splitlines()
        if ADDRESS.search(line) and not NAMED.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- {name: x, ansible.builtin.command: {argv: [docker, ps]}}", True),
        ("- {name: x, ansible.builtin.command: {argv: [systemd-run, sh, -c, 'docker kill y && z']}}", True),
        ("- {name: x, block: [{name: y, ansible.builtin.shell: docker ps}]}", True),
        ("- {name: x, ansible.builtin.command: {argv: \"{{ ['docker'] + y }}\"}}", True),
        ("- {name: x, ansible.builtin.command: {argv: \"{{ _wabiz.docker + ['ps'] }}\"}}", False),
        ("- {name: x, ansible.builtin.command: {argv: [systemctl, restart, docker.service]}}", False),
        ("- {name: x, community.docker.docker_container_exec: {container: y}}", True),
        ("- {name: x, community.docker.docker_host_info: {docker_host: '{{ _wabiz.docker_host }}'}}", False),
    ],
)
def test_the_gate_knows_a_task(text: str, found: bool) -> None:
    assert bool([*in_yaml(text)]) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('x = ["docker", "exec", y]', True),
        ('x = ask(("docker", "--host", y))', True),
        ('x = ["docker", *words]', True),
        ('x = ["docker", "crond"]', False),
        ('x = docker("ps")', False),
    ],
)
def test_the_gate_knows_a_command(text: str, found: bool) -> None:
    assert bool([*in_python(text)]) is found


def test_the_gate_knows_a_program() -> None:
    assert [*in_program("#!/bin/sh\ndocker ps\n")]
    assert not [*in_program("#!/bin/sh\n# docker ps\n")]
