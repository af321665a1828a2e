# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of logs without secrets: those that are known, and what looks like one by what surrounds it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mask import MASK
from ansible_collections.wabiz.onprem.plugins.module_utils._host.scrub import pattern_of
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_settings import named_secrets
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_shapes import marked_secrets
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_values import mask

_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_BODY = re.compile(r"\S{,100}[A-Za-z0-9+/=]{4,76}\s*")
# Of a line that never ends only this much is looked at and kept.
LONGEST = 100_000


def masked_lines(lines: t.Iterable[bytes], secrets: t.Iterable[str]) -> t.Iterator[bytes]:
    """The lines with every secret masked. A private key is masked from its first line to its last.

    The lines may be the end of a log, which begins within a key.
    """
    known = pattern_of(secrets)
    within = False
    for line in _from_a_whole_one(raw[:LONGEST].decode("utf-8", "replace").rstrip("\r\n") for raw in lines):
        if within:
            within = not _END.search(line)
            continue
        begin = _BEGIN.search(line)
        if begin and not _END.search(line, begin.end()):
            within = True
            line = line[: begin.start()] + MASK
        if known:
            line = known.sub(MASK, line)
        yield (mask(line, marked_secrets(line) | named_secrets(line)) + "\n").encode()


def _from_a_whole_one(lines: t.Iterator[str]) -> t.Iterator[str]:
    """The lines without the rest of a key at their beginning."""
    first: list[str] = []
    for line in lines:
        if _END.search(line):
            break
        first.append(line)
        if not _BODY.fullmatch(line):
            yield from first
            break
    else:
        yield from first
    yield from lines
