from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.evaluation.folder import list_folder
from edge.evaluation.pictures import Problem


def test_people_and_pictures_are_listed_by_name_whatever_the_alphabet(tmp_path: Path) -> None:
    for name in ("Әлия/б.jpg", "Әлия/а.jpg", "Bob/1.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    listing = list_folder(tmp_path)
    assert [entry.name for entry in listing.entries] == ["Bob/1.jpg", "Әлия/а.jpg", "Әлия/б.jpg"]


def test_what_lies_outside_the_scheme_is_reported_and_hidden_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "a" / "deeper").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    for name in ("readme.txt", "groups.csv", ".hidden", "a/1.jpg", "a/.DS_Store"):
        (tmp_path / name).touch()
    listing = list_folder(tmp_path)
    assert [entry.name for entry in listing.entries] == ["a/1.jpg"]
    assert listing.empty == ("b",)
    assert set(listing.outside) == {("a/deeper", Problem.OUTSIDE), ("readme.txt", Problem.OUTSIDE)}


@pytest.mark.parametrize("name", ["missing", "file", "empty"])
def test_a_folder_that_cannot_be_evaluated_is_a_clear_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=name):
        list_folder(tmp_path / name)
