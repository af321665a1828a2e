# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms that text may have, each with the words that explain it. No I/O."""

from __future__ import annotations

import re
import typing as t


class Pattern(t.NamedTuple):
    """A regular expression for the whole text, and what to say where it does not fit."""

    expression: str
    meaning: str

    def fits(self, text: str) -> bool:
        return re.fullmatch(self.expression, text, re.ASCII) is not None


# No "..": names become parts of paths, of a line in /etc/cron.d and of a systemd unit.
_NAME = r"(?!.*\.\.)[a-z0-9][a-z0-9_.-]{0,47}"
_HOST = r"[A-Za-z0-9:][A-Za-z0-9._:-]{0,252}"

PATTERNS = {
    "name": Pattern(
        _NAME, "lower-case letters, digits, _ - and single dots, at most 48, beginning with a letter or digit"
    ),
    "host": Pattern(_HOST, "a host name or address: letters, digits, . - _ and :"),
    "listen": Pattern(rf"\*|{_HOST}", "an address of the host, or * for all"),
    "version": Pattern(r"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}", "three numbers, for example 2.57.2"),
    "image": Pattern(
        r"(?!.*(//|\.\.))[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}",
        "an image or registry without https://, for example registry.example.net:5000/whatsapp",
    ),
    "user": Pattern(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,62}", "letters, digits and _ . @ -, at most 63"),
    "prefix": Pattern(r"[A-Za-z0-9_-]{1,40}", "letters, digits, _ and -, at most 40"),
    "volume": Pattern(
        r"(/[^:\x00-\x1f]+|[A-Za-z0-9][A-Za-z0-9_.-]{0,127})", "the name of a Docker volume, or an absolute path"
    ),
    "word": Pattern(r"[A-Za-z0-9][A-Za-z0-9+._:@=/~*-]{0,127}", "one word of letters, digits and + . _ : @ = / ~ * -"),
    "variable": Pattern(r"[A-Za-z_][A-Za-z0-9_]{0,127}", "the name of an environment variable"),
    "size": Pattern(r"[0-9]{1,9}[bkmgBKMG]?", "a number with k, m or g, for example 50m"),
    "country": Pattern(r"[1-9][0-9]{0,2}", "1 to 3 digits, without +"),
    "number": Pattern(r"[0-9]{4,14}", "4 to 14 digits, without country code and +"),
    "pin": Pattern(r"[0-9]{6}", "6 digits, in quotes"),
    "code": Pattern(r"[0-9]{3}-?[0-9]{3}", "6 digits, with or without a hyphen in the middle"),
    "date": Pattern(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", "a day as YYYY-MM-DD"),
    "target": Pattern(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,252}", "coreapp, primary_master, a host, or host/container"),
    "cron": Pattern(r"[A-Za-z0-9*,/-]{1,64}", "a field of cron's notation"),
}
