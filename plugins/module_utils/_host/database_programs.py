# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of a database server's own that ask it, dump it and restore it, on this host or in a container."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
import typing as t
from dataclasses import dataclass

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host.program import ask
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_dump import PROGRAMS, is_prefix
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import docker

# Seconds for a question, and how long a server may take to accept a connection.
_PATIENCE, _CONNECT = 120, 15
_CHUNK = 1 << 20
# Lines of a program's errors that are told.
_LINES = 5

_FIND = """
for name in $1; do program=$(command -v "$name") && break; done
[ -n "$program" ] || { echo "none of these programs is installed: $1" >&2; exit 127; }
shift
export HOME=/nonexistent
"""
# A login of the user who runs this, in files of the home directory, would overrule the options. These come through a
# pipe: the password is neither in a file nor among the arguments.
_RUN = {
    "mysql": _FIND
    + """
exec "$program" --defaults-extra-file=/dev/fd/3 "$@" 3<<END
$DATABASE_OPTIONS
END
""",
    "postgresql": _FIND + 'exec "$program" "$@"\n',
}

# The options of the modules that use them.
ARGUMENTS: dict[str, dict[str, t.Any]] = {
    "engine": {"type": "str", "choices": list(PROGRAMS), "required": True},
    "prefix": {"type": "str", "required": True},
    "directory": {"type": "path", "required": True},
    "container": {"type": "str"},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "user": {"type": "str", "required": True},
    "password": {"type": "str", "no_log": True},
    "ca_path": {"type": "path"},
    "certificate_path": {"type": "path"},
    "key_path": {"type": "path"},
}


class ProgramError(Exception):
    """A program failed; its text is what it said, without a secret."""


@dataclass(frozen=True)
class Programs:
    """How the programs of one server are run; C(docker) is the path of Docker's client, where there is a C(container).

    Without a C(host) they use the server's Unix socket. With C(ca_path) the connection is encrypted, and the server's
    certificate and name are verified.
    """

    engine: str
    container: str = ""
    docker: str = "docker"
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    ca_path: str = ""
    certificate_path: str = ""
    key_path: str = ""

    def ask(self, purpose: str, arguments: t.Sequence[str]) -> str:
        """What a program prints. Raises ProgramError."""
        command, environment = self._call(purpose, arguments)
        try:
            done = ask(command, _PATIENCE, more=environment)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise ProgramError(f"{command[0]} cannot be run: {error}") from None
        if done.returncode:
            raise ProgramError(_said(done.stderr, done.returncode))
        return done.stdout

    def pour(self, arguments: t.Sequence[str], write: t.Callable[[bytes], object], timeout: float) -> None:
        """Dump: hand all that the program prints to C(write). Raises ProgramError; OSError of C(write)."""
        with _running(*self._call("dump", arguments), timeout, stdout=subprocess.PIPE) as process:
            output = t.cast("t.IO[bytes]", process.stdout)
            while data := output.read(_CHUNK):
                write(data)

    def feed(self, arguments: t.Sequence[str], chunks: t.Iterable[bytes], timeout: float) -> None:
        """Restore: hand the chunks to the program. Raises ProgramError; OSError of the chunks."""
        with _running(*self._call("restore", arguments), timeout, stdin=subprocess.PIPE) as process:
            entrance = t.cast("t.IO[bytes]", process.stdin)
            # A program that fails in the middle takes no more; its end says why.
            with contextlib.suppress(BrokenPipeError):
                for data in chunks:
                    entrance.write(data)

    def _call(self, purpose: str, arguments: t.Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """The command, and what its environment holds beside the host's."""
        environment = {"LC_ALL": "C", **(self._mysql() if self.engine == "mysql" else self._postgresql())}
        command = ["sh", "-c", _RUN[self.engine], "sh", " ".join(PROGRAMS[self.engine][purpose]), *arguments]
        if self.container:
            # Docker's client takes the values from its own environment.
            names = [f"--env={name}" for name in environment]
            command = docker("exec", "--interactive", *names, self.container, *command, program=self.docker)
        return command, environment

    def _mysql(self) -> dict[str, str]:
        given = {"user": self.user, "password": self.password, "host": self.host, "port": str(self.port or "")}
        lines = ["[client]", *(f"{name}={_quoted(value)}" for name, value in given.items() if value)]
        if self.ca_path:
            # MySQL's programs know the one, MariaDB's the other.
            verified = ("loose-ssl-mode=VERIFY_IDENTITY", "loose-ssl-verify-server-cert=1")
            files = {"ssl-ca": self.ca_path, "ssl-cert": self.certificate_path, "ssl-key": self.key_path}
            lines += [*(f"{name}={_quoted(path)}" for name, path in files.items() if path), *verified]
        else:
            # As the client does. MariaDB's programs demand TLS from 11.4 on.
            lines.append("loose-ssl-verify-server-cert=0")
        lines += ["[mysql]", f"connect-timeout={_CONNECT}"]
        # The statistics are a table that MySQL 5.7 and MariaDB have not.
        lines += ["[mysqldump]", "loose-set-gtid-purged=OFF", "loose-column-statistics=0"]
        return {"DATABASE_OPTIONS": "\n".join(lines)}

    def _postgresql(self) -> dict[str, str]:
        given = {
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGHOST": self.host,
            "PGPORT": str(self.port or ""),
            "PGSSLROOTCERT": self.ca_path,
            "PGSSLCERT": self.certificate_path,
            "PGSSLKEY": self.key_path,
            "PGSSLMODE": "verify-full" if self.ca_path else "",
            "PGCONNECT_TIMEOUT": str(_CONNECT),
        }
        return {name: value for name, value in given.items() if value}


def programs_of(module: AnsibleModule) -> Programs:
    """The programs by a module's options; ends the module where the prefix is none, or Docker's client is missing."""
    given = {name: module.params[name] for name in ARGUMENTS if name not in ("prefix", "directory")}
    if not is_prefix(module.params["prefix"]):
        module.fail_json(msg="prefix has other characters than letters, digits, _ and -, or more than 49.")
    program = module.get_bin_path("docker", required=True) if given["container"] else ""
    return Programs(**{name: value for name, value in given.items() if value}, docker=program)


@contextlib.contextmanager
def _running(
    command: list[str],
    environment: dict[str, str],
    timeout: float,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
) -> t.Iterator[subprocess.Popen[bytes]]:
    """A program that runs, at most C(timeout) seconds. Raises ProgramError where it does not succeed."""
    late = threading.Event()
    # Errors go to a file: a program that says much would wait for the reader of a pipe.
    with contextlib.ExitStack() as stack:
        errors = stack.enter_context(tempfile.TemporaryFile())
        try:
            # A module's own run_command() keeps in memory what it reads.
            # pylint: disable-next=ansible-bad-function
            started = subprocess.Popen(
                command, env={**os.environ, **environment}, stdin=stdin, stdout=stdout, stderr=errors
            )
        except OSError as error:
            raise ProgramError(f"{command[0]} cannot be run: {error}") from None
        process = stack.enter_context(started)

        def end() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(timeout, end)
        clock.daemon = True
        clock.start()
        try:
            yield process
            _close(process)
            status = process.wait()
        except BaseException:
            process.kill()
            _close(process)
            raise
        finally:
            clock.cancel()
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace")
    if late.is_set():
        raise ProgramError(f"it was stopped after {timeout:g} seconds")
    if status:
        raise ProgramError(_said(said, status))


def _close(process: subprocess.Popen[bytes]) -> None:
    """Tell the program that there is no more; one that has ended says itself why."""
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def _quoted(value: str) -> str:
    """A value for an option file of MySQL and MariaDB."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _said(errors: str, status: int) -> str:
    """The last lines of a program's errors, without its warnings of options that another edition knows."""
    lines = [line.strip() for line in errors.splitlines() if line.strip() and "unknown variable 'loose" not in line]
    return " ".join(lines[-_LINES:]) or f"it ended with code {status}"
