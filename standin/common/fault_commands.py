"""`standinctl fault`: what can be asked for, in the container that it strikes."""

import argparse
import json
import os
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from standin.common.faults import FAULTS, Faults


def _kinds(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", required=True)
    api = kinds.add_parser("api", help="webapp: an endpoint answers late or with an error")
    api.add_argument("--endpoint", default="*", help="method and path with wildcards, for example 'POST /v1/account*'")
    api.add_argument("--code", type=int, default=None, help="error code; alone it implies its documented status")
    api.add_argument("--status", type=int, default=None, help="HTTP status")
    api.add_argument("--delay", type=float, default=0.0, help="seconds before the answer")
    api.add_argument("--times", type=int, default=None, help="strikes so often, then no more")
    upgrade = kinds.add_parser("dbupgrade", help="the schema upgrade fails")
    upgrade.add_argument("percent", type=float, help="after so many per cent of the rows")
    clock = kinds.add_parser("clock", help="this container's clock is wrong")
    clock.add_argument("seconds", type=float, help="ahead; below 0: behind")
    for kind, what in (
        ("hang", "a node neither dies nor answers, nor renews a lease; its connection to WhatsApp stays"),
        ("database-refused", "the database server refuses this container's connections"),
        ("lease-not-renewed", "coreapp: answers heartbeats and uses its database, but renews no lease"),
        ("certificate-expired", "webapp: the server certificate has expired"),
        ("fencing-off", "coreapp: goes on after its lease has lapsed"),
    ):
        kinds.add_parser(kind, help=what)


def parse(words: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Kind and values of a fault from a command line's words; raises SystemExit."""
    parser = argparse.ArgumentParser(prog="standinctl fault add")
    _kinds(parser)
    options = vars(parser.parse_args(words))
    kind: str = options.pop("kind")
    return kind, options


def add_commands(commands: Any) -> None:
    """The command `fault` with what can be done."""
    actions = commands.add_parser("fault", help="faults of this container").add_subparsers(dest="action", required=True)
    _kinds(actions.add_parser("add", help="add a fault"))
    listing = actions.add_parser("list", help="the faults that are there")
    listing.add_argument("--json", action="store_true", dest="as_json")
    clear = actions.add_parser("clear", help="remove faults")
    clear.add_argument("number", type=int, nargs="?", default=None, help="only this one")


def run(options: argparse.Namespace, faults: Faults = FAULTS) -> str:
    """Does what was asked for; the text to show."""
    if options.action == "add":
        values = {name: value for name, value in vars(options).items() if name not in {"command", "action", "kind"}}
        return f"fault {faults.add(options.kind, values).id}"
    if options.action == "clear":
        return f"{faults.clear(options.number)} removed"
    entries = [asdict(fault) for fault in faults.read()]
    if options.as_json:
        return json.dumps(entries, indent=1)
    return "\n".join(f"{entry['id']}  {entry['kind']}  {entry['values']}" for entry in entries) or "no faults"


def seed(text: str | None = None, faults: Faults = FAULTS) -> None:
    """The faults of STANDIN_FAULTS (`KIND VALUES; ...`) at a container's first start; raises SystemExit."""
    wanted = os.environ.get("STANDIN_FAULTS", "") if text is None else text
    if faults.fresh:
        for part in filter(str.strip, wanted.split(";")):
            faults.add(*parse(shlex.split(part)))
