"""The PostgreSQL server of the tests, with a password that they look for where it must not be."""

from pathlib import Path

from sync.fleet import postgres
from sync.fleet.postgres import find_binaries

__all__ = ["Cluster", "find_binaries"]


class Cluster(postgres.Cluster):
    """See there."""

    def __init__(self, binaries: Path) -> None:
        super().__init__(binaries, "not-a-secret")
