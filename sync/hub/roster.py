"""A school's list of student numbers and classes, read for one command and not kept by the hub.

CSV in UTF-8 with the columns `student_number,class`, one line for each pupil.
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from edge.domain.ids import ChildId, pseudonym
from edge.errors import ConfigError

COLUMNS = ("student_number", "class")


@dataclass(frozen=True, slots=True)
class Pupil:
    """Who a pseudonym is in the school's own systems."""

    number: str = field(repr=False)
    group: str


def read_roster(path: Path, key: bytes) -> dict[ChildId, Pupil]:
    """By pseudonym. Raises ConfigError that names the line and never quotes it."""
    pupils: dict[ChildId, Pupil] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.DictReader(file)
            if tuple(lines.fieldnames or ()) != COLUMNS:
                raise ConfigError(f"{path} has other columns", f"Its first line must be: {','.join(COLUMNS)}")
            for place, line in enumerate(lines, start=2):
                number, group = ((line.get(name) or "").strip() for name in COLUMNS)
                if not number or not group or None in line:
                    raise ConfigError(f"{path}, line {place}: two values are needed", "Mend the line")
                pupils[pseudonym(key, number)] = Pupil(number, group)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {type(error).__name__}", "It must be CSV in UTF-8") from error
    return pupils
