import unicodedata
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.evaluation.groups import UNKNOWN, read_groups
from tests.unit.evaluation.made import axis, evaluated


@pytest.mark.parametrize(
    "text",
    [
        "person,age,sex\nӘлия,7-9,f\n",
        "\ufeffperson;age;sex\r\nӘлия; 7-9;f\r\n",
        "sex,person,age\nf,Әлия,7-9\n",
    ],
)
def test_groups_are_read_as_spreadsheets_here_write_them(tmp_path: Path, text: str) -> None:
    path = tmp_path / "groups.csv"
    path.write_bytes(text.encode())
    assert read_groups(path) == {"age": {"Әлия": "7-9"}, "sex": {"Әлия": "f"}}


def test_a_name_from_a_mac_is_the_same_name(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text(unicodedata.normalize("NFD", "person,age\nАндрей,8\n"), "utf-8")
    assert read_groups(path) == {"age": {"Андрей": "8"}}


@pytest.mark.parametrize("data", [b"", b"name,age\nx,1\n", b"person\nx\n", b"person,age\n\xff\xfe\n"])
def test_a_file_that_groups_nobody_is_a_clear_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "groups.csv"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"groups\.csv"):
        read_groups(path)


def test_the_group_that_is_refused_most_is_named() -> None:
    # In class A every second picture is like nobody's; in class B all are good.
    people = {
        f"{number:03}": [axis(number), axis(number + 100 if number < 40 and number % 2 else number)]
        for number in range(100)
    }
    membership = {f"{number:03}": "A" if number < 40 else "B" for number in range(90)}
    result = evaluated(people, groups={"class": membership})
    rows = {row.group: row for row in result.groups if row.fpir_wanted == 0.01}
    assert set(rows) == {"A", "B", UNKNOWN}
    assert rows["A"].fnir == pytest.approx(0.5)
    assert rows["A"].fnir_ci95 is not None
    assert rows["A"].fnir_ci95[0] < 0.5 < rows["A"].fnir_ci95[1]
    assert rows["B"].fnir == 0
    assert rows["A"].people == 40
    assert not rows["A"].few
    assert rows[UNKNOWN].few
    assert {worst.fnir_group for worst in result.worst} == {"A"}


def test_the_group_whose_strangers_are_let_in_most_is_named() -> None:
    # The two of class B look the same.
    people = {f"{number:03}": [axis(number)] * 2 for number in range(100)}
    people |= {name: [axis(200)] * 2 for name in ("200", "201")}
    membership = {name: "B" if name >= "200" else "A" for name in people}
    result = evaluated(people, groups={"class": membership})
    worst = result.worst[0]
    assert worst.fpir_wanted == 0.03
    assert worst.fpir_group == "B"
    assert worst.fpir > 0.3


def test_a_group_without_a_second_picture_has_no_fnir_rather_than_a_good_one() -> None:
    people = {f"{number:03}": [axis(number)] * 2 for number in range(20)} | {"x": [axis(99)]}
    membership = {name: "one" if name == "x" else "two" for name in people}
    row = next(row for row in evaluated(people, groups={"shots": membership}).groups if row.group == "one")
    assert row.fnir is None
    assert row.fpir == 0


def test_where_nobody_erred_no_group_is_called_the_worst() -> None:
    people = {f"{number:03}": [axis(number)] * 2 for number in range(20)}
    membership = {name: "A" if name < "010" else "B" for name in people}
    for worst in evaluated(people, groups={"class": membership}).worst:
        assert (worst.fnir_group, worst.fnir, worst.fpir_group, worst.fpir) == (None, 0, None, 0)


def test_a_groups_file_that_is_not_there_is_told_from_one_that_is_not_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Check the path"):
        read_groups(tmp_path / "groups.csv")
    (tmp_path / "groups.csv").write_bytes(b"person,age\n\xff\xfe\n")
    with pytest.raises(ConfigError, match="Save it as CSV in UTF-8"):
        read_groups(tmp_path / "groups.csv")
