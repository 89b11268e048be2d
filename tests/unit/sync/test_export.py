"""Attendance on paper and for other systems: the right day and time, safe to open, and no name unasked."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.events import Direction, Kind, Uptime
from edge.domain.ids import pseudonym
from edge.errors import ConfigError
from sync.hub import audit
from sync.hub.daily import Presence, names, presences
from sync.hub.database import Database
from sync.hub.directory import Directory, Entry
from sync.hub.export import as_csv, as_ed_fi, school_year
from sync.hub.integration_settings import CalendarSettings, EdFiSettings
from sync.hub.report import compile_report, is_school_day, month_of
from sync.hub.report_text import LANGUAGES, as_html
from sync.hub.report_text import as_csv as report_csv
from sync.hub.roster import Pupil, read_roster
from sync.hub.spreadsheet import safe, table
from sync.hub.store import Store
from tests.builders import child_id
from tests.unit.sync.events import CHILD, WHEN, event, rows
from tests.unit.sync.test_gate_clock import BOOT

ALMATY = ZoneInfo("Asia/Almaty")
DAY = date(2026, 9, 1)
_PRINTED = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
IN_ATTENDANCE = "uri://ed-fi.org/AttendanceEventCategoryDescriptor#In Attendance"
CELLS = st.lists(st.text(_PRINTED), min_size=2, max_size=3)
HOUR = timedelta(hours=1)
ED_FI = EdFiSettings(school_id=255901, session_name="2026-2027 I")
ROSTER = {CHILD: Pupil("S-1", "5A"), child_id(2): Pupil("S-2", "10A")}


def a_day(database: Database) -> list[Presence]:
    """In at 08:02, out and in at noon, out at 13:02; refused in the evening."""
    moves = [(0, Direction.IN), (3, Direction.OUT), (4, Direction.IN), (5, Direction.OUT)]
    passed = [event(Kind.PASSED, WHEN + hours * HOUR, way) for hours, way in moves]
    refused = event(Kind.REFUSED, WHEN + 9 * HOUR, Direction.OUT)
    Store(database).record(rows(*passed, refused), WHEN + 9 * HOUR)
    return presences(database, DAY, DAY, ALMATY)


def test_a_day_is_the_first_entry_and_the_last_exit(database: Database) -> None:
    (found,) = a_day(database)
    assert (found.child, found.day, found.passages, found.time_certain) == (CHILD, DAY, 4, True)
    assert (found.first_in, found.last_out) == (WHEN, WHEN + 5 * HOUR)
    assert presences(database, DAY + timedelta(days=1), DAY + timedelta(days=9), ALMATY) == []


def test_somebody_who_came_after_midnight_in_the_schools_zone_is_on_that_day(database: Database) -> None:
    late = datetime(2026, 8, 31, 20, 30, tzinfo=UTC)
    Store(database).record(rows(event(Kind.PASSED, late)), WHEN)
    (found,) = presences(database, DAY - timedelta(days=1), DAY, ALMATY)
    assert found.day == DAY


def test_a_time_that_was_corrected_is_the_time_on_the_sheet(database: Database) -> None:
    wrong = datetime(2020, 1, 1, tzinfo=UTC)
    early = event(Kind.PASSED, wrong, clock_synchronised=False, uptime=Uptime(BOOT, 10))
    right = event(Kind.REFUSED, WHEN, uptime=Uptime(BOOT, 70))
    Store(database).record(rows(early, right), WHEN + HOUR)
    (found,) = presences(database, DAY, DAY, ALMATY)
    assert (found.first_in, found.time_certain) == (WHEN - timedelta(seconds=60), True)


def test_a_time_that_nobody_knows_counts_once_as_present_and_is_not_made_up(database: Database) -> None:
    wrong = WHEN - timedelta(days=3)
    Store(database).record(rows(event(Kind.PASSED, wrong, clock_synchronised=False)), WHEN)
    (found,) = presences(database, DAY - timedelta(days=9), DAY, ALMATY)
    assert (found.day, found.first_in, found.time_certain) == (DAY, None, False)


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_table_has_pseudonyms_unless_names_are_asked_for(database: Database) -> None:
    found = a_day(database)
    (line,) = parsed(as_csv(found, None, None, bom=False))
    assert line == {
        "date": "2026-09-01", "student": CHILD.value, "first_in": "08:02:00", "last_out": "13:02:00",
        "passages": "4", "time_certain": "true",
    }  # fmt: skip
    (line,) = parsed(as_csv(found, names(database), ROSTER, bom=False))
    assert (line["student"], line["display_name"], line["class"]) == ("S-1", "Айша", "5A")


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+7", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_a_name_that_is_a_formula_is_not_calculated(name: str) -> None:
    assert safe(name) == f"'{name}"
    (line,) = parsed(table(["name"], [[name]]))
    assert line["name"] == f"'{name}"


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2, max_size=3
    )
)
def test_whatever_a_name_is_it_stays_in_its_cell(cells: list[str]) -> None:
    text = table(["a"] * len(cells), [cells])
    _, back = csv.reader(io.StringIO(text, newline=""))
    assert back == [safe(each) for each in cells]
    assert not any(each.lstrip(" ").startswith(("=", "+", "-", "@")) for each in back)


def test_kazakh_letters_are_read_by_excel_too(database: Database) -> None:
    found = a_day(database)
    with_bom = as_csv(found, names(database), None, bom=True).encode()
    assert with_bom.startswith(b"\xef\xbb\xbfdate,")
    assert with_bom[3:].decode() == as_csv(found, names(database), None, bom=False)


def test_an_ed_fi_object_has_the_fields_that_the_standard_requires_and_no_name(database: Database) -> None:
    (found,) = as_ed_fi(a_day(database), ED_FI, None)
    assert found == {
        "attendanceEventCategoryDescriptor": IN_ATTENDANCE,
        "eventDate": "2026-09-01",
        "schoolReference": {"schoolId": 255901},
        "sessionReference": {"schoolId": 255901, "schoolYear": 2027, "sessionName": "2026-2027 I"},
        "studentReference": {"studentUniqueId": CHILD.value},
        "arrivalTime": "08:02:00",
        "departureTime": "13:02:00",
    }
    assert len(CHILD.value) <= 32, "the longest studentUniqueId of the standard"
    (named,) = as_ed_fi(a_day(database), ED_FI, ROSTER)
    assert named["studentReference"] == {"studentUniqueId": "S-1"}


def test_staff_are_not_reported_as_pupils(database: Database) -> None:
    assert as_ed_fi(a_day(database), ED_FI, {}) == []


@pytest.mark.parametrize(("day", "year"), [(date(2026, 9, 1), 2027), (date(2027, 5, 25), 2027)])
def test_a_school_year_is_named_after_its_end(day: date, year: int) -> None:
    assert school_year(day) == year


def test_school_days_are_those_of_the_country_and_of_the_school() -> None:
    five, six = CalendarSettings(), CalendarSettings(saturdays=True)
    off = CalendarSettings(closed=((date(2026, 10, 26), date(2026, 11, 1)),))
    assert is_school_day(date(2026, 10, 23), five)
    assert [is_school_day(date(2026, 10, 24), each) for each in (five, six)] == [False, True]
    assert not is_school_day(date(2026, 10, 25), six), "Sunday"
    assert not is_school_day(date(2026, 12, 16), six), "Independence Day"
    assert not is_school_day(date(2026, 10, 26), five), "in place of Republic Day, a Sunday"
    assert [is_school_day(date(2026, 10, 27), each) for each in (five, off)] == [True, False]
    assert (len(month_of(date(2026, 2, 1))), month_of(date(2026, 10, 1))[-1]) == (28, date(2026, 10, 31))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_monthly_sheet_is_by_class_and_counts_school_days(database: Database, language: str) -> None:
    sunday = event(Kind.PASSED, WHEN + timedelta(days=5))
    Store(database).record(rows(sunday, first=100), sunday.occurred)
    a_day(database)
    september = date(2026, 9, 1)
    found = presences(database, september, date(2026, 9, 30), ALMATY)
    report = compile_report(
        september, found, [CHILD], CalendarSettings(), names={CHILD: "Айша <b>&"}, roster=ROSTER
    )
    assert list(report.groups) == ["5A", "10A"], "5 before 10"
    (line,) = report.groups["5A"]
    assert (line.present, len(line.days), len(report.school_days)) == (1, 2, 22)
    assert report.groups["10A"][0].present == 0, "who never came is on the sheet"
    page = as_html(report, "school-7", language)
    assert f'<html lang="{language}">' in page
    assert "Айша &lt;b&gt;&amp;" in page
    assert "08:02<br>13:02" in page
    assert "<script" not in page
    assert "http" not in page
    header, one, _ = csv.reader(io.StringIO(report_csv(report, language, bom=False)))
    assert len(header) == 4 + 30
    assert one[:5] == ["5A", "Айша <b>&", "1", "22", "08:02-13:02"]


def test_without_asking_the_sheet_has_pseudonyms_and_everybody_of_the_directory(database: Database) -> None:
    Directory(database).replace([Entry(CHILD, "Айша", "", "", ""), Entry(child_id(9), "Марат", "", "", "")])
    found = a_day(database)
    report = compile_report(DAY, found, names(database), CalendarSettings(), names=None, roster=None)
    page = as_html(report, "school-7", "kk")
    assert CHILD.value in page
    assert child_id(9).value in page
    assert "Айша" not in page


def test_a_wrong_roster_names_its_line_and_nobody(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    key = b"k" * 32
    path.write_text("student_number,class\nS-1,5A\n", "utf-8")
    assert read_roster(path, key) == {pseudonym(key, "S-1"): Pupil("S-1", "5A")}
    assert "S-1" not in repr(read_roster(path, key))
    for text in (
        "student_number,class\nSECRET,\n",
        "student_number,class\nSECRET,5A,x\n",
        "number\nSECRET\n",
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(ConfigError) as caught:
            read_roster(path, key)
        assert "SECRET" not in str(caught.value)


def test_the_audit_says_who_and_when_and_never_whose(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "director")
    audit.note(database, "export csv 2026-09-01 to 2026-09-01: names", WHEN)
    (found,) = audit.notes(database)
    assert (found.at, found.account, found.action[:10]) == (WHEN, "director", "export csv")


def test_an_alarm_at_night_is_nobodys_attendance(database: Database) -> None:
    Store(database).record(rows(replace(event(Kind.ALARM), child=None)), WHEN)
    assert presences(database, DAY, DAY, ALMATY) == []
