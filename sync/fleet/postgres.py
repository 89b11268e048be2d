"""A PostgreSQL server for trials and tests: a cluster in a folder of its own, durable as in production."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from edge.errors import ConfigError
from sync.fleet.ports import free_ports

USER = "qaqpa"
_NOBODY = 65534


def find_binaries() -> Path | None:
    """The newest server's folder; Debian keeps it off the path."""
    if (initdb := shutil.which("initdb")) is not None:
        return Path(initdb).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    return found[-1].parent if found else None


class Cluster:
    """PostgreSQL refuses to run as root: then it runs as nobody. `start` may follow `stop` or `kill`."""

    def __init__(self, binaries: Path, password: str | None = None) -> None:
        """`password` is a random one if not given."""
        secret = password or secrets.token_urlsafe()
        self._binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="qaqpa-pg-"))
        (self.port,) = free_ports(1)
        self.passfile = self.folder / "pgpass"
        self.passfile.write_text(f"127.0.0.1:*:*:{USER}:{secret}\n", "utf-8")
        self.passfile.chmod(0o600)
        file = self.folder / "password"
        file.write_text(secret, "utf-8")
        file.chmod(0o600)
        self.give(self.folder, file)
        self._run(
            "initdb", "--username", USER, "--pwfile", str(file), "--auth", "scram-sha-256",
            "--encoding", "UTF8", "--no-locale", "--pgdata", str(self._data),
        )  # fmt: skip

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def give(self, *paths: Path) -> None:
        """Make the server's user the owner."""
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, _NOBODY, _NOBODY)

    def start(self) -> None:
        """Returns when it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        log = str(self.folder / "server.log")
        self._run("pg_ctl", "--pgdata", str(self._data), "--log", log, "--options", options, "-w", "start")

    def stop(self) -> None:
        """In order; whoever is connected is thrown out."""
        self._run("pg_ctl", "--pgdata", str(self._data), "-m", "fast", "-w", "stop")

    def kill(self) -> None:
        """As a power cut would: it recovers from its log at the next start."""
        self._run("pg_ctl", "--pgdata", str(self._data), "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        """Stop it and leave nothing behind."""
        self.kill()
        shutil.rmtree(self.folder)

    def url(self, name: str) -> str:
        """For the hub's settings."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}?passfile={self.passfile}"

    def connect(self, name: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """For looking at what the hub stored."""
        return psycopg.connect(self.url(name), autocommit=True)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The name of an empty database."""
        name = f"hub_{uuid4().hex[:12]}"
        with self.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield name
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, program: str, *arguments: str) -> None:
        as_nobody = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
        command = [str(self._binaries / program), *arguments]
        if os.geteuid() == 0:
            command = as_nobody + command
        done = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
        if done.returncode:
            tail = done.stderr.decode("utf-8", "replace")[-500:]
            raise ConfigError(f"{program} failed: {tail}", f"See {self.folder}/server.log")
