"""The vault's migrations are SQL files; half a statement at the end of one would be left out in silence."""

import re
import sqlite3
from pathlib import Path

import pytest

from edge.vault import schema

FILES = sorted((Path(schema.__file__).parent / "sql").glob("*.sql"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_migration_ends_with_a_whole_statement(file: Path) -> None:
    text = file.read_text("utf-8")
    assert sqlite3.complete_statement(text)
    assert "".join(schema._statements(text)) == text


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [int(re.match(r"m(\d{3})_", file.name)[1]) for file in FILES] == list(range(1, len(FILES) + 1))  # type: ignore[index] # a name without a number fails here
