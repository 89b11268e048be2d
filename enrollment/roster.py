"""Reads a school's roster file: one line a pupil and guardian, and one a member of staff.

Two guardians of one pupil are two lines.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from edge.domain.ids import ChildId, pseudonym
from edge.domain.people import Child, Guardian, Role, answering_for_oneself, check_born, check_iin_of_somebody
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
    "role",
    "guardian_born",
)
REQUIRED = ("student_number", "full_name", "group", "guardian_name", "relation")
_GUARDIAN = ("guardian_name", "relation")
_OF_GUARDIAN = (*_GUARDIAN, "guardian_iin", "guardian_born")


@dataclass(frozen=True, slots=True)
class Entry:
    """A pupil with guardians, or a member of staff, who answers for himself."""

    child: Child
    guardians: list[Guardian] = field(default_factory=list)


def read_roster(path: Path, key: bytes, today: date) -> list[Entry]:
    """Parse a UTF-8 CSV. Raises ConfigError naming every bad line; then nothing should be imported."""
    entries: dict[ChildId, Entry] = {}
    problems: list[str] = []
    for number, row in _rows(path):
        try:
            _add(entries, row, key, today)
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    if problems:
        raise ConfigError(
            f"{path.name} was not imported: {'; '.join(problems[:10])}", "Mend these lines and import again"
        )
    return list(entries.values())


def guardian_id(key: bytes, student_number: str, full_name: str) -> str:
    """Stable pseudonym of a guardian of one child, so that a second import finds the same one."""
    return pseudonym(key, f"guardian/{student_number.strip()}/{as_written(full_name)}").value


def as_written(full_name: str) -> str:
    """A name without what people write now so, now so: capitals and spaces."""
    return " ".join(full_name.casefold().split())


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


def _add(entries: dict[ChildId, Entry], row: dict[str, str], key: bytes, today: date) -> None:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if None in row:
        raise ValueError("more cells than columns")
    role = _role(cells["role"])
    missing = [name for name in REQUIRED if not cells[name] and (role is Role.PUPIL or name not in _GUARDIAN)]
    if missing:
        raise ValueError(f"{', '.join(missing)} missing")
    id_ = pseudonym(key, cells["student_number"])
    child = Child(
        id_,
        cells["student_number"],
        cells["full_name"],
        _date(cells["born"], "born", today),
        cells["group"],
        _iin(cells["iin"], "iin", today),
        role,
    )
    entry = entries.setdefault(id_, Entry(child))
    if entry.child != child:
        raise ValueError("the same student number with other details")
    if role is Role.STAFF and entry.guardians:
        raise ValueError("a member of staff stands on one line")
    entry.guardians.append(
        _himself(child, cells) if role is Role.STAFF else guardian_of(key, child, cells, today)
    )


def _himself(member: Child, cells: dict[str, str]) -> Guardian:
    if any(cells[name] for name in _OF_GUARDIAN):
        raise ValueError("staff have no guardian: leave those cells empty")
    return answering_for_oneself(member, cells["phone"], cells["email"])


def guardian_of(key: bytes, child: Child, cells: Mapping[str, str], today: date) -> Guardian:
    """A child's guardian from the cells that are about one. Raises ValueError naming the column."""
    return Guardian(
        guardian_id(key, child.student_number, cells["guardian_name"]),
        child.id,
        cells["guardian_name"],
        cells["relation"],
        cells["phone"],
        cells["email"],
        _iin(cells["guardian_iin"], "guardian_iin", today),
        _date(cells["guardian_born"], "guardian_born", today),
    )


def _role(text: str) -> Role:
    try:
        return Role(text or Role.PUPIL)
    except ValueError:
        raise ValueError("role is neither pupil nor staff") from None


def _date(text: str, name: str, today: date) -> date | None:
    if not text:
        return None
    try:
        born = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} is not a date like 2015-04-02") from None
    return check_born(born, today, name)


def _iin(text: str, name: str, today: date) -> str:
    return check_iin_of_somebody(text, today, name) if text else ""
