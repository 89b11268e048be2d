"""Who is behind a pseudonym and whom to tell: the hub's own directory, imported from the school's list.

CSV in UTF-8 with the columns of COLUMNS, one line for each guardian of each child; a member of staff has one
line without the guardian's columns, a name and nobody to tell. The file is the whole truth: whoever is not in
it is removed, together with the notices they were owed.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, delete, select

from edge.domain.ids import ChildId, pseudonym
from edge.errors import ConfigError
from sync.hub import schema
from sync.hub.channels import is_address
from sync.hub.database import Database
from sync.hub.dialect import insert
from sync.hub.messages import LANGUAGES

_GUARDIAN = ("guardian", "language", "notify_url")
COLUMNS = ("student_number", "display_name", *_GUARDIAN)


@dataclass(frozen=True, slots=True)
class Entry:
    """One guardian of one child; somebody whom nobody is told about has an empty `guardian`."""

    child: ChildId
    display_name: str = field(repr=False)
    guardian: str = field(repr=False)
    language: str
    notify_url: str = field(repr=False)

    @property
    def told(self) -> bool:
        """Whether there is somebody to tell."""
        return bool(self.guardian)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many are in the directory now, of whom nobody is told about some, and how many had to go."""

    people: int
    untold: int
    guardians: int
    removed: int


def read_key(path: Path) -> bytes:
    """The school's pseudonym key. Raises ConfigError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"cannot read the pseudonym key {path}: {error.strerror}", "Write one with: qaqpa-kiosk hub-key"
        ) from error


def read_entries(path: Path, key: bytes) -> list[Entry]:
    """Every line checked before anything is changed. Raises ConfigError with the line, not its text."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_entries(csv.DictReader(file), path, key))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"cannot read {path}: {type(error).__name__}", "It must be CSV in UTF-8") from error


def _entries(lines: "csv.DictReader[str]", path: Path, key: bytes) -> Iterator[Entry]:
    if tuple(lines.fieldnames or ()) != COLUMNS:
        raise ConfigError(f"{path} has other columns", f"Its first line must be: {','.join(COLUMNS)}")
    seen: set[tuple[ChildId, str]] = set()
    for number, line in enumerate(lines, start=2):
        entry = _entry(line, path, number, key)
        if (entry.child, entry.guardian) in seen:
            raise _wrong(path, number, "this person, or this guardian of this child, stands above already")
        seen.add((entry.child, entry.guardian))
        yield entry


def _entry(line: dict[str, str | None], path: Path, number: int, key: bytes) -> Entry:
    values = {name: (line.get(name) or "").strip() for name in COLUMNS}
    told = any(values[name] for name in _GUARDIAN)
    missing = [name for name, value in values.items() if not value and (told or name not in _GUARDIAN)]
    if missing or None in line:
        raise _wrong(path, number, f"missing: {', '.join(missing)}" if missing else "too many columns")
    if told and values["language"] not in LANGUAGES:
        raise _wrong(path, number, f"language must be one of {', '.join(LANGUAGES)}")
    if told and not is_address(values["notify_url"]):
        raise _wrong(path, number, "notify_url is not an address that Apprise knows")
    try:
        child = pseudonym(key, values.pop("student_number"))
    except ValueError as error:
        raise _wrong(path, number, str(error)) from error
    return Entry(child, **values)


def _wrong(path: Path, number: int, problem: str) -> ConfigError:
    return ConfigError(f"{path}, line {number}: {problem}", "Mend the line; nothing was imported")


class Directory:
    """The directory's tables. Raises SyncRetryable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, entries: Sequence[Entry]) -> Imported:
        """Make the directory equal to `entries`; those who stay keep the notices they are owed."""
        names = {each.child: each.display_name for each in entries}
        guardians = [each for each in entries if each.told]
        with self._database.write() as connection:
            removed = connection.execute(
                delete(schema.child).where(schema.child.c.id.not_in(list(names)))
            ).rowcount
            _put_children(connection, names)
            _remove_guardians(connection, {(each.child, each.guardian) for each in guardians})
            _put_guardians(connection, guardians)
        untold = len(names) - len({each.child for each in guardians})
        return Imported(len(names), untold, len(guardians), removed)


def _put_children(connection: Connection, names: dict[ChildId, str]) -> None:
    statement = insert(connection, schema.child)
    statement = statement.on_conflict_do_update(
        index_elements=["id"], set_={"display_name": statement.excluded.display_name}
    )
    if names:
        connection.execute(statement, [{"id": id_, "display_name": name} for id_, name in names.items()])


def _remove_guardians(connection: Connection, stay: set[tuple[ChildId, str]]) -> None:
    table = schema.guardian
    known = connection.execute(select(table.c.id, table.c.child, table.c.name)).all()
    gone = [id_ for id_, child, name in known if (child, name) not in stay]
    for id_ in gone:
        connection.execute(delete(table).where(table.c.id == id_))


def _put_guardians(connection: Connection, entries: Iterable[Entry]) -> None:
    statement = insert(connection, schema.guardian)
    statement = statement.on_conflict_do_update(
        index_elements=["child", "name"],
        set_={"language": statement.excluded.language, "notify_url": statement.excluded.notify_url},
    )
    rows = [
        {
            "child": each.child,
            "name": each.guardian,
            "language": each.language,
            "notify_url": each.notify_url,
        }
        for each in entries
    ]
    if rows:
        connection.execute(statement, rows)
