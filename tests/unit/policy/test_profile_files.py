"""A school that mistypes its own policy is told which key is wrong, and what would be right."""

from datetime import date
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.policy.library import KNOWN, find, find_all, floor

GOOD = """name = "school-7"
title = "School 7"
operator = "School 7"
[[editions]]
number = 1
published = 2026-09-01
[editions.rules.retention]
clause = "2.1"
days = 180
[[editions]]
number = 2
published = 2026-10-01
[editions.rules.complaint_answer]
clause = "4"
working_days = 5
"""


def refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "school.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        find(str(path))
    assert "school.toml" in str(refused.value)
    return str(refused.value)


def test_a_good_file_is_taken_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "school.toml"
    path.write_text(GOOD)
    profile = find(str(path))
    assert [edition.number for edition in profile.editions] == [1, 2]
    assert profile.newest(date(2026, 9, 30)).number == 1
    assert profile.newest(date(2026, 10, 1)).number == 2
    with pytest.raises(ConfigError, match="published = 2026-09-01, which is to come"):
        profile.newest(date(2026, 8, 31))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("number = 2", "number = 3", "number 3 follows 1; 2 is missing"),
        ("number = 2", "number = 1", "number 1 follows 1; 2 is missing"),
        ("2026-10-01", "2026-09-01", "number 2 has published = 2026-09-01, not after 2026-09-01"),
        ("published = 2026-10-01\n", "", "number 2 lacks published"),
        ('clause = "2.1"\n', "", "editions.0.rules.retention.clause: Field required"),
        ('"2.1"', '"second"', "editions.0.rules.retention.clause: 'second' has no number"),
        ("days = 180", "day = 180", "unknown key 'editions.0.rules.retention.day' (known here: clause, d"),
        ("days = 180", "days = 0", "editions.0.rules.retention.days"),
        ("rules.retention", "rules.retenton", "unknown key 'editions.0.rules.retenton' (known here: "),
        ("[[editions]]\nnumber = 2", '[[editions]]\nnumbr = 2', "unknown key 'editions.1.numbr'"),
        ("working_days = 5", "", "working_days or calendar_days is missing"),
        ("rules.retention]", 'rules.data]\nclause = "3"\nonly = { shoe = "3" }\n[x]', "data.only.shoe"),
        ("days = 180", 'days = 180\n[editions.rules.retention]\nclause = "3"', "'retention') twice"),
        ('"school-7"', '"edoox"', "name: 'edoox' is taken"),
        ('"school-7"', '"law"', "name: 'law' is taken"),
        (GOOD[GOOD.index("[[editions]]") :], "editions = []", "editions: there is none"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_the_key_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    assert told in refusal(tmp_path, GOOD.replace(old, new, 1))


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="Known are 5qbe, asppm, edoox, kezekshi, smartustaz"):
        find("kezekshii")
    with pytest.raises(ConfigError, match="no policy file"):
        find("/nowhere/school.toml")


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("one.toml", "two.toml"):
        (tmp_path / name).write_text(GOOD)
    with pytest.raises(ConfigError, match="two policies have the name school-7"):
        find_all([str(tmp_path / "one.toml"), str(tmp_path / "two.toml")])


@pytest.mark.parametrize("name", KNOWN)
def test_the_carried_policies_load_under_their_names(name: str) -> None:
    profile = find(name)
    assert str(profile.name) == name
    assert list(profile.editions[-1].rules.stated())


def test_the_floor_binds_law_and_product() -> None:
    assert [bound.policy for bound in floor()] == ["law", "product"]


@pytest.mark.parametrize(
    ("name", "rule", "clause", "says"),
    [
        ("kezekshi", "consent_channel", "2.3.4", "at least sms_code"),
        ("kezekshi", "biometric_purposes", "3.16", "only access, attendance, safety"),
        ("kezekshi", "additional_consent", "3.17", "required"),
        ("kezekshi", "third_parties", "5.1.2", "only written_permission"),
        ("kezekshi", "restriction", "5.1.4", "required"),
        ("kezekshi", "complaint_answer", "7.1", "within 7 working days"),
        ("edoox", "least_age", "1.1.4", "at least 16 years"),
        ("edoox", "destroyed_with_purpose", "5.1", "required"),
        ("smartustaz", "complaint_answer", "8.2", "within 30 calendar days"),
        ("asppm", "least_age", "1.1.4", "at least 18 years"),
        ("5qbe", "mailings_end", "7.2", "required"),
        ("5qbe", "stays_in_country", "2.2", "not required"),
    ],
)
def test_facts_of_the_carried_policies(name: str, rule: str, clause: str, says: str) -> None:
    stated = dict(find(name).editions[0].rules.stated())[rule]
    assert (stated.clause, str(stated.value)) == (clause, says)
