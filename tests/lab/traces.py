"""What a run leaves on the hosts besides its result: their journals, temporary files, files of asynchronous tasks.

What belongs below /etc/wabiz holds secrets by design and is not read; the logs of containers are not in the journal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tests.lab.hosts import everywhere
from tests.support.canary import Canaries, Leak
from tests.support.processes import ProcessWatch

_MARK = "==== trace of a run: "
# Also the logs of hosts that have no journal alone; the journal's own files are read through its program.
_PLACES = "/tmp /var/tmp ~root/.ansible ~root/.ansible_async ~ops/.ansible ~ops/.ansible_async /var/log"
_LARGEST = 4096  # kB; what is larger is no file of a run
# In the form `export` every field is there in full: the sender's command line, and what a module logs in fields.
_SCRIPT = r"""
journalctl --sync
printf '\n%sjournal\n' '{mark}'
journalctl --output=export --no-pager --since=@{since}
find {places} -xdev -path /var/log/journal -prune -o -type f -newerct @{since} -size -{largest}k \
  -printf '\n{mark}%p\n' -exec cat {{}} \; 2> /dev/null
true
"""


def traces(since: float) -> dict[str, str]:
    """Return by host everything that its journal and its temporary, async and log files got since a Unix time."""
    return everywhere(_SCRIPT.format(mark=_MARK, since=f"{since:.3f}", places=_PLACES, largest=_LARGEST))


def places(found: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of traces() by place, as in ``core1: journal`` or ``core1: /tmp/file``."""
    return {
        f"{host}: {place}": content
        for host, text in found.items()
        for place, _, content in (part.partition("\n") for part in re.split(rf"^{_MARK}", text, flags=re.MULTILINE)[1:])
    }


def leaks(watch: ProcessWatch, printed: str, canaries: Iterable[Canaries]) -> dict[str, list[Leak]]:
    """Return by place the secrets in what a watched run printed, left on the hosts, or showed in the process list."""
    everything = {"output": printed, "process list": watch.text, **places(traces(watch.since))}
    secrets = list(canaries)
    found = {place: [leak for some in secrets for leak in some.leaks(text)] for place, text in everything.items()}
    return {place: some for place, some in found.items() if some}
