"""Reads a school's roster file: one line a child and guardian; two guardians are two lines."""

import csv
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from edge.domain.ids import ChildId, pseudonym
from edge.domain.iin import check_iin
from edge.domain.people import Child, Guardian
from edge.errors import ConfigError

COLUMNS = (
    "student_number",
    "full_name",
    "born",
    "group",
    "iin",
    "guardian_name",
    "relation",
    "phone",
    "email",
    "guardian_iin",
)
REQUIRED = ("student_number", "full_name", "born", "group", "guardian_name", "relation")


@dataclass(frozen=True, slots=True)
class Entry:
    """A child and its guardians."""

    child: Child
    guardians: list[Guardian] = field(default_factory=list)


def read_roster(path: Path, key: bytes) -> list[Entry]:
    """Parse a UTF-8 CSV. Raises ConfigError naming every bad line; then nothing should be imported."""
    entries: dict[ChildId, Entry] = {}
    problems: list[str] = []
    for number, row in _rows(path):
        try:
            _add(entries, row, key)
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    if problems:
        raise ConfigError(
            f"{path.name} was not imported: {'; '.join(problems[:10])}", "Mend these lines and import again"
        )
    return list(entries.values())


def guardian_id(key: bytes, student_number: str, full_name: str) -> str:
    """Stable pseudonym of a guardian of one child, so that a second import finds the same one."""
    return pseudonym(key, f"guardian/{student_number.strip()}/{' '.join(full_name.casefold().split())}").value


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            found = set(reader.fieldnames or ())
            if not set(REQUIRED) <= found or found - set(COLUMNS):
                raise ConfigError(
                    f"{path.name} has columns {', '.join(sorted(found)) or 'none'}",
                    f"Name the columns {', '.join(COLUMNS)} (all but {', '.join(REQUIRED)} may be left out)",
                )
            return [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"cannot read {path.name}: {error}", "Save the roster as CSV in UTF-8") from error


def _add(entries: dict[ChildId, Entry], row: dict[str, str], key: bytes) -> None:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if None in row:
        raise ValueError("more cells than columns")
    missing = [name for name in REQUIRED if not cells[name]]
    if missing:
        raise ValueError(f"{', '.join(missing)} missing")
    id_ = pseudonym(key, cells["student_number"])
    child = Child(
        id_,
        cells["student_number"],
        cells["full_name"],
        _date(cells["born"]),
        cells["group"],
        _iin(cells["iin"]),
    )
    entry = entries.setdefault(id_, Entry(child))
    if entry.child != child:
        raise ValueError("the same student number with other details")
    entry.guardians.append(
        Guardian(
            guardian_id(key, cells["student_number"], cells["guardian_name"]),
            id_,
            cells["guardian_name"],
            cells["relation"],
            cells["phone"],
            cells["email"],
            _iin(cells["guardian_iin"]),
        )
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("born is not a date like 2015-04-02") from None


def _iin(text: str) -> str:
    return check_iin(text) if text else ""
