"""Whatever file staff pick, the roster reader answers with a list or with a clear error."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.errors import ConfigError
from enrollment.roster import COLUMNS, read_roster
from tests.builders import KEY, NOW

HEAD = ",".join(COLUMNS).encode() + b"\n"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_a_roster_or_a_clear_error(tmp_path: Path, content: bytes, headed: bool) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(HEAD + content if headed else content)
    try:
        entries = read_roster(path, KEY, NOW.date())
    except ConfigError:
        return
    assert all(entry.guardians for entry in entries)


def test_two_guardians_of_one_child_are_one_child(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    row = "S-1,Aisha Test,2015-04-02,5A,,{},parent,,,\n"
    path.write_text(HEAD.decode() + row.format("Saule Test") + row.format("Marat Test"))
    (entry,) = read_roster(path, KEY, NOW.date())
    assert [guardian.full_name for guardian in entry.guardians] == ["Saule Test", "Marat Test"]
    assert len({guardian.id for guardian in entry.guardians}) == 2


def test_a_row_with_too_many_cells_is_named(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(HEAD.decode() + "S-1,A,2015-04-02,5A,,G,mother,,,,one,too,many\n")
    with pytest.raises(ConfigError, match="line 2: more cells than columns"):
        read_roster(path, KEY, NOW.date())


@pytest.mark.parametrize("column", ["iin", "guardian_iin"])
def test_an_iin_of_somebody_still_to_be_born_is_named(tmp_path: Path, column: str) -> None:
    """Its control digit is right: two digits of the year were exchanged with others."""
    path = tmp_path / "roster.csv"
    cells = {
        "student_number": "S-1",
        "full_name": "A",
        "group": "5A",
        "guardian_name": "G",
        "relation": "mother",
    }
    cells[column] = "300101500004"
    path.write_text(HEAD.decode() + ",".join(cells.get(name, "") for name in COLUMNS) + "\n")
    with pytest.raises(ConfigError, match=f"line 2: the date of birth in {column} is still to come"):
        read_roster(path, KEY, NOW.date())
