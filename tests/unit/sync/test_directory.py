"""The directory import takes a whole correct list or nothing, and its errors name lines, not people."""

from pathlib import Path

import pytest

from edge.domain.ids import pseudonym
from edge.errors import ConfigError
from sync.hub.directory import COLUMNS, read_entries

KEY = b"k" * 32
HEAD = ",".join(COLUMNS)
GOOD = "S-1,Айша,mother,kk,json://localhost/a"
# Apprise loads modules that Python 3.11 calls old.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def write(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "directory.csv"
    path.write_text("\n".join([*lines, ""]), "utf-8")
    return path


def test_a_child_gets_the_pseudonym_that_the_gate_gives_it(tmp_path: Path) -> None:
    (entry,) = read_entries(write(tmp_path, HEAD, GOOD), KEY)
    assert entry.child == pseudonym(KEY, "S-1")
    assert (entry.display_name, entry.guardian, entry.language) == ("Айша", "mother", "kk")
    assert "Айша" not in repr(entry)


def test_staff_stand_in_the_list_with_a_name_and_nobody_to_tell(tmp_path: Path) -> None:
    """A line that is half empty is a mistake in a child's line, and is told."""
    child, teacher = read_entries(write(tmp_path, HEAD, GOOD, "T-1,Марат,,,"), KEY)
    assert (child.told, teacher.told, teacher.display_name) == (True, False, "Марат")
    for half in ("T-1,Марат,,kk,", "T-1,Марат,,,json://localhost/a", ",Марат,,,"):
        with pytest.raises(ConfigError, match="line 2: missing"):
            read_entries(write(tmp_path, HEAD, half), KEY)


def test_a_list_saved_by_a_spreadsheet_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "directory.csv"
    path.write_text(f"{HEAD}\r\n{GOOD}\r\n", "utf-8-sig")
    assert len(read_entries(path, KEY)) == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("S-1,Айша,mother,de,json://localhost/a", "language"),
        ("S-1,Айша,mother,kk,nonsense", "notify_url"),
        ("S-1,,mother,kk,json://localhost/a", "missing: display_name"),
        (",Айша,mother,kk,json://localhost/a", "missing: student_number"),
        ("S-1,Айша,mother,kk", "missing: notify_url"),
        ("S-1,Айша,mother,kk,json://localhost/a,more", "too many columns"),
        (GOOD, "stands above already"),
    ],
)
def test_a_wrong_line_is_named_and_nobody_on_it(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_entries(write(tmp_path, HEAD, GOOD, line), KEY)
    assert "line 3" in str(caught.value)
    assert problem in str(caught.value)
    assert "Айша" not in str(caught.value)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be: student_number"):
        read_entries(write(tmp_path, "name,phone", "Айша,1"), KEY)


def test_a_short_key_or_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="under 32 bytes"):
        read_entries(write(tmp_path, HEAD, GOOD), b"short")
    with pytest.raises(ConfigError, match="cannot read"):
        read_entries(tmp_path / "none.csv", KEY)
