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
    assert set(listing.outside) == {("a/deeper", Problem.FOLDER), ("readme.txt", Problem.OUTSIDE)}


@pytest.mark.parametrize("name", ["missing", "file", "empty"])
def test_a_folder_that_cannot_be_evaluated_is_a_clear_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=name):
        list_folder(tmp_path / name)


def test_a_link_that_leads_back_is_no_person_whose_pictures_are_everybodys(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "1.jpg").touch()
    (folder / "itself").symlink_to(".")
    (folder / "above").symlink_to("..")
    (folder / "round").symlink_to("round")
    (folder / "elsewhere").symlink_to(folder / "a")  # a person may well be a link
    listing = list_folder(folder)
    assert [entry.name for entry in listing.entries] == ["a/1.jpg", "elsewhere/1.jpg"]
    assert dict(listing.outside) == {
        "itself": Problem.LINK_BACK,
        "above": Problem.LINK_BACK,
        "round": Problem.OUTSIDE,
    }


@pytest.mark.parametrize("rights", [0o000, 0o444])
def test_a_folder_that_may_not_be_looked_into_is_named(folder_of_nobody: Path, rights: int) -> None:
    """With 444 its files can be listed, but nothing about them be learnt."""
    for person in ("locked", "open"):
        (folder_of_nobody / person).mkdir()
        (folder_of_nobody / person / "1.jpg").touch()
    (folder_of_nobody / "locked").chmod(rights)
    listing = list_folder(folder_of_nobody)
    assert [entry.name for entry in listing.entries] == ["open/1.jpg"]
    assert listing.outside == (("locked", Problem.UNREADABLE),)
