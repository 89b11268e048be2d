"""The hub's database: durable on commit, all or nothing, errors that tell what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from sync.hub import dialect, migrate


class Database:
    """An SQLite file or a PostgreSQL database, used from any thread.

    Raises SyncRetryable where a disk, a lock or a server is in the way, ConfigError where its tables are
    those of another version. An SQLite file belongs to this program alone: opening brings it up to date;
    a server, which other hosts share, only by `qaqpa-hub db upgrade`.
    """

    def __init__(self, target: Path | str) -> None:
        """`target` is the file, or a URL as in HubSettings."""
        self._engine = dialect.create(target, migrate.HEAD)
        self._reading = dialect.for_reading(self._engine)
        try:
            with dialect.explained():
                migrate.check(self._engine)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file or the server."""
        self._engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, all or nothing; without an error it is in the file that the path names."""
        with dialect.explained(), dialect.writing(self._engine) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One unchanging view; writers are not hindered."""
        with dialect.explained(), self._reading.connect() as connection:
            yield connection
