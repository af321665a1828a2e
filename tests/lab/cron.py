"""The log cleanup as cron would run it."""

from __future__ import annotations

from tests.lab.hosts import containers, on, shell

_TRACE = "cleanup] old archives removed"


FILE = "/etc/cron.d/wabiz-wabiz"


def command(host: str) -> str:
    """Return the command of the cluster's cron line on a host; '' if there is none."""
    lines = shell(host, f"grep --no-messages ' root ' {FILE} || true").splitlines()
    assert len(lines) <= 1, lines
    if not lines:
        return ""
    *schedule, user, job = lines[0].split(maxsplit=6)
    assert len(schedule) == 5 and user == "root", lines[0]
    return job


def traces(host: str) -> dict[str, int]:
    """Return how often the cleanup has logged a run in each container of a host, stopped ones included."""
    return {name: on(host, "sh", "-c", f"docker logs {name} 2>&1").count(_TRACE) for name in containers(host)}


def cleaned(host: str) -> set[str]:
    """Run a host's cron line by hand and return the containers whose log shows the run."""
    before = traces(host)
    shell(host, command(host))
    return {name for name, count in traces(host).items() if count > before.get(name, 0)}
