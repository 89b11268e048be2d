"""Daily attendance for other systems: a table in CSV, or objects of the shape that Ed-Fi's API takes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from edge.domain.ids import ChildId
from sync.hub.daily import Presence
from sync.hub.integration_settings import EdFiSettings
from sync.hub.roster import Pupil
from sync.hub.spreadsheet import table

_COLUMNS = ("date", "student", "first_in", "last_out", "passages", "time_certain")
_IN_ATTENDANCE = "uri://ed-fi.org/AttendanceEventCategoryDescriptor#In Attendance"
_SCHOOL_YEAR_BEGINS = 8
"""August: a school year that begins on 1 September is named, in Ed-Fi, after the year in which it ends."""


def as_csv(
    found: Iterable[Presence],
    names: Mapping[ChildId, str] | None,
    roster: Mapping[ChildId, Pupil] | None,
    *,
    bom: bool,
) -> str:
    """A line for each person and day. Without `names` and `roster`, pseudonyms only."""
    columns = [
        *_COLUMNS,
        *(["display_name"] if names is not None else []),
        *(["class"] if roster is not None else []),
    ]
    return table(columns, (_line(each, names, roster) for each in found), bom=bom)


def _line(
    each: Presence, names: Mapping[ChildId, str] | None, roster: Mapping[ChildId, Pupil] | None
) -> Sequence[object]:
    pupil = None if roster is None else roster.get(each.child)
    return [
        each.day.isoformat(),
        each.child.value if pupil is None else pupil.number,
        _clock(each.first_in) or "",
        _clock(each.last_out) or "",
        each.passages,
        "true" if each.time_certain else "false",
        *([names.get(each.child, "")] if names is not None else []),
        *(["" if pupil is None else pupil.group] if roster is not None else []),
    ]


def as_ed_fi(
    found: Iterable[Presence], settings: EdFiSettings, roster: Mapping[ChildId, Pupil] | None
) -> list[dict[str, Any]]:
    """StudentSchoolAttendanceEvent of the Ed-Fi Data Standard 4 and 5: who was seen, never who was absent.

    https://github.com/Ed-Fi-Alliance-OSS/Ed-Fi-Data-Standard
    """
    known = ((each, each.child.value if roster is None else _number(roster, each)) for each in found)
    return [_object(each, student, settings) for each, student in known if student is not None]


def _number(roster: Mapping[ChildId, Pupil], each: Presence) -> str | None:
    """None for staff and others who are not on the school's list of pupils."""
    pupil = roster.get(each.child)
    return None if pupil is None else pupil.number


def _object(each: Presence, student: str, settings: EdFiSettings) -> dict[str, Any]:
    times = {"arrivalTime": _clock(each.first_in), "departureTime": _clock(each.last_out)}
    return {
        "attendanceEventCategoryDescriptor": _IN_ATTENDANCE,
        "eventDate": each.day.isoformat(),
        "schoolReference": {"schoolId": settings.school_id},
        "sessionReference": {
            "schoolId": settings.school_id,
            "schoolYear": school_year(each.day),
            "sessionName": settings.session_name,
        },
        "studentReference": {"studentUniqueId": student},
        **{name: value for name, value in times.items() if value is not None},
    }


def school_year(day: date) -> int:
    """The year in which it ends."""
    return day.year + (day.month >= _SCHOOL_YEAR_BEGINS)


def _clock(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%H:%M:%S}"
