"""Traces of a run on the hosts: journals, temporary files, log files, files of asynchronous tasks.

Files below /etc/wabiz contain secrets by design and are not read; the logs of containers are not in the journal. While
runc starts a command in a container, as each health check does, it has a file with the container's environment in /tmp.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tests.lab.hosts import everywhere
from tests.support.canary import Canaries, Leak
from tests.support.processes import ProcessWatch

_MARK = "==== trace of a run: "
# With /var/log, for hosts that do not log to the journal only; the journal's own files are read with journalctl.
_PLACES = "/tmp /var/tmp ~root/.ansible ~root/.ansible_async ~ops/.ansible ~ops/.ansible_async /var/log"
_LARGEST = 4096  # kB; larger files are not from a run
# The output format `export` has every field in full: the sender's command line, and what a module logs in fields.
_SCRIPT = r"""
journalctl --sync
printf '\n%sjournal\n' '{mark}'
journalctl --output=export --no-pager --since=@{since}
find {places} -xdev \( -path /var/log/journal -o -path '/tmp/runc-process*' \) -prune -o \
  -type f -newerct @{since} -size -{largest}k -printf '\n{mark}%p\n' -exec cat {{}} \; 2> /dev/null
true
"""


def traces(since: float) -> dict[str, str]:
    """Return by host the new content of journal, temporary, async and log files since a Unix time."""
    return everywhere(_SCRIPT.format(mark=_MARK, since=f"{since:.3f}", places=_PLACES, largest=_LARGEST))


def places(found: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of traces() by place, as in ``core1: journal`` or ``core1: /tmp/file``."""
    return {
        f"{host}: {place}": content
        for host, text in found.items()
        for place, _, content in (part.partition("\n") for part in re.split(rf"^{_MARK}", text, flags=re.MULTILINE)[1:])
    }


def leaks(watch: ProcessWatch, printed: str, canaries: Iterable[Canaries]) -> dict[str, list[Leak]]:
    """Return by place the secrets in the output of a watched run, in its traces on the hosts, and in process lists."""
    everything = {"output": printed, "process list": watch.text, **places(traces(watch.since))}
    secrets = list(canaries)
    found = {place: [leak for some in secrets for leak in some.leaks(text)] for place, text in everything.items()}
    return {place: some for place, some in found.items() if some}
