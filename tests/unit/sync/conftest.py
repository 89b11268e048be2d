"""A hub's database with one child and its guardians."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sync.hub.database import Database
from sync.hub.directory import Directory, Entry
from sync.hub.migrate import upgrade
from tests.postgres import Cluster
from tests.unit.sync.events import CHILD

MOTHER = Entry(CHILD, "Айша", "mother", "kk", "json://localhost/mother")
FATHER = Entry(CHILD, "Айша", "father", "ru", "json://localhost/father")


@pytest.fixture
def postgres_target(postgres: Cluster) -> Iterator[str]:
    with postgres.database() as name:
        yield postgres.url(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Where a hub keeps its tables; there are none yet."""
    if request.param == "sqlite":
        yield tmp_path / "hub.db"
        return
    yield request.getfixturevalue("postgres_target")


@pytest.fixture
def empty(target: Path | str) -> Iterator[Database]:
    upgrade(target)
    with closing(Database(target)) as opened:
        yield opened


@pytest.fixture
def database(empty: Database) -> Database:
    Directory(empty).replace([MOTHER, FATHER])
    return empty
