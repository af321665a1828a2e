# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for WhatsApp's servers, and the phone that receives its registration codes."""

from __future__ import annotations

import os

from lab import network, proc
from lab.containers import Wanted
from lab.docker import docker, image_id
from lab.errors import LabError
from lab.settings import Settings

IMAGE = "standin/gateway:latest"
CODE_TIMEOUT = 15.0  # seconds until a requested code must have arrived


def wanted(settings: Settings) -> Wanted | None:
    """The gateway's container, or None while its image has not been built."""
    identifier = image_id(IMAGE)
    if identifier is None:
        return None
    scale = os.environ.get("STANDIN_TIME_SCALE")
    options = ("--env", f"STANDIN_TIME_SCALE={scale}") if scale else ()
    return Wanted("gateway", "gateway", network.service_address(settings.subnet, "gateway"), identifier, options)


def _running(settings: Settings) -> str:
    container = settings.container("gateway")
    state = docker("container", "inspect", "--format", "{{.State.Running}}", container, check=False)
    if state.stdout.strip() != "true":
        raise LabError("the gateway does not run: build the stand-in's images, then run the verb up")
    return container


def certificate(settings: Settings, number: str) -> str:
    """A verified-name certificate for a phone number, base64.

    Raises:
        LabError: the lab or its gateway does not run.
    """
    return docker("exec", _running(settings), "standinctl", "cert", number).stdout.strip()


def code(settings: Settings, number: str) -> str:
    """The registration code that was sent to a phone number; waits until there is one.

    Raises:
        LabError: the lab or its gateway does not run, or no code came in time.
    """
    container = _running(settings)
    answer = ""

    def asked() -> bool:
        nonlocal answer
        done = docker("exec", container, "standinctl", "code", number, check=False, timeout=CODE_TIMEOUT)
        answer = (done.stdout if done.returncode == 0 else done.stderr).strip()
        return done.returncode == 0 and bool(answer)

    try:
        proc.wait_until(asked, "code", timeout=CODE_TIMEOUT, interval=0.5)
    except LabError as error:
        raise LabError(f"no registration code for {number}: {answer or 'none was requested'}") from error
    return answer
