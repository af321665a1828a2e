# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms that text may have, each with the words that explain it. No I/O."""

from __future__ import annotations

import datetime as dt
import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import (
    is_address,
    is_reachable,
    is_subnet,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._model.backup_set import PARTS, RESTORED
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import NO_PREFIX

# Docker has networks of these names on every host.
_RESERVED = {"host", "bridge", "none", "default"}


class Pattern(t.NamedTuple):
    """A regular expression for the whole text, a further test, and what to say where it does not fit.

    C(empty) is what to say where the text is a word for no value.
    """

    expression: str
    meaning: str
    also: t.Callable[[str], bool] = lambda _text: True
    empty: str = "Leave it blank where it is not to be set."

    def fits(self, text: str) -> bool:
        """Tell whether the text has this form."""
        return re.fullmatch(self.expression, text, re.ASCII) is not None and self.also(text)


def _is_host(text: str) -> bool:
    return ":" not in text or is_address(text)


def _is_webapp(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0 and not set("?#@") & set(text)
    except ValueError:
        return False


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


# No "..": names become parts of paths, of a line in /etc/cron.d and of a systemd unit.
_NAME = r"(?!.*\.\.)[a-z0-9][a-z0-9_.-]{0,47}"
_HOST = r"[A-Za-z0-9:][A-Za-z0-9._:-]{0,252}"
_HOST_MEANING = "a host name or an IP address, without a port"
# Below a registry Docker takes lower-case names only.
_REGISTRY = r"[A-Za-z0-9][A-Za-z0-9.-]{0,200}(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
_TAG = r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?"

PATTERNS = {
    "name": Pattern(
        _NAME,
        "lower-case letters, digits, _ - and single dots, at most 48, beginning with a letter or digit, "
        "and none of Docker's own names (host, bridge, none, default)",
        lambda text: text not in _RESERVED,
    ),
    "inventory name": Pattern(_HOST, _HOST_MEANING, _is_host),
    "host": Pattern(_HOST, _HOST_MEANING, is_reachable),
    "address": Pattern(r"[0-9A-Fa-f:.]{2,45}", "an IPv4 or IPv6 address", is_address),
    "subnet": Pattern(r"[0-9A-Fa-f:./]{2,49}", "a subnet, for example 172.30.0.0/24", is_subnet),
    "ulimit": Pattern(
        # With = it is what docker run takes.
        r"[a-z]{2,12}[:=](-1|[0-9]{1,15})(:(-1|[0-9]{1,15}))?",
        "name:soft or name:soft:hard, for example nofile:65536",
    ),
    "option": Pattern(r"[a-z][a-z0-9_]{0,62}", "the name of an option of community.docker.docker_container"),
    "listen": Pattern(rf"\*|{_HOST}", "an address of the host without a port, or * for all", is_reachable),
    "version": Pattern(r"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}", "three numbers, for example 2.57.2"),
    "registry": Pattern(
        _REGISTRY,
        "a registry without https:// and without user or password, for example registry.example.net:5000/whatsapp",
    ),
    "image": Pattern(_REGISTRY + _TAG, "an image, for example mysql:8.0 or registry.example.net:5000/mysql:8.0"),
    "image source": Pattern(r"registry|hosts|archive", "registry, hosts or archive"),
    "digest": Pattern(r"sha256:[0-9a-f]{64}", "sha256: and 64 hexadecimal digits, in lower case"),
    "user": Pattern(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,62}", "letters, digits and _ . @ -, at most 63"),
    "prefix": Pattern(
        r"[A-Za-z0-9_-]{1,40}",
        f"letters, digits, _ and -, at most 40; or {NO_PREFIX}, where the databases have no prefix",
        lambda text: text == NO_PREFIX or text.lower() != NO_PREFIX,
        f"Write {NO_PREFIX} where the databases have no prefix; leave it blank for one made of the cluster's name.",
    ),
    "dump": Pattern(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", "the name of a dump, for example 20261104T031500Z"),
    "backup part": Pattern("|".join(PARTS), f"one of {', '.join(PARTS)}"),
    "restored part": Pattern("|".join(RESTORED), f"one of {', '.join(RESTORED)}"),
    "volume": Pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", "the name of a Docker volume"),
    "volume or path": Pattern(
        r"/.*|[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", "the name of a Docker volume, or an absolute path"
    ),
    "bind": Pattern(
        r"([/~][^:\x00-\x1f]*|[A-Za-z0-9][A-Za-z0-9_.-]*):/[^:\x00-\x1f]*(:[A-Za-z]+(,[A-Za-z]+)*)?",
        "source:/path/in/the/container, as for docker run, where source is an absolute path or the name of a volume",
    ),
    "webapp": Pattern(
        r"https://[A-Za-z0-9._:\[\]-]+(/[!-~]*)?", "https://host:port, without user, password or query", _is_webapp
    ),
    "directory": Pattern(r"[A-Za-z0-9._/+@-]+", "an absolute path of letters, digits and . _ / + @ -"),
    "proxy": Pattern(
        r"https?://[!-~]+", "http://host:port, or http://user:password@host:port with special characters as %40"
    ),
    "word": Pattern(r"[A-Za-z0-9][A-Za-z0-9+._:@=/~*-]{0,127}", "one word of letters, digits and + . _ : @ = / ~ * -"),
    "setting": Pattern(
        r"[A-Za-z][A-Za-z0-9_.-]{0,127}", "the name of a setting of the server, for example max_connections"
    ),
    "variable": Pattern(r"[A-Za-z_][A-Za-z0-9_]{0,127}", "the name of an environment variable"),
    "size": Pattern(r"[0-9]{1,9}[bkmgBKMG]?", "a number with k, m or g, for example 50m"),
    "country": Pattern(r"[1-9][0-9]{0,2}", "1 to 3 digits, without +"),
    "number": Pattern(r"[0-9]{4,14}", "4 to 14 digits, without country code and +"),
    "pin": Pattern(r"[0-9]{6}", "6 digits, in quotes"),
    "code": Pattern(r"[0-9]{3}-?[0-9]{3}", "6 digits, with or without a hyphen in the middle"),
    "header": Pattern(r"[!-~]([ -~]*[!-~])?", "printable ASCII characters"),
    "service": Pattern(r"webapp|master|coreapp|database", "webapp, master, coreapp or database"),
    "moment": Pattern(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
        "a time in UTC, as 2026-03-01T02:00:00Z",
        lambda text: _is_date(text[:10]) and text[11:19] < "24" and all(part < "60" for part in text[14:19].split(":")),
    ),
    "window": Pattern(
        r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]", "two times of day, for example 01:30-05:00"
    ),
    "date": Pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day as YYYY-MM-DD", _is_date),
    "target": Pattern(
        r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,252}", "coreapp, primary_master, masters, a host, or host/container"
    ),
}
