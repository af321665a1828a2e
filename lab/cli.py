# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs of the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lab import all_images, base_image, engine, faults, gateway, lifecycle, settings, status
from lab.errors import LabError

DEFAULT_INVENTORY = settings.REPO / "inventories" / "lab"


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="python3 -m lab", description="Test hosts on this machine.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("engine", help="make sure that a Docker engine answers")
    verbs.add_parser("engine-stop", help="stop the engine if the verb engine has started it")
    verbs.add_parser("base-image", help="make sure that the image debian:12-slim exists")
    verbs.add_parser("images", help="build every missing or outdated image: lab, stand-in, databases")
    up = verbs.add_parser("up", help="bring the lab to the state of the inventory")
    up.add_argument(
        "--inventory", type=Path, default=DEFAULT_INVENTORY, metavar="PATH", help="default: inventories/lab"
    )
    verbs.add_parser("down", help="remove the lab; images are kept")
    verbs.add_parser("status", help="show hosts, addresses and engines")
    for verb, text in (
        ("phone", "print the registration code sent to a number"),
        ("certificate", "print a verified-name certificate for a number"),
    ):
        verbs.add_parser(verb, help=text).add_argument("number", help="the full number, digits only")
    for verb, text in (("cut", "drop all packets of a host"), ("reconnect", "reconnect a host after cut")):
        verbs.add_parser(verb, help=text).add_argument("host")
    return top


def perform(arguments: argparse.Namespace) -> str | None:
    """Run the verb and return the text to print.

    Raises:
        LabError: it cannot be done.
    """
    lab = settings.load()
    match arguments.verb:
        case "engine":
            return engine.ensure(lab)
        case "engine-stop":
            return engine.stop(lab)
        case "base-image":
            engine.ensure(lab)
            return base_image.ensure()
        case "images":
            engine.ensure(lab)
            all_images.ensure()
        case "up":
            lifecycle.up(lab, arguments.inventory)
        case "down":
            lifecycle.down(lab)
        case "status":
            return status.show(lab)
        case "phone":
            return gateway.code(lab, arguments.number)
        case "certificate":
            return gateway.certificate(lab, arguments.number)
        case "cut":
            faults.cut(lab, arguments.host)
            return f"{arguments.host} is cut off"
        case "reconnect":
            faults.reconnect(lab, arguments.host)
            return f"{arguments.host} is reconnected"
    return None


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit status: 0, 1 for a LabError, 130 for an interruption."""
    try:
        text = perform(parser().parse_args(argv))
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; run up or down next", file=sys.stderr)
        return 130
    if text:
        print(text)
    return 0
