"""The upgrade benchmark's pure parts: a container made again, and the table."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tests.bench.figures import Figures, rows
from tests.lab.recreation import creation

FOUND: dict[str, Any] = {
    "Name": "/wabiz-webapp-1",
    "Config": {
        "Image": "registry/web:v2.55.1",
        "Env": ["A=1", "B=x=y"],
        "Cmd": ["/wait", "/launch"],
        "Labels": {"org.wabiz.node": "webapp"},
        "StopTimeout": 10,
    },
    "HostConfig": {
        "Binds": ["/srv:/media"],
        "PortBindings": {"443/tcp": [{"HostIp": "", "HostPort": "9090"}]},
        "NetworkMode": "wabiz",
        "RestartPolicy": {"Name": "unless-stopped"},
        "CapDrop": ["MKNOD"],
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "50m"}},
    },
}


def test_a_container_is_made_again_with_another_image() -> None:
    *options, image, wait, launch = creation(FOUND, image="registry/web:v2.57.2")
    assert (image, wait, launch) == ("registry/web:v2.57.2", "/wait", "/launch")
    assert {"--name=wabiz-webapp-1", "--env=B=x=y", "--publish=9090:443/tcp", "--network=wabiz"} <= set(options)


def test_a_variable_can_be_changed() -> None:
    assert {"--env=A=1", "--env=B=z"} <= set(creation(FOUND, {"B": "z"}))
    assert "registry/web:v2.55.1" in creation(FOUND, {"B": "z"})


def test_the_table_has_every_figure_and_no_ratio_to_nothing() -> None:
    ours = Figures(0, 40, 8.0, 0, 0, 0, 300.0)
    loop = Figures(12, 80, 20.0, 0, 0, 0, 120.0)
    ratios = {row["figure"]: row["loop/ours"] for row in rows(ours, loop)}
    assert list(ratios) == [name.replace("_", " ") for name in asdict(ours)]
    assert (ratios["requests failed"], ratios["requests retried"], ratios["wall seconds"]) == ("-", 2.0, 0.4)
