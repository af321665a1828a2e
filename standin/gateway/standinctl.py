"""The stand-in's admin tool: plays the phone, issues certificates, tells what WhatsApp saw."""

import argparse
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from standin.common import fault_commands
from standin.gateway import traffic_commands

ADMIN = "http://127.0.0.1:5280"
TIMEOUT = 10


def _call(method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ADMIN + path, data, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        return json.load(answer)


def _table(rows: list[dict[str, Any]], names: list[str]) -> str:
    return "\n".join("  ".join(f"{name}={row[name]}" for name in names if name in row) for row in rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="standinctl", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    code = commands.add_parser("code", help="the registration code that a number's phone shows")
    code.add_argument("number", help="country code and number, digits only")
    cert = commands.add_parser("cert", help="a verified-name certificate, base64")
    cert.add_argument("number")
    cert.add_argument("--name", default="Standin Business")
    cert.add_argument("--expired", action="store_true")
    for name, what in (("sessions", "open connections"), ("events", "what happened")):
        listing = commands.add_parser(name, help=what)
        listing.add_argument("--json", action="store_true", dest="as_json")
    commands.add_parser("unban", help="lift a ban").add_argument("number")
    protection = commands.add_parser("pin", help="two-step verification: set a number's PIN; without one remove it")
    protection.add_argument("number")
    protection.add_argument("pin", nargs="?", help="six digits")
    traffic_commands.add_commands(commands)
    fault_commands.add_commands(commands)
    filling = commands.add_parser("seed-messages", help="coreapp or master: add finished messages to the database")
    filling.add_argument("count", type=int)
    return parser


def _run(options: argparse.Namespace) -> str:
    if options.command in traffic_commands.NAMES:
        return traffic_commands.run(options, _call)
    if options.command == "fault":
        return fault_commands.run(options)
    if options.command == "seed-messages":
        from standin.store import seed  # slow to import, and needed here only

        return seed.run(options.count)
    number = urllib.parse.quote(getattr(options, "number", ""))
    match options.command:
        case "code":
            return str(_call("GET", f"/codes/{number}")["code"])
        case "cert":
            query = urllib.parse.urlencode({"name": options.name} | ({"expired": "1"} if options.expired else {}))
            return str(_call("GET", f"/certificates/{number}?{query}")["certificate"])
        case "unban":
            _call("POST", f"/unban/{number}")
            return "unbanned"
        case "pin":
            _call("POST", f"/pin/{number}", {"pin": options.pin})
            return "PIN set" if options.pin else "PIN removed"
        case listing:
            rows = _call("GET", f"/{listing}")
    if options.as_json:
        return json.dumps(rows, indent=1)
    columns = ["time", "event", "number", "shard", "epoch", "node", "reason", "cause", "live", "seconds", "why"]
    return _table(rows, columns)


def main() -> int:
    """1 with the reason on stderr when it cannot be done."""
    try:
        sys.stdout.write(_run(_parser().parse_args()) + "\n")
    except urllib.error.HTTPError as error:
        sys.stderr.write(f"standinctl: {json.load(error).get('problem', error)}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"standinctl: the gateway does not answer: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
