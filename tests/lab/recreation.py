"""Arguments of `docker create` for a copy of a container, from the output of `docker inspect`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def creation(found: Mapping[str, Any], environment: Mapping[str, str] | None = None, image: str = "") -> list[str]:
    """Return options, image and command for the same container, except for some variables or the image."""
    config, wiring = found["Config"], found["HostConfig"]
    variables = {**dict(item.split("=", 1) for item in config["Env"]), **(environment or {})}
    options = [f"--name={found['Name'].lstrip('/')}"]
    options += [f"--env={key}={value}" for key, value in variables.items()]
    options += [f"--label={key}={value}" for key, value in config["Labels"].items()]
    options += [f"--volume={bind}" for bind in wiring["Binds"]]
    options += [
        f"--publish={bindings[0]['HostPort']}:{port}" for port, bindings in sorted(wiring["PortBindings"].items())
    ]
    options += [f"--network={wiring['NetworkMode']}", f"--restart={wiring['RestartPolicy']['Name']}"]
    options += [f"--cap-drop={capability}" for capability in wiring["CapDrop"]]
    options += [f"--log-opt={key}={value}" for key, value in wiring["LogConfig"]["Config"].items()]
    options += [f"--stop-timeout={config['StopTimeout']}"]
    return [*options, image or config["Image"], *config["Cmd"]]
