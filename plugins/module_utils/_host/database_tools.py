# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a command runs a database or one of its tools, or another server that is known, and nothing else."""

from __future__ import annotations

import re
import typing as t

_TOOL = re.compile(
    r"(?:mysql|mariadb|pg_|pgb)[\w-]*|postgres(?:_exporter)?|psql|(?:run|start)-(?:mysqld|postgresql)|initdb|vacuumdb"
    r"|xtrabackup|mariabackup|mydumper|myloader|proxysql"
    # Consoles and exporters of databases, and what serves web pages beside the client.
    r"|apache2-foreground|php(?:-fpm)?|nginx|haproxy|redis-server|[\w-]+_exporter"
)
# They execute what follows, or are a shell's own words.
_BEFORE = frozenset(
    {"sh", "bash", "ash", "dash", "env", "exec", "nice", "ionice", "nohup", "time", "timeout", "tini", "dumb-init"}
    | {"gosu", "su-exec", "docker-entrypoint.sh", "container-entrypoint", "entrypoint.sh", "docker-php-entrypoint"}
    | {"if", "then", "else", "elif", "fi", "while", "until", "do", "done", "!"}
)
# What a script does in addition; anything else in it may be a client.
_BESIDE = frozenset(
    {"set", "echo", "printf", "date", "sleep", "true", ":", "cat", "gzip", "bzip2", "xz", "zstd", "tar", "find", "rm"}
    | {"mv", "cp", "mkdir", "ls", "cd", "test", "[", "exit", "trap", "wait", "chmod", "chown", "umask", "export"}
)
_QUOTED = re.compile(r"\$\([^()]*\)|`[^`]*`|'[^']*'|\"[^\"]*\"")


def runs_database_tool(command: t.Iterable[str]) -> bool:
    """`command` is what is executed, with its arguments."""
    for word in command:
        if re.search(r"\s", word.strip()):
            return _script(word)
        if program := _program(word):
            return bool(_TOOL.fullmatch(program))
    return False


def _script(text: str) -> bool:
    """Whether a tool is among the script's commands, and nothing that is not known."""
    commands = re.split(r"[;&|\n]+", _QUOTED.sub("x", text))
    programs = [next(filter(None, map(_program, words.split())), "") for words in commands]
    known = {program for program in programs if program}
    tools = {program for program in known if _TOOL.fullmatch(program)}
    return bool(tools) and known - tools <= _BESIDE


def _program(word: str) -> str:
    """Name of the program that the word is; empty for an option, an assignment, a number, a wrapper."""
    name = word.strip().rpartition("/")[2]
    return "" if name in _BEFORE or word.startswith(("-", ">", "<")) or "=" in word or name.isdigit() else name
