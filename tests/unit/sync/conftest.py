"""A hub's database with one child and its guardians."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sync.hub.database import Database
from sync.hub.directory import Directory, Entry
from tests.unit.sync.events import CHILD

MOTHER = Entry(CHILD, "Айша", "mother", "kk", "json://localhost/mother")
FATHER = Entry(CHILD, "Айша", "father", "ru", "json://localhost/father")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "hub.db")) as opened:
        Directory(opened).replace([MOTHER, FATHER])
        yield opened
