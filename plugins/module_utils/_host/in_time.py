# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that may never return, such as a look at a share whose server is frozen, in a child that is given up then."""

from __future__ import annotations

import json
import os
import select
import signal
import time
import typing as t


class NoAnswer(Exception):
    """It took too long, or it failed; the text says which."""


def in_time(work: t.Callable[[], t.Any], limit: float) -> t.Any:
    """What C(work) returns, decoded from JSON. Raises NoAnswer, also after C(limit) seconds.

    The child is killed then and not waited for: while a server is frozen not even that ends it.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _child(work, writer)
    os.close(writer)
    try:
        text = _read(reader, limit)
    finally:
        os.close(reader)
    if text is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, os.WNOHANG)
        raise NoAnswer(f"no answer within {limit:g} s")
    os.waitpid(child, 0)
    answer = json.loads(text or b'{"error": "the look ended without an answer"}')
    if "error" in answer:
        raise NoAnswer(answer["error"])
    return answer["result"]


def _child(work: t.Callable[[], t.Any], writer: int) -> t.NoReturn:
    """Never returns: what the parent would do at its end is the parent's."""
    try:
        # Whoever reads what the parent prints waits until no process can add to it.
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        try:
            answer = {"result": work()}
        except Exception as error:  # whatever it is, the parent has to hear of it
            answer = {"error": (error.strerror if isinstance(error, OSError) else "") or str(error) or repr(error)}
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(answer).encode())
    finally:
        os._exit(0)


def _read(pipe: int, limit: float) -> bytes | None:
    """All that is written until the end; None where that takes too long."""
    parts: list[bytes] = []
    end = time.monotonic() + limit
    while select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
        part = os.read(pipe, 65536)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return None
