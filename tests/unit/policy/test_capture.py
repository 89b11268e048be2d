"""A consent that goes beyond what is in force is told field by field, with the clause."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge.domain.consent import Channel, DataCategory, Purpose
from edge.policy.capture import age_at, longest_days, objections
from edge.policy.library import find, floor
from edge.policy.strictest import InForceRules, strictest
from tests.builders import NOW, consent
from tests.unit.policy.test_profile_files import GOOD

LONG_AGO = date(1985, 4, 2)
PAPER_ONLY = """name = "paper-only"
title = "Paper only"
operator = "School 7"
[[editions]]
number = 1
[editions.rules.consent_channel]
clause = "2"
at_least = "paper"
"""


def rules(*names: str) -> InForceRules:
    return strictest([find(name).bound(find(name).editions[0]) for name in names], floor())


def told(names: Sequence[str], guardian_born: date | None = LONG_AGO, **changes: Any) -> list[str]:
    return objections(consent(**changes), guardian_born, rules(*names))


def test_every_channel_goes_through_under_kezekshi_and_a_school_may_ask_for_paper(tmp_path: Path) -> None:
    for channel in Channel:
        assert told(["kezekshi"], channel=channel) == []
    own = tmp_path / "paper.toml"
    own.write_text(PAPER_ONLY)
    assert told([str(own)], channel=Channel.PAPER) == []
    assert told([str(own)], channel=Channel.KIOSK) == [
        "channel: kiosk is less than paper (proof of consent: paper-only 2)"
    ]


def test_an_ordinary_consent_goes_through_under_every_policy() -> None:
    assert told(["kezekshi", "edoox", "smartustaz", "asppm", "5qbe"]) == []


@pytest.mark.parametrize(
    ("names", "changes", "expected"),
    [
        (
            ["kezekshi"],
            {"purposes": frozenset({Purpose.ACCESS, Purpose.MEALS})},
            "purposes: meals is not among what is in force, only access, attendance, safety"
            " (purposes of biometrics: kezekshi 3.16, product rule 2)",
        ),
        ([], {"cross_border": True}, "cross_border: required (data stays in the country: law 94-V, art. 12)"),
        ([], {"published": True}, "published: required (no publication: product rule 4)"),
        (
            ["asppm"],
            {"guardian_born": date(2009, 9, 1)},
            "guardian: must be at least 18 years (age of who agrees: asppm 1.1.4)",
        ),
        (
            ["asppm"],
            {"guardian_born": None},
            "guardian: the age is not known, and must be at least 18 years (age of who agrees: asppm 1.1.4)",
        ),
    ],
    ids=["purpose", "abroad", "published", "too young", "age unknown"],
)
def test_the_field_and_the_clause_are_named(names: list[str], changes: dict[str, Any], expected: str) -> None:
    assert told(names, **changes) == [expected]


def test_a_school_that_keeps_less_takes_no_longer_consent(tmp_path: Path) -> None:
    (tmp_path / "school.toml").write_text(GOOD)
    own = str(tmp_path / "school.toml")
    assert longest_days(rules(own)) == 180
    given = NOW - timedelta(days=1)
    assert told([own], expires_at=given + timedelta(days=180)) == []
    (line,) = told([own], expires_at=given + timedelta(days=180, hours=1))
    assert line.startswith("expires_at: 181 days are more than 180")
    assert "school-7 2.1" in line


def test_data_that_a_policy_does_not_list_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace(
        "days = 180", 'days = 366\n[editions.rules.data]\nclause = "3"\nonly = { name = "3.1" }'
    )
    (tmp_path / "school.toml").write_text(text)
    own = str(tmp_path / "school.toml")
    (line,) = told([own])
    assert line.startswith("data: face_template is not among what is in force, only name")
    assert told([own], data=frozenset({DataCategory.NAME})) == []


def test_meals_without_a_face_need_no_biometric_purpose() -> None:
    meals, name = frozenset({Purpose.MEALS}), frozenset({DataCategory.NAME})
    assert told(["kezekshi"], purposes=meals, data=name) == []


def test_nobody_is_asked_for_an_age_that_no_policy_sets() -> None:
    assert told(["kezekshi"], guardian_born=None) == []
    assert told(["edoox"], guardian_born=date(2010, 8, 31)) == []


@pytest.mark.parametrize(
    ("birth", "today", "age"),
    [
        (date(2008, 9, 1), date(2026, 9, 1), 18),
        (date(2008, 9, 2), date(2026, 9, 1), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_age_is_counted_in_full_years(birth: date, today: date, age: int) -> None:
    assert age_at(birth, today) == age
