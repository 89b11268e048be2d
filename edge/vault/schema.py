"""The vault's tables and the rules that hold even if the code above them is wrong: SQL, one file a migration.

Times are UTC text of one fixed width, so that they compare as strings.
"""

import sqlite3
from importlib.resources import files

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("qaqpa.vault")


def _register(name: str, script: str) -> None:
    @MIGRATIONS(name=name)
    def migrate(db: Database) -> None:
        for statement in _statements(script):
            db.conn.execute(statement)


def _statements(script: str) -> list[str]:
    """Whole statements, triggers included; executescript() would commit half-way."""
    parts = [""]
    for line in script.splitlines(keepends=True):
        parts[-1] += line
        if sqlite3.complete_statement(parts[-1]):
            parts.append("")
    return parts[:-1]


for _file in sorted(files("edge.vault").joinpath("sql").iterdir(), key=lambda each: each.name):
    _register(_file.name.removesuffix(".sql"), _file.read_text("utf-8"))
